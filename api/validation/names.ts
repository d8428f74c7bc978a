/** Syntax of names, labels, ports and keys. Each check returns upstream's messages, none where the value is fine. */

const dns1123Label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const dns1123Subdomain = `${dns1123Label}(\\.${dns1123Label})*`
const dns1123LabelWithUnderscore = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const dns1123SubdomainWithUnderscore = `${dns1123LabelWithUnderscore}(\\.${dns1123LabelWithUnderscore})*`
const dns1035Label = '[a-z]([-a-z0-9]*[a-z0-9])?'
const wildcardDns1123Subdomain = `\\*\\.${dns1123Subdomain}`
const labelKey = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${labelKey})?`
const configMapKey = '[-._a-zA-Z0-9]+'
const httpHeaderName = '[-A-Za-z0-9]+'
const envVarName = '[-._a-zA-Z][-._a-zA-Z0-9]*'
const percent = '[0-9]+%'

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`)
const patterns = {
  dns1123Label: whole(dns1123Label),
  dns1123Subdomain: whole(dns1123Subdomain),
  dns1123SubdomainWithUnderscore: whole(dns1123SubdomainWithUnderscore),
  dns1035Label: whole(dns1035Label),
  wildcardDns1123Subdomain: whole(wildcardDns1123Subdomain),
  labelKey: whole(labelKey),
  labelValue: whole(labelValue),
  configMapKey: whole(configMapKey),
  httpHeaderName: whole(httpHeaderName),
  envVarName: whole(envVarName),
  percent: whole(percent),
} as const

const DNS_1123_LABEL_MAX = 63
const DNS_1123_SUBDOMAIN_MAX = 253

const maxLenMessage = (length: number): string => `must be no more than ${length} characters`
const maxBytesMessage = (length: number): string => `must be no more than ${length} bytes`
export const inclusiveRangeMessage = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`
const emptyMessage = 'must be non-empty'

/** `text (e.g. 'a',  or 'b', regex used for validation is '…')`, with upstream's commas. */
function regexMessage(text: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${text} (regex used for validation is '${pattern}')`
  return `${text} (e.g. ${examples.map((e) => `'${e}', `).join(' or ')}regex used for validation is '${pattern}')`
}

/** Length as Go counts it, in bytes of UTF-8. */
export const byteLength = (text: string): number => Buffer.byteLength(text)

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"

/** One label of a DNS name: most names that become host names. */
export function checkDns1123Label(value: string): string[] {
  const found: string[] = []
  if (byteLength(value) > DNS_1123_LABEL_MAX) found.push(maxLenMessage(DNS_1123_LABEL_MAX))
  if (patterns.dns1123Label.test(value)) return found
  if (patterns.dns1123Subdomain.test(value)) found.push('must not contain dots')
  else {
    const text =
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
    found.push(regexMessage(text, dns1123Label, 'my-name', '123-abc'))
  }
  return found
}

function subdomainMessages(value: string, max: (length: number) => string): string[] {
  const found: string[] = []
  if (byteLength(value) > DNS_1123_SUBDOMAIN_MAX) found.push(max(DNS_1123_SUBDOMAIN_MAX))
  if (!patterns.dns1123Subdomain.test(value)) found.push(regexMessage(subdomainText, dns1123Subdomain, 'example.com'))
  return found
}

export const checkDns1123Subdomain = (value: string): string[] => subdomainMessages(value, maxLenMessage)

export function checkDns1123SubdomainWithUnderscore(value: string): string[] {
  const text =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character"
  const found: string[] = []
  if (byteLength(value) > DNS_1123_SUBDOMAIN_MAX) found.push(maxLenMessage(DNS_1123_SUBDOMAIN_MAX))
  if (!patterns.dns1123SubdomainWithUnderscore.test(value)) {
    found.push(regexMessage(text, dns1123SubdomainWithUnderscore, 'example.com'))
  }
  return found
}

export function checkWildcardDns1123Subdomain(value: string): string[] {
  const text =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
  const found: string[] = []
  if (byteLength(value) > DNS_1123_SUBDOMAIN_MAX) found.push(maxLenMessage(DNS_1123_SUBDOMAIN_MAX))
  if (!patterns.wildcardDns1123Subdomain.test(value)) found.push(regexMessage(text, wildcardDns1123Subdomain, '*.example.com'))
  return found
}

export function checkDns1035Label(value: string): string[] {
  const text =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
  const found: string[] = []
  if (byteLength(value) > DNS_1123_LABEL_MAX) found.push(maxLenMessage(DNS_1123_LABEL_MAX))
  if (!patterns.dns1035Label.test(value)) found.push(regexMessage(text, dns1035Label, 'my-name', 'abc-123'))
  return found
}

const keyText = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const keyMessage = (): string => regexMessage(keyText, labelKey, 'MyName', 'my.name', '123-abc')

