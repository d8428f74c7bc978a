/** The connections themselves: how long they may idle or dawdle, and how they end when the server does. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { constants, type Http2ServerRequest, type Http2Session, type Http2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { FastifyInstance } from 'fastify'

/** Connections without a request under way are closed after this (upstream's idle timeout). */
const idleMs = 90_000
/** For a request to come in whole; answers may stream as long as they like. */
const requestMs = 300_000

/** The framework sets these on plain HTTP/1.1 servers only. HTTP/2 sessions have no limit of their own on being idle, or on slow bodies. */
export function limitConnections(app: FastifyInstance): void {
  Object.assign(app.server, { keepAliveTimeout: idleMs, requestTimeout: requestMs })
  app.server.on('session', (session: Http2Session) => {
    let streams = 0
    session.on('stream', (stream: Http2Stream) => {
      streams++
      stream.once('close', () => streams--)
    })
    session.setTimeout(idleMs, () => {
      if (streams === 0) session.close()
    })
  })
  app.addHook('preParsing', async (request, _reply, payload) => {
    const { stream } = request.raw as unknown as Partial<Http2ServerRequest>
    // Without a body there is nothing to be late with.
    if (stream === undefined || stream.endAfterHeaders) return payload
    const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), requestMs)
    for (const event of ['end', 'close', 'error']) payload.once(event, () => clearTimeout(late))
    return payload
  })
}

/**
 * On shutdown idle connections end at once, all others after the requests under way. HTTP/2 clients would keep their sessions open for
 * ever; the framework would break HTTP/1.1 connections in the middle of an answer.
 */
export function drainOnClose(app: FastifyInstance): void {
  const sessions = new Set<Http2Session>()
  app.server.on('session', (session: Http2Session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    session.on('error', () => session.destroy())
  })
  const answering = new Map<Socket, ServerResponse | undefined>()
  let closes = false
  // Over TLS `connection` tells of sockets that have not shaken hands.
  app.server.on('setSecureContext' in app.server ? 'secureConnection' : 'connection', (socket: Socket) => {
    if ((socket as Partial<TLSSocket>).alpnProtocol === 'h2') return
    answering.set(socket, undefined)
    socket.once('close', () => answering.delete(socket))
  })
  app.server.on('request', ({ socket, httpVersionMajor }: IncomingMessage, response: ServerResponse) => {
    if (httpVersionMajor !== 1) return
    answering.set(socket, response)
    response.once('close', () => {
      if (closes) socket.destroySoon()
      else if (answering.has(socket)) answering.set(socket, undefined)
    })
  })
  app.addHook('preClose', async () => {
    closes = true
    for (const session of sessions) session.close()
    for (const [socket, response] of answering) {
      if (response === undefined) socket.destroy()
      else if (!response.headersSent) response.setHeader('connection', 'close')
    }
  })
}
