/** Headers that belong to one connection, not to the message: no proxy passes them on (RFC 9110, 7.6.1). Pure. */
import type { OutgoingHttpHeaders } from 'node:http'

export const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export const withoutHops = (headers: OutgoingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)))