/** `name` or `prefix/name`: keys of labels, annotations, resources and finalizers. */
export function checkQualifiedName(value: string): string[] {
  if (goodNames.has(value)) return []
  const messages = qualifiedNameMessages(value)
  if (messages.length === 0 && value.length <= maxKeptLength) {
    if (goodNames.size >= maxKept) goodNames.clear()
    goodNames.add(value)
  }
  return messages
}

/** The same names come again and again. */
const goodNames = new Set<string>()
const maxKept = 4096
const maxKeptLength = 128

function qualifiedNameMessages(value: string): string[] {
  const parts = value.split('/')
  if (parts.length > 2) {
    return [`a valid label key ${keyMessage()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const found: string[] = []
  const name = parts[parts.length - 1] ?? ''
  if (parts.length === 2) {
    const prefix = parts[0] ?? ''
    if (prefix === '') found.push(`prefix part ${emptyMessage}`)
    else found.push(...subdomainMessages(prefix, maxBytesMessage).map((message) => `prefix part ${message}`))
  }
  if (name === '') found.push(`name part ${emptyMessage}`)
  else if (byteLength(name) > 63) found.push(`name part ${maxBytesMessage(63)}`)
  if (!patterns.labelKey.test(name)) found.push(`name part ${keyMessage()}`)
  return found
}

export function checkLabelValue(value: string): string[] {
  const text =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
  const found: string[] = []
  if (byteLength(value) > 63) found.push(maxBytesMessage(63))
  if (!patterns.labelValue.test(value)) found.push(regexMessage(text, labelValue, 'MyValue', 'my_value', '12345'))
  return found
}

function checkInRange(value: number, low: number, high: number): string[] {
  return value >= low && value <= high ? [] : [inclusiveRangeMessage(low, high)]
}

export const checkPortNumber = (port: number): string[] => checkInRange(port, 1, 65535)
export const checkUserId = (id: number): string[] => checkInRange(id, 0, 2147483647)
export const checkGroupId = (id: number): string[] => checkInRange(id, 0, 2147483647)

export function checkPortName(value: string): string[] {
  const found: string[] = []
  if (byteLength(value) > 15) found.push(maxLenMessage(15))
  if (!/^[-a-z0-9]+$/.test(value)) found.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) found.push('must contain at least one letter (a-z)')
  if (value.includes('--')) found.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) found.push('must not begin or end with a hyphen')
  return found
}

export function checkPercent(value: string): string[] {
  if (patterns.percent.test(value)) return []
  return [regexMessage("a valid percent string must be a numeric string followed by an ending '%'", percent, '1%', '93%')]
}

export function checkHttpHeaderName(value: string): string[] {
  if (patterns.httpHeaderName.test(value)) return []
  return [regexMessage("a valid HTTP header must consist of alphanumeric characters or '-'", httpHeaderName, 'X-Header-Name')]
}

/** `.`, `..` and names that begin with `..` would leave the folder in which keys become files. */
function changeDirectoryMessages(value: string): string[] {
  if (value === '.') return ["must not be '.'"]
  if (value === '..') return ["must not be '..'"]
  return value.startsWith('..') ? ["must not start with '..'"] : []
}

/** The strict form, still used where a name is not a container's env var (`checkRelaxedEnvVarName`). */
export function checkEnvVarName(value: string): string[] {
  const text =
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit"
  const found = patterns.envVarName.test(value) ? [] : [regexMessage(text, envVarName, 'my.env-name', 'MY_ENV.NAME', 'MyEnvName1')]
  return [...found, ...changeDirectoryMessages(value)]
}

export function checkRelaxedEnvVarName(value: string): string[] {
  const found = value === '' ? [`environment variable name ${emptyMessage}`] : []
  if (/[^ -<>-~]/.test(value)) {
    found.push("a valid environment variable name must consist only of printable ASCII characters other than '='")
  }
  return found
}

export function checkConfigMapKey(value: string): string[] {
  const found: string[] = []
  if (byteLength(value) > DNS_1123_SUBDOMAIN_MAX) found.push(maxLenMessage(DNS_1123_SUBDOMAIN_MAX))
  if (!patterns.configMapKey.test(value)) {
    const text = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    found.push(regexMessage(text, configMapKey, 'key.name', 'KEY_NAME', 'key-name'))
  }
  return [...found, ...changeDirectoryMessages(value)]
}

/** Names that become one segment of a URL path. */
export function checkPathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`)
}

const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const httpPathPattern = whole(httpPath)

/** `acme.io/foo`. Each fault with the part that it is about; an empty message where there is no text at all. */
export function checkDomainPrefixedPath(value: string): { value: string; message: string }[] {
  if (value === '') return [{ value, message: '' }]
  const slash = value.indexOf('/')
  if (slash <= 0 || slash === value.length - 1) return [{ value, message: 'must be a domain-prefixed path (such as "acme.io/foo")' }]
  const [host, path] = [value.slice(0, slash), value.slice(slash + 1)]
  const found = checkDns1123Subdomain(host).map((message) => ({ value: host, message }))
  if (!httpPathPattern.test(path)) found.push({ value: path, message: regexMessage('Invalid path', httpPath) })
  return found
}
