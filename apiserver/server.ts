/** Assembles the HTTP server: the layers of a request in the order in which it meets them, in one hook of the framework; buildServer never listens. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { ApiError } from '#api/meta/status.ts'
import type { Logger } from '#component/logging.ts'
import type { StreamRequest } from '#http2/stream-request.ts'
import type { Authenticate } from './authentication/authenticator.ts'
import { anonymous, type User } from './authentication/user.ts'
import { type Authorizer, type Decision, forbiddenRequest } from './authorization/authorizer.ts'
import { attributesOf } from './authorization/request-attributes.ts'
import { type Answer, type ApiRequest, isStreamed, type RawResponse, type Streamed } from './endpoints/exchange.ts'
import type { Metrics } from './endpoints/metrics.ts'
import { apiErrorOf, errorHeaders } from './filters/errors.ts'
import { asksToImpersonate, impersonated } from './filters/impersonation.ts'
import { type Accepted, accepted, acceptedOrJson } from './filters/negotiation.ts'
import { compressed, isWorthGzip, rendered, wholeOf } from './filters/rendering.ts'
import { type RequestInfo, requestInfoOf } from './filters/request-info.ts'
import { serveUpgrades, type Upgrade } from './filters/upgrades.ts'
import { Warnings } from './filters/warnings.ts'
import { noBody } from './http/body.ts'
import type { Call } from './http/call.ts'
import { FrameworkRequest, FrameworkResponse } from './http/framework-port.ts'
import { createListener, type Listener, type TlsMaterial } from './http/listener.ts'

export interface ServerDeps {
  authenticate: Authenticate
  authorizer: Authorizer
  /** All routes: throws ApiError, or answers. */
  handle(request: ApiRequest): Promise<Answer | Streamed> | Answer | Streamed
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
  request: IncomingMessage | StreamRequest
  response: RawResponse
}

declare module 'fastify' {
  interface FastifyRequest {
    call: Call
    info: RequestInfo
    /** Who acts: whom the request is judged as. Another than who sent it where they impersonate somebody. */
    user: User
  }
}

const noInfo: RequestInfo = requestInfoOf('GET', '/')

export function buildServer(deps: ServerDeps): Listener {
  let listener: Listener | undefined
  const app = fastify({
    ...frameworkOptions,
    serverFactory: (serve) => {
      listener = createListener(deps.tls, (call) => serve(new FrameworkRequest(call) as never, new FrameworkResponse(call) as never))
      return listener.server as never
    },
  })
  if (!listener) throw new Error('the framework has made no server')
  for (const name of ['call', 'info', 'user']) app.decorateRequest(name)
  app.addHook('onRequest', hookOf(deps))
  app.all('/', (request, reply) => routes(deps, request, reply))
  app.setErrorHandler((error, request, reply) => renderError(request, reply, apiErrorOf(error, unexpected(deps, request.info))))
  serveUpgrades(listener.server as never, deps, (raw: IncomingMessage, socket: Duplex) => admitUpgrade(deps, raw, socket))
  return ready(app, listener)
}

/** Schemas are the resource model's business, connections the listener's. */
const frameworkOptions = {
  exposeHeadRoutes: false,
  forceCloseConnections: false,
  return503OnClosing: false,
  schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
} as const

function noSchemas(): never {
  throw new Error('routes have no schemas')
}

const ready = (app: FastifyInstance, { server, listen, close }: Listener): Listener => ({
  server,
  async listen(at) {
    await app.ready()
    await listen(at)
  },
  async close() {
    await close()
    await app.close()
  },
})

/** What one layer does with a request; it throws what is rendered as a Status. Most have nothing to wait for, and then cost no promise. */
type Layer = (deps: ServerDeps, request: FastifyRequest, reply: FastifyReply) => Promise<void> | undefined

const layers: readonly Layer[] = [requestInfo, metrics, authentication, impersonation, authorization, passThrough]

