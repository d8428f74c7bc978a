/** The connections: TLS with HTTP/1.1 and HTTP/2 on one port, how long they may idle or dawdle, and how they end when the server does. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { ListenOptions, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { ServerConnections } from '#http2/server-connections.ts'
import type { Call } from './call.ts'
import { Http1Call } from './http1-call.ts'
import { Http2Call } from './http2-call.ts'

export interface TlsMaterial {
  cert: string
  key: string
  /** Signs client certificates. */
  clientCa?: string
  /** Signs the certificates of front proxies. */
  frontProxyCa?: string
}

export interface Listener {
  /** Over TLS it serves HTTP/2 as well. */
  readonly server: Server
  /** Resolves when connections are taken; rejects with what the system says against it. */
  listen(at: ListenOptions): Promise<void>
  /** Idle connections end at once, all others after the requests under way. */
  close(): Promise<void>
}

/** Connections of HTTP/1.1 without a request under way are closed after this (upstream's idle timeout). */
const idleMs = 90_000
/** For a request to come in whole; answers may stream as long as they like. */
const requestMs = 300_000
const handshakeMs = 10_000

/** `serve` never throws and never rejects. */
export function createListener(tls: TlsMaterial | undefined, serve: (call: Call) => void): Listener {
  const http2 = new ServerConnections((stream) => serve(new Http2Call(stream)))
  const server = tls ? secureServer(tls, http2) : createServer()
  Object.assign(server, { keepAliveTimeout: idleMs, requestTimeout: requestMs })
  const drain = drainOf(server, serve)
  return {
    server,
    listen: (at) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(at, () => {
          server.off('error', reject)
          resolve()
        })
      }),
    close: () =>
      new Promise((resolve) => {
        drain()
        http2.leave()
        server.close(() => resolve())
      }),
  }
}

function secureServer(tls: TlsMaterial, http2: ServerConnections): Server {
  const ca = [tls.clientCa, tls.frontProxyCa].filter((pem) => pem !== undefined)
  const server = createSecureServer({
    ALPNProtocols: ['h2', 'http/1.1'],
    cert: tls.cert,
    key: tls.key,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshakeMs,
    ...(ca.length === 0 ? {} : { ca, requestCert: true, rejectUnauthorized: false }),
  })
  const overHttp1 = server.listeners('secureConnection')
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') http2.accept(socket)
    else for (const listener of overHttp1) listener.call(server, socket)
  })
  return server
}

interface Connection {
  /** What is not sent whole yet. */
  answering: ServerResponse | undefined
}

/** Serves HTTP/1.1 and returns what begins the end: clients would keep their connections open for ever. */
function drainOf(server: Server, serve: (call: Call) => void): () => void {
  // It changes with connections alone: requests that come and go in a Map outlive the collections of the young generation (see RenewedMap).
  const connections = new Map<Socket, Connection>()
  const connectionOf = (socket: Socket): Connection => {
    const known = connections.get(socket)
    if (known) return known
    const connection: Connection = { answering: undefined }
    if (!socket.destroyed) connections.set(socket, connection)
    socket.once('close', () => connections.delete(socket))
    return connection
  }
  let closes = false
  // Over TLS `connection` tells of sockets that have not shaken hands.
  server.on('setSecureContext' in server ? 'secureConnection' : 'connection', (socket: Socket) => {
    if ((socket as Partial<TLSSocket>).alpnProtocol !== 'h2') connectionOf(socket)
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    const connection = connectionOf(socket)
    const call = new Http1Call(request, response)
    connection.answering = response
    call.onClose(() => {
      if (connection.answering === response) connection.answering = undefined
      if (closes) socket.destroySoon()
    })
    serve(call)
  })
  return () => {
    closes = true
    for (const [socket, { answering }] of connections) {
      if (answering === undefined) socket.destroy()
      else if (!answering.headersSent) answering.setHeader('connection', 'close')
    }
  }
}
