/** Assembles the HTTP server: the layers in the order in which a request meets them; buildServer never listens. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { ApiError } from '#api/meta/status.ts'
import type { Logger } from '#component/logging.ts'
import type { Authenticate } from './authentication/authenticator.ts'
import { anonymous, type User } from './authentication/user.ts'
import { type Authorizer, forbiddenRequest } from './authorization/authorizer.ts'
import { attributesOf } from './authorization/request-attributes.ts'
import { type Answer, type ApiRequest, isStreamed, type RawResponse, type Streamed } from './endpoints/exchange.ts'
import type { Metrics } from './endpoints/metrics.ts'
import { apiErrorOf, errorHeaders } from './filters/errors.ts'
import { impersonated } from './filters/impersonation.ts'
import { type Accepted, accepted, acceptedOrJson } from './filters/negotiation.ts'
import { compressed, isWorthGzip, rendered, wholeOf } from './filters/rendering.ts'
import { type RequestInfo, requestInfoOf } from './filters/request-info.ts'
import { serveUpgrades, type Upgrade } from './filters/upgrades.ts'
import { Warnings } from './filters/warnings.ts'
import { noBody } from './http/body.ts'
import type { Call } from './http/call.ts'
import { createListener, type Listener, type TlsMaterial } from './http/listener.ts'

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

/** What the layers have found out about a call. */
interface Exchange {
  readonly call: Call
  info: RequestInfo
  /** Who acts: whom the request is judged as. Another than who sent it where they impersonate somebody. */
  user: User
}

/** Throws what is rendered as a Status. After `answered` no further layer is asked. */
type Layer = (deps: ServerDeps, exchange: Exchange) => Promise<Outcome> | Outcome
type Outcome = 'answered' | undefined

const layers: readonly Layer[] = [requestInfo, metrics, authentication, impersonation, authorization, passThrough, routes]

const noInfo: RequestInfo = requestInfoOf('GET', '/')

export function buildServer(deps: ServerDeps): Listener {
  const listener = createListener(deps.tls, (call) => void serve(deps, call))
  serveUpgrades(listener.server as never, deps, (raw: IncomingMessage, socket: Duplex) => admitUpgrade(deps, raw, socket))
  return listener
}

async function serve(deps: ServerDeps, call: Call): Promise<void> {
  const exchange: Exchange = { call, info: noInfo, user: anonymous }
  try {
    for (const layer of layers) {
      const outcome = layer(deps, exchange)
      if (outcome !== undefined && (await outcome) === 'answered') return
    }
  } catch (error) {
    renderError(
      call,
      apiErrorOf(error, (cause) => logUnexpected(deps, exchange.info, cause)),
      plainly(exchange),
    )
  }
}

function requestInfo(_deps: ServerDeps, exchange: Exchange): undefined {
  const { call } = exchange
  call.answer['audit-id'] = auditIdOf(call.headers['audit-id'])
  call.answer['cache-control'] = 'no-cache, private'
  exchange.info = requestInfoOf(call.method, call.url)
}

/** A client may bring an id to find its request again. */
const auditIdOf = (given: string | string[] | undefined): string =>
  typeof given === 'string' && /^[\x21-\x7e]{1,64}$/.test(given) ? given : randomUUID()

function metrics(deps: ServerDeps, { call, info }: Exchange): undefined {
  const began = performance.now()
  deps.metrics.begin(info)
  // Comes for finished and for broken off answers alike.
  call.onClose(() => deps.metrics.end(info, call.status, (performance.now() - began) / 1000))
}

async function authentication(deps: ServerDeps, exchange: Exchange): Promise<undefined> {
  exchange.user = await deps.authenticate(exchange.call)
}

async function impersonation(deps: ServerDeps, exchange: Exchange): Promise<undefined> {
  exchange.user = await impersonated(exchange.call, exchange.user, deps.authorizer)
}

async function authorization(deps: ServerDeps, { user, info }: Exchange): Promise<undefined> {
  await authorize(deps, user, info)
}