function hookOf(deps: ServerDeps) {
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    let waiting: Promise<void> | undefined
    try {
      waiting = meet(deps, request, reply, 0)
    } catch (error) {
      done(error as Error)
      return
    }
    if (waiting) waiting.then(() => done(), done)
    else done()
  }
}

/** The layers from `first` on. */
function meet(deps: ServerDeps, request: FastifyRequest, reply: FastifyReply, first: number): Promise<void> | undefined {
  for (let i = first; i < layers.length; i++) {
    const waiting = layers[i]?.(deps, request, reply)
    if (waiting) return waiting.then(() => meet(deps, request, reply, i + 1))
  }
  return undefined
}

function requestInfo(_deps: ServerDeps, request: FastifyRequest): undefined {
  const { call } = request.raw as unknown as FrameworkRequest
  request.call = call
  request.info = noInfo
  request.user = anonymous
  call.answer['audit-id'] = auditIdOf(call.headers['audit-id'])
  call.answer['cache-control'] = 'no-cache, private'
  request.info = requestInfoOf(call.method, call.url)
}

/** A client may bring an id to find its request again. */
const auditIdOf = (given: string | string[] | undefined): string =>
  typeof given === 'string' && /^[\x21-\x7e]{1,64}$/.test(given) ? given : randomUUID()

function metrics(deps: ServerDeps, { call, info }: FastifyRequest): undefined {
  const began = performance.now()
  deps.metrics.begin(info)
  // Comes for finished and for broken off answers alike.
  call.onClose(() => deps.metrics.end(info, call.status, (performance.now() - began) / 1000))
}

function authentication(deps: ServerDeps, request: FastifyRequest): Promise<void> | undefined {
  const user = deps.authenticate(request.call)
  if (user instanceof Promise)
    return user.then((known) => {
      request.user = known
    })
  request.user = user
  return undefined
}

function impersonation(deps: ServerDeps, request: FastifyRequest): Promise<void> | undefined {
  return asksToImpersonate(request.call.rawHeaders) ? impersonate(deps, request) : undefined
}

async function impersonate(deps: ServerDeps, request: FastifyRequest): Promise<void> {
  request.user = await impersonated(request.call, request.user, deps.authorizer)
}

function authorization(deps: ServerDeps, { user, info }: FastifyRequest): Promise<void> | undefined {
  return authorize(deps, user, info)
}

/** Throws 403, or rejects with it. */
function authorize(deps: ServerDeps, user: User, info: RequestInfo): Promise<void> | undefined {
  const demandAllowed = ({ allowed, reason }: Decision): undefined => {
    if (!allowed) throw forbiddenRequest(user, info, reason)
  }
  const decision = deps.authorizer.authorize(user, attributesOf(info))
  return decision instanceof Promise ? decision.then(demandAllowed) : demandAllowed(decision)
}

function passThrough(deps: ServerDeps, request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
  const { call, info, user } = request
  const pass = deps.passThrough(info, call.method)
  if (!pass) return undefined
  reply.hijack()
  const raw = call.raw()
  return pass({ info, user, ...raw }).catch((error: unknown) => rawError(deps, request, raw.response, error))
}

const isList = ({ verb }: RequestInfo): boolean => verb === 'list' || verb === 'watch'

/** What a handler gets. What few of them ask for is made when they do. */
class Asked implements ApiRequest {
  readonly info: RequestInfo
  readonly user: User
  readonly method: string
  readonly headers: Call['headers']
  readonly body: Buffer
  accepted: Accepted
  readonly #call: Call
  #signal: AbortSignal | undefined
  #warnings: Warnings | undefined

  constructor(request: FastifyRequest, body: Buffer) {
    const { call, info, user } = request
    const { headers } = call
    this.#call = call
    this.info = info
    this.user = user
    this.method = call.method
    this.headers = headers
    this.body = body
    this.accepted = negotiates(info) ? accepted(headers.accept, info.query, headers['user-agent'] ?? '', isList(info)) : plainly(request)
  }

  get signal(): AbortSignal {
    this.#signal ??= goneSignal(this.#call)
    return this.#signal
  }

