/** Headers of a backend's answer as the client of a proxy is to see them (upstream: apimachinery, util/proxy). Pure. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { hopByHop } from './hop-by-hop.ts'

export interface ProxiedAs {
  /** The path of the proxy itself, without a slash at its end. */
  prefix: string
  /** `address:port` of the backend. */
  backend: string
  /** Host and port as the client wrote them. */
  client: string
}

/** Whether other origins may read an answer is for the API server to say. */
const crossOrigin: ReadonlySet<string> = new Set(
  ['credentials', 'headers', 'methods', 'origin'].map((what) => `access-control-allow-${what}`),
)

export function answerHeaders(given: IncomingHttpHeaders, as: ProxiedAs): OutgoingHttpHeaders {
  const named = new Set((given.connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
  const headers: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || hopByHop.has(name) || named.has(name) || crossOrigin.has(name)) continue
    headers[name] = name === 'location' ? insideProxy(String(value), as) : value
  }
  return headers
}

/** Absolute paths of the backend, under its own name or the client's, are paths below the proxy for the client. */
export function insideProxy(location: string, { prefix, backend, client }: ProxiedAs): string {
  const [, scheme = '', authority, rest = ''] = /^([a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?(.*)$/is.exec(location) ?? []
  const isForeign = authority ? authority !== backend && authority !== client : scheme !== ''
  if (isForeign || !rest.startsWith('/')) return location
  const kept = authority && authority === client ? `${scheme}//${authority}` : ''
  return rest.startsWith(prefix) ? kept + rest : kept + prefix + rest
}
