/** Hands requests for group versions of other servers on to them, on behalf of the user; bodies, watches and upgrades stream both ways. */

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ApiError } from '#api/meta/status.ts'
import { frontProxyHeaders } from '#apiserver/aggregation/front-proxy-headers.ts'
import type { User } from '#apiserver/authentication/user.ts'
import type { RawResponse } from '#apiserver/endpoints/exchange.ts'
import { hopByHop, withoutHops } from '#apiserver/endpoints/proxying/hop-by-hop.ts'
import { hostPort, type Target } from '#apiserver/endpoints/proxying/kubelet-connection.ts'
import { forwardedHeaders, splice } from '#apiserver/endpoints/proxying/splice.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import type { Upgrade } from '#apiserver/filters/upgrades.ts'
import type { PassedRequest } from '#apiserver/server.ts'
import type { Logger } from '#component/logging.ts'
import type { RemoteApi, RemoteApis } from './remote-apis.ts'
import type { Address } from './service-endpoints.ts'

export interface AggregationDeps {
  apis: RemoteApis
  /** The address to dial for a host; throws 400 for addresses that are not the cluster's. */
  dialable(host: string): Promise<string>
  random(): number
  log: Pick<Logger, 'warn'>
}

/** The other server that a request is for; undefined for those of this one. */
export function remoteApiOf(apis: RemoteApis, info: RequestInfo): RemoteApi | undefined {
  if (info.isResource) return info.apiPrefix === 'apis' ? apis.find(info.group, info.version) : undefined
  const [, root, group = '', version = '', ...more] = info.path.replace(documents, '/').replace(/\/$/, '').split('/')
  return root === 'apis' && version !== '' && more.length === 0 ? apis.find(group, version) : undefined
}

/** Descriptions of group versions stand beside those of this server. */
const documents = /^\/openapi\/v3\//
/** They are the same for everybody who may read them here. */
const reader: User = { name: 'system:aggregator', groups: ['system:masters'] }

/** Throws 503 where no endpoint of the service is ready. */
export async function addressOf(deps: AggregationDeps, api: RemoteApi): Promise<Address> {
  const addresses = deps.apis.addresses(api.service)
  const chosen = Array.isArray(addresses) ? addresses[Math.floor(deps.random() * addresses.length)] : undefined
  if (!chosen) throw new ApiError(503, 'ServiceUnavailable', 'service unavailable')
  return { ...chosen, host: await deps.dialable(chosen.host) }
}

const ownHeaders = (user: User, address: Address): OutgoingHttpHeaders => ({
  ...frontProxyHeaders(user),
  host: hostPort(address as Target),
})

/** Plain text, as upstream's aggregator answers where the other server cannot. */
function unavailable(response: RawResponse, code: number, text: string): void {
  response.statusCode = code
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.setHeader('x-content-type-options', 'nosniff')
  response.end(`${text}\n`)
}

export async function proxyToApi(deps: AggregationDeps, api: RemoteApi, passed: PassedRequest): Promise<void> {
  const { request, response, info } = passed
  const user = documents.test(info.path) ? reader : passed.user
  if (!api.isAvailable) {
    // Why is told by the APIService's own condition.
    unavailable(response, 503, 'service unavailable')
    return
  }
  const address = await addressOf(deps, api).catch((error: unknown) => {
    deps.log.warn({ error, group: info.group, version: info.version, service: api.service }, 'no address of an aggregated API to dial')
    return undefined
  })
  if (!address) {
    unavailable(response, 503, 'service unavailable')
    return
  }
  const call = tlsRequest({
    host: address.host,
    port: address.port,
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    agent: api.agent,
    headers: { ...sentHeaders(request.headers), ...forwardedBy(request), ...ownHeaders(user, address) },
  })
  let isClientGone = false
  response.once('close', () => {
    isClientGone = true
    call.destroy()
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve)
    call.once('error', reject)
  })
  const sent = pipeline(request as unknown as Readable, call).catch(() => undefined) // a lost body shows in the answer
  try {
    await copyAnswer(await answered, response)
  } catch (error) {
    if (!isClientGone)
      deps.log.warn({ error, address: hostPort(address as Target), service: api.service }, 'an aggregated API did not answer')
    if (response.headersSent) response.destroy()
    else unavailable(response, 503, `error trying to reach service: ${(error as Error).message}`)
  }
  void sent
}

function sentHeaders(given: IncomingMessage['headers']): OutgoingHttpHeaders {
  const length = given['content-length']
  return { ...withoutHops(forwardedHeaders(given)), ...(length === undefined ? {} : { 'content-length': length }) }
}

function forwardedBy(request: PassedRequest['request']): OutgoingHttpHeaders {
  const from = request.socket?.remoteAddress
  return {
    'x-forwarded-host': request.headers.host ?? request.headers[':authority'],
    'x-forwarded-proto': 'https',
    'x-forwarded-uri': (request.url ?? '').replace(/\?.*$/s, ''),
    ...(from === undefined ? {} : { 'x-forwarded-for': from }),
  }
}

/** A redirect would carry the client to another place with its credentials: it is refused, as upstream does. */
async function copyAnswer(answer: IncomingMessage, response: RawResponse): Promise<void> {
  const code = answer.statusCode ?? 502
  if (code >= 300 && code < 400 && answer.headers.location !== undefined) {
    answer.destroy()
    unavailable(response, 502, 'the backend attempted to redirect this request, which is not permitted')
    return
  }
  response.statusCode = code
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !hopByHop.has(name)) response.setHeader(name, value)
  }
  // A watch may have nothing to say for long: the client is to know that it began.
  ;(response as ServerResponse).flushHeaders()
  await pipeline(answer, response as Writable).catch(() => void response.destroy())
}

/** The same for connections that are to be upgraded. */
export function upgradeToApi(deps: AggregationDeps): Upgrade {
  return async (request) => {
    const api = remoteApiOf(deps.apis, request.info)
    if (!api?.isAvailable) throw new ApiError(503, 'ServiceUnavailable', 'service unavailable')
    const { host, port } = await addressOf(deps, api)
    await splice(request, { secure: true, host, port, tls: api.tls }, request.raw.url ?? '/', frontProxyHeaders(request.user))
  }
}
