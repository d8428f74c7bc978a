/** Proxies plain HTTP to nodes, pods and services: bodies stream both ways, redirects are passed on and never followed. */

import { type IncomingMessage, type OutgoingHttpHeaders, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ApiError } from '#api/meta/status.ts'
import type { RawResponse } from '#apiserver/endpoints/exchange.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import type { Upgrade } from '#apiserver/filters/upgrades.ts'
import type { PassedRequest } from '#apiserver/server.ts'
import { answerHeaders, type ProxiedAs } from './answer-headers.ts'
import { withoutHops } from './hop-by-hop.ts'
import { hostPort } from './kubelet-connection.ts'
import { type ProxyDeps, proxyTarget } from './proxy-target.ts'
import { forwardedHeaders, splice } from './splice.ts'

const proxied: ReadonlySet<string> = new Set(['nodes', 'pods', 'services'])

export const isProxy = (info: RequestInfo): boolean =>
  info.isResource &&
  info.group === '' &&
  info.version === 'v1' &&
  info.subresource === 'proxy' &&
  proxied.has(info.resource) &&
  info.namespaced === (info.resource !== 'nodes')

const proxyPath = /^(\/api\/v1\/(?:namespaces\/[^/]+\/)?(?:nodes|pods|services)\/[^/?]+\/proxy)([^?]*)(\?.*)?$/

/** The backend's path as the client wrote it, escapes and all. */
export function backendPath(url: string): { prefix: string; path: string; query: string } {
  const [, prefix = '', path = '', query = ''] = proxyPath.exec(url) ?? []
  return { prefix, path, query }
}

export async function proxyHttp(deps: ProxyDeps, { info, request, response }: PassedRequest): Promise<void> {
  const { prefix, path, query } = backendPath(request.url ?? '')
  if (path === '' && (request.method === 'GET' || request.method === 'HEAD')) {
    response.statusCode = 301
    response.setHeader('location', `${prefix}/${query}`)
    response.end()
    return
  }
  const target = await proxyTarget(deps, info)
  // servers of several sites tell these apart by what the client called
  const client = request.headers.host ?? String(request.headers[':authority'] ?? '')
  const headers: OutgoingHttpHeaders = { ...withoutHops(forwardedHeaders(request.headers)), host: client || hostPort(target) }
  const length = request.headers['content-length']
  if (length !== undefined) headers['content-length'] = length
  headers['x-forwarded-uri'] = prefix + path
  const from = request.socket?.remoteAddress
  if (from !== undefined) headers['x-forwarded-for'] = from
  const options = {
    host: target.host,
    port: target.port,
    path: `${path || '/'}${query}`,
    method: request.method ?? 'GET',
    headers,
    agent: false,
    ...target.tls,
  }
  const call = target.secure ? tlsRequest(options) : plainRequest(options)
  response.once('close', () => call.destroy())
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve)
    call.once('error', (error) => reject(new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${error.message}`)))
  })
  const sent = pipeline(request as unknown as Readable, call).catch(() => undefined) // a lost body shows in the answer
  await copyAnswer(await answered, response, { prefix, backend: hostPort(target), client })
  void sent
}

async function copyAnswer(answer: IncomingMessage, response: RawResponse, as: ProxiedAs): Promise<void> {
  response.statusCode = answer.statusCode ?? 502
  for (const [name, value] of Object.entries(answerHeaders(answer.headers, as))) if (value !== undefined) response.setHeader(name, value)
  await pipeline(answer, response as Writable).catch(() => void response.destroy())
}

/** The same for connections that are to be upgraded. */
export function proxyUpgrade(deps: ProxyDeps): Upgrade {
  return async (request) => {
    const { path, query } = backendPath(request.raw.url ?? '')
    await splice(request, await proxyTarget(deps, request.info), `${path || '/'}${query}`)
  }
}
