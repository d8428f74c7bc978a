/** Watches over WebSocket (browsers, dashboards): one message per event. */
import { WebSocketServer } from 'ws'
import { ApiError } from '#api/meta/status.ts'
import type { Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { ConvertingSink, conversionOf } from '#apiserver/custom/converted-reads.ts'
import { accepted } from '#apiserver/filters/negotiation.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import { refuseUpgrade, type Upgrade } from '#apiserver/filters/upgrades.ts'
import { includeObjectOf } from './list-options.ts'
import { noSuchResource, scopeFits } from './resource-routes.ts'
import { watchObjects } from './watch.ts'
import { type MessageSocket, webSocketSink } from './watch-sinks.ts'

/** Only what was authorized as a watch is one. */
export const isWatchSocket = (info: RequestInfo): boolean => info.isResource && info.subresource === '' && info.verb === 'watch'

/** Sub-protocols that a watch may be asked for under; the first that fits is confirmed. */
const protocols = ['', 'binary.k8s.io', 'base64.binary.k8s.io']

export interface WatchSocketDeps {
  cache: Cache
  find(group: string, version: string, plural: string): Resource | undefined
  stopping: AbortSignal
}

export function watchSocket(deps: WatchSocketDeps): Upgrade {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 64 * 1024,
    handleProtocols: (offered) => protocols.find((p) => offered.has(p)) ?? false,
  })
  return async ({ info, raw, socket, head }) => {
    const resource = deps.find(info.group, info.version, info.resource)
    if (!resource || !scopeFits(resource, info)) throw noSuchResource()
    const answer = accepted(raw.headers.accept, info.query, '')
    const namespace = resource.scope === 'Namespaced' ? info.namespace : ''
    const conversion = answer.form === 'object' || answer.form === 'table' ? conversionOf(resource) : undefined
    const include = answer.form === 'table' ? includeObjectOf(info.query.get('includeObject') ?? '') : undefined
    let opened = false
    await watchObjects(deps.cache, {
      resource: conversion?.stored ?? resource,
      namespace,
      answer: conversion === undefined ? answer : { form: 'object', version: 'v1' },
      query: info.query,
      ...(info.name === '' ? {} : { name: info.name }),
      signal: deps.stopping,
      start: (contentType) => {
        opened = true
        const sink = deferredSink(
          (take) => server.handleUpgrade(raw, socket, head, (ws) => take(ws as unknown as MessageSocket)),
          contentType,
        )
        return conversion === undefined ? sink : new ConvertingSink(resource, sink, include)
      },
    }).catch((error: unknown) => {
      if (opened || !(error instanceof ApiError)) throw error
      refuseUpgrade(socket, error)
    })
  }
}

/** handleUpgrade calls back at once for a good request; a bad one is answered by it and the watch ends. */
function deferredSink(open: (take: (socket: MessageSocket) => void) => void, contentType: string): ReturnType<typeof webSocketSink> {
  let socket: MessageSocket | undefined
  open((opened) => {
    socket = opened
  })
  if (!socket) throw new ApiError(400, 'BadRequest', 'the WebSocket handshake failed')
  return webSocketSink(socket, contentType !== 'application/json')
}
