/** pods/log over WebSocket (browsers, upstream's tests): the text as messages of its pieces, after one empty message. */

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { ApiError } from '#api/meta/status.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import type { Upgrade } from '#apiserver/filters/upgrades.ts'
import { type LogDeps, openLog } from './log.ts'

/** Upstream's reader protocols, best first; none is the first. */
const protocols = ['', 'binary.k8s.io', 'base64.binary.k8s.io']
const highWaterBytes = 256 * 1024

export const isLogSocket = (info: RequestInfo): boolean =>
  info.isResource && info.group === '' && info.resource === 'pods' && info.subresource === 'log' && info.name !== '' && info.namespaced

export function logSocket(deps: LogDeps): Upgrade {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 64 * 1024,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  })
  return async ({ info, raw, socket, head }) => {
    if (raw.headers.upgrade?.toLowerCase() !== 'websocket') throw new ApiError(400, 'BadRequest', 'only WebSocket can carry a log')
    const gone = new AbortController()
    socket.once('close', () => gone.abort())
    const log = await openLog(deps, info, gone.signal)
    server.handleUpgrade(raw, socket, head, (client) => {
      send(client, log).catch(() => client.terminate())
    })
  }
}

async function send(client: WebSocket, log: IncomingMessage | undefined): Promise<void> {
  client.on('error', () => client.terminate())
  client.on('close', () => log?.destroy())
  const isText = client.protocol === 'base64.binary.k8s.io'
  client.send(isText ? '' : Buffer.alloc(0))
  for await (const piece of (log ?? []) as AsyncIterable<Buffer>) {
    client.send(isText ? piece.toString('base64') : piece)
    if (client.bufferedAmount > highWaterBytes) await drained(client)
  }
  client.close(1000)
}

/** The library tells of no drain: of the socket beneath it. */
async function drained(client: WebSocket): Promise<void> {
  const { _socket: socket } = client as unknown as { _socket: NodeJS.WritableStream }
  await Promise.race([once(socket, 'drain'), once(client, 'close')])
}
