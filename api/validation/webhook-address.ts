/** Where webhooks are reached: rules of their URLs and services (upstream: apiserver/pkg/util/webhook). */
import { type FieldError, invalid, required } from '#api/meta/field-error.ts'
import { checkDns1123Subdomain, checkPortNumber } from './names.ts'

const form = '; desired format: https://host[/path]'
const parts = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s

export function validateWebhookUrl(field: string, url: string): FieldError[] {
  const fault = urlFault(url)
  if (fault !== undefined) return [required(field, `url must be a valid URL: ${fault}${form}`)]
  const [, scheme = '', authority = '', , query = '', fragment = ''] = parts.exec(url) ?? []
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  const found: FieldError[] = []
  if (scheme.toLowerCase() !== 'https') found.push(invalid(field, scheme.toLowerCase(), `'https' is the only allowed URL scheme${form}`))
  if (host === '') found.push(invalid(field, '', `host must be specified${form}`))
  if (at >= 0) found.push(invalid(field, authority.slice(0, at), 'user information is not permitted in the URL'))
  if (fragment !== '') found.push(invalid(field, fragment, 'fragments are not permitted in the URL'))
  if (query !== '') found.push(invalid(field, query, 'query parameters are not permitted in the URL'))
  return found
}

/** What Go's parser refuses. */
function urlFault(url: string): string | undefined {
  const quoted = JSON.stringify(url)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(url)) return `parse ${quoted}: net/url: invalid control character in URL`
  if (url.startsWith(':')) return `parse ${quoted}: missing protocol scheme`
  const [, scheme, authority, path = ''] = parts.exec(url) ?? []
  if (scheme === undefined && authority === undefined && path.split('/')[0]?.includes(':')) {
    return `parse ${quoted}: first path segment in URL cannot contain colon`
  }
  const broken = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(path)
  if (broken) return `parse ${quoted}: invalid URL escape ${JSON.stringify(broken[0])}`
  const host = (authority ?? '').slice((authority ?? '').lastIndexOf('@') + 1)
  const character = /[ "<>\\^`{|}]/.exec(host)
  if (character) return `parse ${quoted}: invalid character ${JSON.stringify(character[0])} in host name`
  const port = /:([^:\]]*)$/.exec(host)
  return port && !/^\d*$/.test(port[1] ?? '') ? `parse ${quoted}: invalid port ${JSON.stringify(port[0])} after host` : undefined
}

function validatePath(field: string, path: string): FieldError[] {
  if (path === '' || path === '/') return []
  if (path === '//') return [invalid(field, path, 'segment[0] may not be empty')]
  const found = path.startsWith('/') ? [] : [invalid(field, path, "must start with a '/'")]
  const steps = path.slice(1).replace(/\/$/, '').split('/')
  const wrong = steps.flatMap((step, i) => {
    if (step === '') return [`segment[${i}] may not be empty`]
    return checkDns1123Subdomain(step).map((message) => `segment[${i}]: ${message}`)
  })
  return [...found, ...wrong.map((message) => invalid(field, path, message))]
}

interface ServiceAddress {
  namespace: string
  name: string
  path?: string | undefined
  port?: number | undefined
}

/** `port` is filled in by defaults before. */
export function validateWebhookService(field: string, { namespace, name, path, port = 0 }: ServiceAddress): FieldError[] {
  const found: FieldError[] = []
  if (name === '') found.push(required(`${field}.name`))
  if (namespace === '') found.push(required(`${field}.namespace`))
  const messages = checkPortNumber(port)
  if (messages.length > 0) found.push(invalid(`${field}.port`, port, `port is not valid: ${messages.join(', ')}`))
  return path === undefined ? found : [...found, ...validatePath(`${field}.path`, path)]
}
