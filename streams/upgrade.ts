/** Switching an HTTP/1.1 request to WebSocket or SPDY/3.1 on the server's side, and refusing to. */
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { choose } from './remote-command/protocol.ts'

/** The parts of an `upgrade` event. */
export interface UpgradeRequest {
  request: IncomingMessage
  socket: Duplex
  head: Buffer
  /** The protocol was switched: from then on an HTTP answer would be noise. */
  accepted?: boolean
}

export class UpgradeError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.name = 'UpgradeError'
    this.code = code
  }
}

const listed = (header: string | string[] | undefined): string[] =>
  (Array.isArray(header) ? header : [header ?? ''])
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '')

export const wantsWebSocket = (request: IncomingMessage): boolean =>
  listed(request.headers.upgrade).some((u) => u.toLowerCase() === 'websocket')
export const wantsSpdy = (request: IncomingMessage): boolean => listed(request.headers.upgrade).some((u) => u.toLowerCase() === 'spdy/3.1')

/** For a client to read its answer; then the socket goes, whether the client lets go of it or not. */
const lingerMs = 2000

/** Writes the last that is said on a connection. Servers keep the half that the client has not closed open, for ever if nobody ends it. */
export function endWith(socket: Duplex, text: string): void {
  socket.on('error', () => socket.destroy())
  socket.end(text)
  // Unread input would turn the close into a reset, which may overtake the answer.
  socket.resume()
  const late = setTimeout(() => socket.destroy(), lingerMs)
  late.unref()
  socket.once('close', () => clearTimeout(late))
}

/** Ends the connection with a plain HTTP answer. */
export function refuse(socket: Duplex, code: number, body: string, contentType = 'text/plain; charset=utf-8'): void {
  const head = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Error'}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  endWith(socket, `${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Accepts a WebSocket with the first of `protocols` that the client offers. Throws UpgradeError when none fits. */
export async function acceptWebSocket(
  upgrade: UpgradeRequest,
  protocols: readonly string[],
): Promise<{ socket: WebSocket; protocol: string }> {
  const protocol = choose(protocols, listed(upgrade.request.headers['sec-websocket-protocol']))
  if (protocol === undefined)
    throw new UpgradeError(400, `none of the requested protocols is supported, expected one of ${protocols.join(', ')}`)
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 32 * 1024 * 1024,
  })
  // The library refuses `SPDY/3.1+portforward.k8s.io`, whose slash RFC 6455 does not allow: the choice is answered past it.
  delete upgrade.request.headers['sec-websocket-protocol']
  if (protocol !== '') server.on('headers', (headers: string[]) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`))
  upgrade.accepted = true
  const socket = await new Promise<WebSocket>((resolve) => server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, resolve))
  return { socket, protocol }
}

/** Accepts SPDY/3.1; the connection is ready for a session afterwards. Clients name the protocol of the streams in a header of their own. */
export function acceptSpdy(upgrade: UpgradeRequest, protocols: readonly string[]): { connection: Duplex; protocol: string } {
  const offered = listed(upgrade.request.headers['x-stream-protocol-version'])
  if (offered.length === 0) throw new UpgradeError(400, 'unable to upgrade: X-Stream-Protocol-Version is required')
  const protocol = choose(protocols, offered)
  if (protocol === undefined) {
    const both = `client supports [${offered.join(' ')}], server accepts [${protocols.join(' ')}]`
    throw new UpgradeError(403, `unable to upgrade: unable to negotiate protocol: ${both}`)
  }
  const head = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: SPDY/3.1']
  if (protocol !== '') head.push(`X-Stream-Protocol-Version: ${protocol}`)
  const { socket } = upgrade
  upgrade.accepted = true
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  if (upgrade.head.length > 0) socket.unshift(upgrade.head)
  return { connection: socket, protocol }
}
