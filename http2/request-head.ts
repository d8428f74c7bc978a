/** What a list of fields says of a request, if it is one (RFC 9113, 8.2 and 8.3; pure). */
import type { IncomingHttpHeaders } from 'node:http'
import type { HeaderField } from './header-table.ts'

export interface RequestHead {
  readonly method: string
  /** The path with the query; `/` where there is none (CONNECT). */
  readonly url: string
  /** Names are lower-case, as they came; what comes twice is joined. The pseudo-fields are among them. */
  readonly headers: IncomingHttpHeaders
  /** Names and values in turns. */
  readonly rawHeaders: readonly string[]
  /** Bytes that the body is to have. */
  readonly contentLength: number | undefined
}

const pseudoFields = new Set([':method', ':scheme', ':authority', ':path'])
/** They belong to connections of HTTP/1.1. */
const ofConnections = new Set(['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade'])
const namePattern = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
const valuePattern = /^(?![ \t])[\t\x20-\x7e\x80-\xff]*(?<![ \t])$/
const methodPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const lengthPattern = /^\d{1,15}$/

function isSound(field: HeaderField): boolean {
  field.isSound ??= valuePattern.test(field.value) && (pseudoFields.has(field.name) || isSoundOrdinary(field))
  return field.isSound
}

function isSoundOrdinary({ name, value }: HeaderField): boolean {
  if (name === 'te') return value === 'trailers'
  if (name === 'content-length') return lengthPattern.test(value)
  return namePattern.test(name) && !ofConnections.has(name)
}

/** Undefined where it is malformed. */
export function requestHeadOf(fields: readonly HeaderField[]): RequestHead | undefined {
  const headers = Object.create(null) as Record<string, string | undefined>
  const rawHeaders: string[] = []
  let isBehindPseudo = false
  for (const field of fields) {
    const { name, value } = field
    if (!isSound(field)) return undefined
    const isPseudo = name.charCodeAt(0) === colon
    if (isPseudo && (isBehindPseudo || headers[name] !== undefined)) return undefined
    isBehindPseudo = !isPseudo
    rawHeaders.push(name, value)
    const known = headers[name]
    if (known === undefined) headers[name] = value
    else if (!onlyOnce.has(name)) headers[name] = known + (name === 'cookie' ? '; ' : ', ') + value
    else if (name === 'content-length' && known !== value) return undefined
  }
  const length = headers['content-length']
  const contentLength = length === undefined ? undefined : Number(length)
  const method = headers[':method']
  const url = urlOf(headers)
  if (method === undefined || url === undefined || !methodPattern.test(method)) return undefined
  return { method, url, headers: headers as IncomingHttpHeaders, rawHeaders, contentLength }
}

const colon = 0x3a

/** The first one counts, as over HTTP/1.1. */
const onlyOnce = new Set(
  'age authorization content-length content-type etag expires from host if-modified-since if-unmodified-since last-modified location max-forwards proxy-authorization referer retry-after server user-agent'.split(
    ' ',
  ),
)

function urlOf(headers: Readonly<Record<string, string | undefined>>): string | undefined {
  const { ':method': method, ':path': path, ':scheme': scheme } = headers
  if (method === 'CONNECT') return path === undefined && scheme === undefined && headers[':authority'] ? '/' : undefined
  if (scheme !== 'https' && scheme !== 'http') return undefined
  return path?.startsWith('/') || path === '*' ? path : undefined
}

/** Fields behind a body. */
export const areTrailers = (fields: readonly HeaderField[]): boolean =>
  fields.every((field) => field.name.charCodeAt(0) !== colon && isSound(field))

/** As SETTINGS_MAX_HEADER_LIST_SIZE counts. */
export const sizeOf = (fields: readonly HeaderField[]): number => fields.reduce((sum, { size }) => sum + size, 0)
