/** Opens WebSockets to an API server, and tells why one was refused. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { WebSocket } from 'ws'

export interface ConnectOptions {
  headers?: Record<string, string | string[]>
  ca?: string | Buffer
  cert?: string | Buffer
  key?: string | Buffer
  rejectUnauthorized?: boolean
  servername?: string
  signal?: AbortSignal
}

/** The server answered plain HTTP: `body` is its Status, where it speaks of one. */
export class UpgradeRefused extends Error {
  readonly code: number
  readonly body: string
  constructor(code: number, body: string) {
    super(`unable to upgrade connection: ${code}: ${body}`)
    this.name = 'UpgradeRefused'
    this.code = code
    this.body = body
  }
}

/**
 * Sub-protocols travel in a header of our own making: `SPDY/3.1+portforward.k8s.io` has a slash, which RFC 6455 does not allow and the library
 * refuses in both directions.
 */
export async function connectWebSocket(
  url: string,
  protocols: readonly string[],
  options: ConnectOptions,
): Promise<{ socket: WebSocket; protocol: string }> {
  const { signal, headers, ...rest } = options
  let protocol = ''
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: 32 * 1024 * 1024,
    ...rest,
    headers: { ...headers, 'Sec-WebSocket-Protocol': protocols.join(', ') },
    finishRequest: (request: ClientRequest) => {
      request.prependListener('upgrade', (response: IncomingMessage) => {
        protocol = response.headers['sec-websocket-protocol'] ?? ''
        delete response.headers['sec-websocket-protocol']
      })
      request.end()
    },
  })
  const abort = () => socket.terminate()
  signal?.addEventListener('abort', abort, { once: true })
  socket.once('close', () => signal?.removeEventListener('abort', abort))
  return await new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.off('error', reject)
      resolve({ socket, protocol })
    })
    socket.once('error', reject)
    socket.once('unexpected-response', (_request: unknown, response: IncomingMessage) => {
      text(response).then((body) => reject(new UpgradeRefused(response.statusCode ?? 0, body)), reject)
    })
  })
}
