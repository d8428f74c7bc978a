/** URLs as Go's net/url reads them: what is accepted, the parts, and the texts of complaints. */
import { goQuote } from '#api/meta/go-quote.ts'
import { parseIp } from '#api/validation/addresses.ts'

export interface GoUrl {
  scheme: string
  opaque: string
  user: string
  host: string
  /** As written. */
  path: string
  query: string
  forceQuery: boolean
  fragment: string
  omitHost: boolean
}

class UrlFault {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** Parses an absolute URL or path, as the OpenAPI format `uri` demands. The error has the URL in front. */
export function parseRequestUri(text: string): { url: GoUrl } | { error: string } {
  return parseWith(text, text, true)
}

/** As url.Parse: with a fragment, and relative references too. */
export function parseUrl(text: string): { url: GoUrl } | { error: string } {
  const hash = text.indexOf('#')
  if (hash < 0) return parseWith(text, text, false)
  const parsed = parseWith(text.slice(0, hash), text.slice(0, hash), false)
  if ('error' in parsed) return parsed
  const fragment = text.slice(hash + 1)
  const bad = badEscape(fragment)
  return bad === undefined ? { url: { ...parsed.url, fragment } } : { error: `parse ${goQuote(text)}: ${bad}` }
}

function parseWith(text: string, shown: string, viaRequest: boolean): { url: GoUrl } | { error: string } {
  const parsed = parse(text, viaRequest)
  return parsed instanceof UrlFault ? { error: `parse ${goQuote(shown)}: ${parsed.message}` } : { url: parsed }
}

const hasControl = (text: string): boolean => [...text].some((char) => char < ' ' || char === '\x7f')

function parse(text: string, viaRequest: boolean): GoUrl | UrlFault {
  if (hasControl(text)) return new UrlFault('net/url: invalid control character in URL')
  if (text === '' && viaRequest) return new UrlFault('empty url')
  const empty: GoUrl = { scheme: '', opaque: '', user: '', host: '', path: '', query: '', forceQuery: false, fragment: '', omitHost: false }
  if (text === '*') return { ...empty, path: '*' }
  if (text.startsWith(':')) return new UrlFault('missing protocol scheme')
  const schemeMatch = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)
  const scheme = (schemeMatch?.[1] ?? '').toLowerCase()
  const behind = schemeMatch ? text.slice(schemeMatch[0].length) : text
  const { rest, query, forceQuery } = cutQuery(behind)
  const url = { ...empty, scheme, query, forceQuery }
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...url, opaque: rest }
    if (viaRequest) return new UrlFault('invalid URI for request')
    if ((rest.split('/')[0] as string).includes(':')) return new UrlFault('first path segment in URL cannot contain colon')
  }
  return withAuthority(url, rest, viaRequest)
}

function cutQuery(text: string): { rest: string; query: string; forceQuery: boolean } {
  const mark = text.indexOf('?')
  if (mark < 0) return { rest: text, query: '', forceQuery: false }
  return { rest: text.slice(0, mark), query: text.slice(mark + 1), forceQuery: mark === text.length - 1 }
}

function withAuthority(url: GoUrl, rest: string, viaRequest: boolean): GoUrl | UrlFault {
  const hasAuthority = (url.scheme !== '' || (!viaRequest && !rest.startsWith('///'))) && rest.startsWith('//')
  if (!hasAuthority) {
    const bad = badEscape(rest)
    return bad === undefined ? { ...url, path: rest, omitHost: url.scheme !== '' && rest.startsWith('/') } : new UrlFault(bad)
  }
  const slash = rest.indexOf('/', 2)
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash)
  const path = slash < 0 ? '' : rest.slice(slash)
  const at = authority.lastIndexOf('@')
  const host = parseHost(url.scheme, authority.slice(at + 1))
  if (host instanceof UrlFault) return host
  const user = at < 0 ? '' : authority.slice(0, at)
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) return new UrlFault('net/url: invalid userinfo')
  const bad = badEscape(user) ?? badEscape(path)
  return bad === undefined ? { ...url, user, host, path } : new UrlFault(bad)
}

const validPort = (text: string): boolean => /^(?::[0-9]*)?$/.test(text)

