/** The connections: TLS with HTTP/1.1 and HTTP/2 on one port, how long they may idle or dawdle, and how they end when the server does. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createSecureServer, type Http2SecureServer, type Http2Session, type Http2Stream, type IncomingHttpHeaders } from 'node:http2'
import type { ListenOptions, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
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
  readonly server: Server | Http2SecureServer
  /** Resolves when connections are taken; rejects with what the system says against it. */
  listen(at: ListenOptions): Promise<void>
  /** Idle connections end at once, all others after the requests under way. */
  close(): Promise<void>
}

/** Connections without a request under way are closed after this (upstream's idle timeout). */
const idleMs = 90_000
/** For a request to come in whole; answers may stream as long as they like. */
const requestMs = 300_000
const handshakeMs = 10_000

/** Many watches share one client connection; settings are upstream's where it has them. */
const http2Limits = {
  settings: { maxConcurrentStreams: 1000, initialWindowSize: 256 * 1024 },
  maxSessionMemory: 100,
}

/** `serve` never throws and never rejects. */
export function createListener(tls: TlsMaterial | undefined, serve: (call: Call) => void): Listener {
  const server = tls ? secureServer(tls) : createServer()
  Object.assign(server, { keepAliveTimeout: idleMs, requestTimeout: requestMs })
  const drain = drainOf(server, serve)
  if (tls) {
    // A listener for requests makes Node wrap every HTTP/2 stream in objects of HTTP/1.1.
    server.removeAllListeners('stream')
    server.on('stream', (stream: Http2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: readonly string[]) =>
      counted(serve, new Http2Call(stream as never, headers, rawHeaders), stream.session),
    )
    limitIdleSessions(server as Http2SecureServer)
  }
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
        server.close(() => resolve())
      }),
  }
}

function secureServer(tls: TlsMaterial): Http2SecureServer {
  const ca = [tls.clientCa, tls.frontProxyCa].filter((pem) => pem !== undefined)
  return createSecureServer({
    allowHTTP1: true,
    cert: tls.cert,
    key: tls.key,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshakeMs,
    ...(ca.length === 0 ? {} : { ca, requestCert: true, rejectUnauthorized: false }),
    ...http2Limits,
  })
}

/** How many streams of a session are open. */
const openStreams = new WeakMap<Http2Session, { count: number }>()

/** HTTP/2 sessions have no limit of their own on being idle. */
function limitIdleSessions(server: Http2SecureServer): void {
  server.on('session', (session) => {
    const open = { count: 0 }
    openStreams.set(session, open)
    session.setTimeout(idleMs, () => {
      if (open.count === 0) session.close()
    })
  })
}

function counted(serve: (call: Call) => void, call: Call, session: Http2Session | undefined): void {
  const open = session && openStreams.get(session)
  if (open) {
    open.count++
    call.onClose(() => open.count--)
  }
  serve(call)
}

/**
 * Serves HTTP/1.1 and returns what begins the end. HTTP/2 clients would keep their sessions open for ever, and so would those of HTTP/1.1 their
 * connections.
 */
function drainOf(server: Server | Http2SecureServer, serve: (call: Call) => void): () => void {
  const sessions = new Set<Http2Session>()
  server.on('session', (session: Http2Session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    session.on('error', () => session.destroy())
  })
  const sockets = new Set<Socket>()
  const answering = new Map<Socket, ServerResponse>()
  let closes = false
  // Over TLS `connection` tells of sockets that have not shaken hands.
  server.on('setSecureContext' in server ? 'secureConnection' : 'connection', (socket: Socket) => {
    if ((socket as Partial<TLSSocket>).alpnProtocol === 'h2') return
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    const call = new Http1Call(request, response)
    answering.set(socket, response)
    call.onClose(() => {
      if (answering.get(socket) === response) answering.delete(socket)
      if (closes) socket.destroySoon()
    })
    serve(call)
  })
  return () => {
    closes = true
    for (const session of sessions) session.close()
    for (const socket of sockets) {
      const response = answering.get(socket)
      if (response === undefined) socket.destroy()
      else if (!response.headersSent) response.setHeader('connection', 'close')
    }
  }
}
