/** Assembles the HTTP server: one plugin per layer in the order a request meets them; buildServer never listens. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Duplex } from 'node:stream'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { ApiError } from '#api/meta/status.ts'
import type { Logger } from '#component/logging.ts'
import type { Authenticate } from './authentication/authenticator.ts'
import { anonymous, type User } from './authentication/user.ts'
import { type Authorizer, forbiddenRequest } from './authorization/authorizer.ts'
import { attributesOf } from './authorization/request-attributes.ts'
import { drainOnClose, limitConnections } from './connections.ts'
import { type Answer, type ApiRequest, isStreamed, type RawResponse, type Streamed } from './endpoints/exchange.ts'
import type { Metrics } from './endpoints/metrics.ts'
import { apiErrorOf, errorHeaders, maxBodyBytes } from './filters/errors.ts'
import { impersonated } from './filters/impersonation.ts'
import { type Accepted, accepted, acceptedOrJson } from './filters/negotiation.ts'
import { compressed, rendered, wholeOf } from './filters/rendering.ts'
import { type RequestInfo, requestInfoOf } from './filters/request-info.ts'
import { serveUpgrades, type Upgrade } from './filters/upgrades.ts'
import { Warnings } from './filters/warnings.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who acts: whom the request is judged as. */
    user: User
    /** Who sent it: another than `user` where they impersonate somebody. */
    caller: User
    requestInfo: RequestInfo
  }
}

export interface ServerDeps {
  authenticate: Authenticate
  authorizer: Authorizer
  /** All routes: throws ApiError, or answers. */
  handle(request: ApiRequest): Promise<Answer | Streamed>
  /** Requests whose body must reach a backend as it comes (proxies): taken over before anything reads it. */
  passThrough(info: RequestInfo, method: string): ((request: PassedRequest) => Promise<void>) | undefined
  /** Requests with an Upgrade header that become raw streams. */
  upgrade(info: RequestInfo): Upgrade | undefined
  metrics: Metrics
  log: Logger
  tls?: TlsMaterial
}

export interface PassedRequest {
  info: RequestInfo
  user: User
  request: IncomingMessage | Http2ServerRequest
  response: RawResponse
}

export interface TlsMaterial {
  cert: string
  key: string
  /** Signs client certificates. */
  clientCa?: string
  /** Signs the certificates of front proxies. */
  frontProxyCa?: string
}

const noInfo: RequestInfo = requestInfoOf('GET', '/')

export function buildServer(deps: ServerDeps): FastifyInstance {
  const app = createApp(deps.tls)
  app.decorateRequest('user')
  app.decorateRequest('caller')
  app.decorateRequest('requestInfo')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (_request, body, done) => done(null, body))
  requestInfoLayer(app)
  metricsLayer(app, deps)
  authenticationLayer(app, deps)
  impersonationLayer(app, deps)
  authorizationLayer(app, deps)
  passThroughLayer(app, deps)
  routes(app, deps)
  limitConnections(app)
  serveUpgrades(app.server as never, deps, (raw: IncomingMessage, socket: Duplex) => admitUpgrade(deps, raw, socket))
  drainOnClose(app)
  return app
}

function createApp(tls: TlsMaterial | undefined): FastifyInstance {
  const common = {
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: false,
    // Connections are ended in connections.ts, those with a request under way after it.
    forceCloseConnections: false,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 4096, ignoreTrailingSlash: false },
    frameworkErrors: (error: Error, _request: FastifyRequest, reply: FastifyReply) =>
      renderError(
        reply,
        apiErrorOf(error, () => undefined),
        undefined,
      ),
  }
  if (!tls) return fastify(common) as unknown as FastifyInstance
  const ca = [tls.clientCa, tls.frontProxyCa].filter((pem) => pem !== undefined)
  const client = ca.length === 0 ? {} : { ca, requestCert: true, rejectUnauthorized: false }
  const https = {
    allowHTTP1: true,
    cert: tls.cert,
    key: tls.key,
    minVersion: 'TLSv1.2' as const,
    handshakeTimeout: 10_000,
    ...client,
    ...http2Limits,
  }
  return fastify({ ...common, http2: true, http2SessionTimeout: 0, https } as never) as unknown as FastifyInstance
}