async function authorize(deps: ServerDeps, user: User, info: RequestInfo): Promise<void> {
  const decision = await deps.authorizer.authorize(user, attributesOf(info))
  if (!decision.allowed) throw forbiddenRequest(user, info, decision.reason)
}

async function passThrough(deps: ServerDeps, exchange: Exchange): Promise<Outcome> {
  const { call, info, user } = exchange
  const pass = deps.passThrough(info, call.method)
  if (!pass) return undefined
  const raw = call.raw()
  await pass({ info, user, ...raw }).catch((error: unknown) => rawError(deps, exchange, raw.response, error))
  return 'answered'
}

async function routes(deps: ServerDeps, exchange: Exchange): Promise<Outcome> {
  const { call, info, user } = exchange
  const { headers, method } = call
  const warnings = new Warnings()
  let signal: AbortSignal | undefined
  const asked: ApiRequest = {
    info,
    user,
    method,
    headers,
    body: await call.body(),
    accepted: negotiates(info) ? accepted(headers.accept, info.query, headers['user-agent'] ?? '') : plainly(exchange),
    get signal() {
      signal ??= goneSignal(call)
      return signal
    },
    warn: (text) => warnings.add(text),
  }
  let answer: Answer | Streamed
  try {
    answer = await deps.handle(asked)
  } finally {
    const texts = warnings.headers()
    if (texts.length > 0) call.answer['warning'] = texts
  }
  if (isStreamed(answer)) {
    const { response } = call.raw()
    await Promise.resolve(answer.stream(response)).catch((error: unknown) => rawError(deps, exchange, response, error))
  } else await send(call, answer, asked)
  return 'answered'
}

/** Made where somebody asks for it, which is seldom. */
function goneSignal(call: Call): AbortSignal {
  const gone = new AbortController()
  if (call.isGone) gone.abort()
  else call.onClose((isWhole) => void (isWhole || gone.abort()))
  return gone.signal
}

async function send(call: Call, given: Answer, asked: ApiRequest): Promise<void> {
  const encodings = asked.headers['accept-encoding'] as string | undefined
  const answer = given.readable === undefined ? given : await wholeOf(given, asked.accepted, encodings)
  if (answer.headers) Object.assign(call.answer, answer.headers)
  if (answer.readable) {
    call.answer['content-type'] = answer.contentType ?? 'application/json'
    call.answer['content-length'] = answer.length ?? 0
    await call.pipe(answer.status, answer.readable)
    return
  }
  // Nothing about a body that is not sent: caches would take it for the old one's.
  if (answer.status === 304) {
    call.send(304, noBody)
    return
  }
  const { bytes, contentType } = rendered(answer, asked.accepted)
  if (contentType !== '') call.answer['content-type'] = contentType
  const small = isWorthGzip(bytes.length, encodings) ? await compressed(bytes) : undefined
  if (small) {
    call.answer['content-encoding'] = 'gzip'
    call.answer['vary'] = 'Accept-Encoding'
  }
  call.send(answer.status, small ?? bytes)
}

/** Objects have several forms; pages such as /metrics and logs have one, whatever the client would like. */
const negotiates = (info: RequestInfo): boolean => info.isResource && info.subresource !== 'log'

const plainly = ({ call, info }: Exchange): Accepted => acceptedOrJson(call.headers.accept, info.query, call.headers['user-agent'] ?? '')

function logUnexpected({ log }: ServerDeps, { verb, path }: RequestInfo, error: unknown): void {
  log.error({ verb, path, error, stack: (error as Error | undefined)?.stack }, 'request failed')
}

function renderError(call: Call, error: ApiError, asked: Accepted): void {
  const { bytes, contentType } = rendered({ status: error.code, object: error.toStatus() }, asked)
  Object.assign(call.answer, errorHeaders(error), { 'content-type': contentType })
  call.send(error.code, bytes)
}

/** A Status where the handler writes the answer itself. */
function rawError(deps: ServerDeps, exchange: Exchange, response: RawResponse, cause: unknown): void {
  const error = apiErrorOf(cause, (unexpected) => logUnexpected(deps, exchange.info, unexpected))
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { bytes, contentType } = rendered({ status: error.code, object: error.toStatus() }, plainly(exchange))
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