function parseHost(scheme: string, host: string): string | UrlFault {
  const open = host.lastIndexOf('[')
  if (open > 0) return new UrlFault('invalid IP-literal')
  if (open === 0) return parseLiteral(host)
  const first = host.indexOf(':')
  if (first >= 0) {
    const strict = scheme === 'http' || scheme === 'https'
    const port = host.slice(strict ? first : host.lastIndexOf(':'))
    if (!validPort(port)) return new UrlFault(`invalid port ${goQuote(port)} after host`)
  }
  return hostFault(host) ?? decoded(host)
}

function parseLiteral(host: string): string | UrlFault {
  const close = host.lastIndexOf(']')
  if (close < 0) return new UrlFault("missing ']' in host")
  const port = host.slice(close + 1)
  if (!validPort(port)) return new UrlFault(`invalid port ${goQuote(port)} after host`)
  const inside = decoded(host.slice(1, close))
  const address = inside.split('%')[0] as string
  const ip = parseIp(address)
  if (!ip) return new UrlFault(`invalid host: ParseAddr(${goQuote(inside)}): unable to parse IP`)
  return address.includes(':') ? `[${inside}]${port}` : new UrlFault('invalid IP-literal')
}

/** Characters that no host has; escapes only stand for bytes beyond ASCII there. */
function hostFault(host: string): UrlFault | undefined {
  const wrongEscape = badEscape(host)
  if (wrongEscape !== undefined) return new UrlFault(wrongEscape)
  const ascii = /%[0-7][0-9a-fA-F]/.exec(host)
  if (ascii) return new UrlFault(`invalid URL escape ${goQuote(ascii[0])}`)
  const wrong = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\x80-\u{10ffff}]/u.exec(host)
  return wrong ? new UrlFault(`invalid character ${goQuote(wrong[0])} in host name`) : undefined
}

function badEscape(text: string): string | undefined {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text)
  return bad ? `invalid URL escape ${goQuote(bad[0])}` : undefined
}

/** Percent escapes as the bytes they stand for. */
export function decoded(text: string): string {
  if (!text.includes('%')) return text
  const bytes = text
    .split(/(%[0-9a-fA-F]{2})/)
    .map((part) => (/^%[0-9a-fA-F]{2}$/.test(part) ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part)))
  return Buffer.concat(bytes).toString('utf8')
}

function escapedWith(text: string, keep: RegExp): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      return byte < 0x80 && keep.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

/** The path with what must be escaped escaped; as it was written where that is valid. */
export function escapedPath(url: GoUrl): string {
  if (/^(?:[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]/]|%[0-9a-fA-F]{2})*$/.test(url.path)) return url.path
  return escapedWith(decoded(url.path), /[A-Za-z0-9\-_.~$&+,/:;=@]/)
}

/** Host and port of `host:port`, brackets removed. */
export function hostAndPort(host: string): { hostname: string; port: string } {
  const colon = host.lastIndexOf(':')
  const hasPort = colon >= 0 && validPort(host.slice(colon))
  const name = hasPort ? host.slice(0, colon) : host
  return { hostname: /^\[.*\]$/s.test(name) ? name.slice(1, -1) : name, port: hasPort ? host.slice(colon + 1) : '' }
}

/** The query as lists of values by name; pairs that cannot be decoded are left out. */
export function queryOf(url: GoUrl): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (const pair of url.query.split('&')) {
    if (pair === '' || pair.includes(';') || badEscape(pair) !== undefined) continue
    const equals = pair.indexOf('=')
    const plain = (part: string) => decoded(part.replaceAll('+', ' '))
    const key = plain(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : plain(pair.slice(equals + 1))
    values.set(key, [...(values.get(key) ?? []), value])
  }
  return values
}

export function formatUrl(url: GoUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`
  const query = url.forceQuery || url.query !== '' ? `?${url.query}` : ''
  const fragment = url.fragment === '' ? '' : `#${url.fragment}`
  if (url.opaque !== '') return scheme + url.opaque + query + fragment
  const hasAuthority = (url.scheme !== '' || url.host !== '' || url.user !== '') && !(url.omitHost && url.host === '' && url.user === '')
  const user = url.user === '' ? '' : `${url.user}@`
  const authority = hasAuthority && (url.host !== '' || url.path !== '' || url.user !== '') ? `//${user}${url.host}` : ''
  return scheme + authority + escapedPath(url) + query + fragment
}