/** Many watches share one client connection; settings are upstream's where it has them. */
const http2Limits = {
  settings: { maxConcurrentStreams: 1000, initialWindowSize: 256 * 1024 },
  maxSessionMemory: 100,
}

function requestInfoLayer(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('audit-id', auditIdOf(request.headers['audit-id']))
    reply.header('cache-control', 'no-cache, private')
    request.user = anonymous
    request.caller = anonymous
    request.requestInfo = noInfo
    request.requestInfo = requestInfoOf(request.method, request.raw.url ?? '/')
    nameUnnamedBody(request.raw)
  })
}

/**
 * A body without a content type is JSON. fastify sees one only by its length or its transfer encoding, and HTTP/2 needs neither (kubectl create
 * --raw sends none).
 */
function nameUnnamedBody(raw: IncomingMessage | Http2ServerRequest): void {
  if (!('stream' in raw) || raw.headers['content-type'] !== undefined || raw.stream.endAfterHeaders) return
  raw.headers['content-type'] = 'application/json'
}

/** A client may bring an id to find its request again. */
const auditIdOf = (given: string | string[] | undefined): string =>
  typeof given === 'string' && /^[\x21-\x7e]{1,64}$/.test(given) ? given : randomUUID()

function authenticationLayer(app: FastifyInstance, deps: ServerDeps): void {
  app.addHook('onRequest', async (request) => {
    request.user = await deps.authenticate(request.raw)
  })
}

function impersonationLayer(app: FastifyInstance, deps: ServerDeps): void {
  app.addHook('onRequest', async (request) => {
    request.caller = request.user
    request.user = await impersonated(request.raw, request.user, deps.authorizer)
  })
}

function authorizationLayer(app: FastifyInstance, deps: ServerDeps): void {
  app.addHook('onRequest', async (request) => {
    await authorize(deps, request.user, request.requestInfo)
  })
}

async function authorize(deps: ServerDeps, user: User, info: RequestInfo): Promise<void> {
  const decision = await deps.authorizer.authorize(user, attributesOf(info))
  if (!decision.allowed) throw forbiddenRequest(user, info, decision.reason)
}

function passThroughLayer(app: FastifyInstance, deps: ServerDeps): void {
  app.addHook('onRequest', async (request, reply) => {
    const pass = deps.passThrough(request.requestInfo, request.method)
    if (!pass) return
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value)
    const { requestInfo: info, user } = request
    try {
      await pass({ info, user, request: request.raw, response: reply.raw as RawResponse })
    } catch (error) {
      rawError(reply.raw as RawResponse, apiErrorOf(error, unexpected(deps, info)), plainly(request))
    }
  })
}

function metricsLayer(app: FastifyInstance, deps: ServerDeps): void {
  app.addHook('onRequest', async ({ requestInfo: info }, reply) => {
    deps.metrics.begin(info)
    // Comes for finished and for broken off answers alike.
    reply.raw.once('close', () => deps.metrics.end(info, reply.raw.statusCode, reply.elapsedTime / 1000))
  })
}

function routes(app: FastifyInstance, deps: ServerDeps): void {
  app.setErrorHandler((error, request, reply) => {
    const answer = apiErrorOf(error, unexpected(deps, request.requestInfo))
    renderError(reply, answer, plainly(request))
  })
  const serve = async (request: FastifyRequest, reply: FastifyReply) => await respond(deps, request, reply)
  app.all('/*', serve)
  app.setNotFoundHandler(serve)
}