  get warn(): (text: string) => void {
    this.#warnings ??= new Warnings()
    const warnings = this.#warnings
    return (text) => warnings.add(text)
  }

  get warnings(): string[] {
    return this.#warnings?.headers() ?? []
  }
}

async function routes(deps: ServerDeps, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { call } = request
  const body = call.body()
  const asked = new Asked(request, body instanceof Promise ? await body : body)
  let answer: Answer | Streamed
  try {
    answer = await deps.handle(asked)
  } finally {
    const texts = asked.warnings
    if (texts.length > 0) call.answer['warning'] = texts
  }
  if (isStreamed(answer)) {
    reply.hijack()
    const { response } = call.raw()
    await Promise.resolve(answer.stream(response)).catch((error: unknown) => rawError(deps, request, response, error))
    return
  }
  if (answer.headers) Object.assign(call.answer, answer.headers)
  const encodings = asked.headers['accept-encoding'] as string | undefined
  if (answer.readable !== undefined) await sendStreamed(call, answer, asked.accepted, encodings)
  else {
    const waiting = sendBytes(call, answer, asked.accepted, encodings)
    if (waiting) await waiting
  }
  reply.hijack()
}

/** Made where somebody asks for it, which is seldom. */
function goneSignal(call: Call): AbortSignal {
  const gone = new AbortController()
  if (call.isGone) gone.abort()
  else call.onClose((isWhole) => void (isWhole || gone.abort()))
  return gone.signal
}

async function sendStreamed(call: Call, given: Answer, asked: Accepted, encodings: string | undefined): Promise<void> {
  const answer = await wholeOf(given, asked, encodings)
  if (!answer.readable) return await sendBytes(call, answer, asked, encodings)
  call.answer['content-type'] = answer.contentType ?? 'application/json'
  call.answer['content-length'] = answer.length ?? 0
  await call.pipe(answer.status, answer.readable)
}

/** At once but for what is compressed. */
function sendBytes(call: Call, answer: Answer, asked: Accepted, encodings: string | undefined): Promise<void> | undefined {
  // Nothing about a body that is not sent: caches would take it for the old one's.
  if (answer.status === 304) {
    call.send(304, noBody)
    return undefined
  }
  const { bytes, contentType } = rendered(answer, asked)
  if (contentType !== '') call.answer['content-type'] = contentType
  if (isWorthGzip(bytes.length, encodings)) return sendCompressed(call, answer.status, bytes)
  call.send(answer.status, bytes)
  return undefined
}

async function sendCompressed(call: Call, status: number, bytes: Buffer): Promise<void> {
  const small = await compressed(bytes)
  call.answer['content-encoding'] = 'gzip'
  call.answer['vary'] = 'Accept-Encoding'
  call.send(status, small)
}

/** Objects have several forms; pages such as /metrics and logs have one, whatever the client would like. */
const negotiates = (info: RequestInfo): boolean => info.isResource && info.subresource !== 'log'

const plainly = ({ call, info }: FastifyRequest): Accepted =>
  acceptedOrJson(call.headers.accept, info.query, call.headers['user-agent'] ?? '')

const unexpected =
  ({ log }: ServerDeps, { verb, path }: RequestInfo) =>
  (error: unknown): void =>
    log.error({ verb, path, error, stack: (error as Error | undefined)?.stack }, 'request failed')

function renderError(request: FastifyRequest, reply: FastifyReply, error: ApiError): void {
  const { bytes, contentType } = rendered({ status: error.code, object: error.toStatus() }, plainly(request))
  Object.assign(request.call.answer, errorHeaders(error), { 'content-type': contentType })
  void reply.code(error.code).send(bytes)
}

/** A Status where the handler writes the answer itself. */
function rawError(deps: ServerDeps, request: FastifyRequest, response: RawResponse, cause: unknown): void {
  const error = apiErrorOf(cause, unexpected(deps, request.info))
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { bytes, contentType } = rendered({ status: error.code, object: error.toStatus() }, plainly(request))
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