const unexpected =
  (deps: ServerDeps, info: RequestInfo) =>
  (error: unknown): void =>
    deps.log.error({ verb: info.verb, path: info.path, error, stack: (error as Error | undefined)?.stack }, 'request failed')

async function respond(deps: ServerDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const warnings = new Warnings()
  const gone = new AbortController()
  // A response that was sent whole closes too; aborting it would only cost an error object with its stack.
  reply.raw.once('close', () => void (reply.raw.writableFinished || gone.abort()))
  const { requestInfo: info, user } = request
  const asked: ApiRequest = {
    info,
    user,
    method: request.method,
    headers: request.headers,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    accepted: negotiates(info) ? accepted(request.headers.accept, info.query, request.headers['user-agent'] ?? '') : plainly(request),
    signal: gone.signal,
    warn: (text) => warnings.add(text),
  }
  let answer: Answer | Streamed
  try {
    answer = await deps.handle(asked)
  } finally {
    const texts = warnings.headers()
    if (texts.length > 0) reply.header('warning', texts)
  }
  if (isStreamed(answer)) {
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value)
    const raw = reply.raw as RawResponse
    await Promise.resolve(answer.stream(raw)).catch((error: unknown) =>
      rawError(raw, apiErrorOf(error, unexpected(deps, info)), plainly(request)),
    )
    return reply
  }
  return await send(reply, answer, asked)
}

async function send(reply: FastifyReply, given: Answer, asked: ApiRequest): Promise<FastifyReply> {
  const encodings = asked.headers['accept-encoding'] as string | undefined
  const answer = await wholeOf(given, asked.accepted, encodings)
  reply.code(answer.status)
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value)
  if (answer.readable) {
    reply.header('content-type', answer.contentType ?? 'application/json').header('content-length', answer.length ?? 0)
    return reply.send(answer.readable)
  }
  // Nothing about a body that is not sent: caches would take it for the old one's.
  if (answer.status === 304) return reply.removeHeader('content-type').send()
  const { bytes, contentType } = rendered(answer, asked.accepted)
  if (contentType !== '') reply.header('content-type', contentType)
  const small = await compressed(bytes, encodings)
  if (small) {
    reply.header('content-encoding', 'gzip')
    reply.header('vary', 'Accept-Encoding')
  }
  return reply.send(small ?? bytes)
}

/** Objects have several forms; pages such as /metrics and logs have one, whatever the client would like. */
const negotiates = (info: RequestInfo): boolean => info.isResource && info.subresource !== 'log'

const plainly = (request: FastifyRequest): Accepted =>
  acceptedOrJson(request.headers.accept, request.requestInfo.query, request.headers['user-agent'] ?? '')

function renderError(reply: FastifyReply, error: ApiError, asked: Accepted | undefined): void {
  const answer: Answer = { status: error.code, object: error.toStatus() }
  const { bytes, contentType } = rendered(answer, asked ?? { mediaType: 'json', form: 'object', version: 'v1', pretty: false })
  reply.code(error.code).header('content-type', contentType)
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-cache, private')
  for (const [name, value] of Object.entries(errorHeaders(error))) reply.header(name, value)
  void reply.send(bytes)
}

/** A Status where the framework is out of play. */
function rawError(response: RawResponse, error: ApiError, asked: Accepted): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { bytes, contentType } = rendered({ status: error.code, object: error.toStatus() }, asked)
  response.statusCode = error.code
  response.setHeader('content-type', contentType)
  response.setHeader('content-length', bytes.length)
  response.end(bytes)
}

/** The same layers for a request that wants to become a stream. */
async function admitUpgrade(deps: ServerDeps, raw: IncomingMessage, _socket: Duplex): Promise<{ info: RequestInfo; user: User }> {
  const info = requestInfoOf(raw.method ?? 'GET', raw.url ?? '/')
  const user = await impersonated(raw, await deps.authenticate(raw), deps.authorizer)
  await authorize(deps, user, info)
  return { info, user }
}
