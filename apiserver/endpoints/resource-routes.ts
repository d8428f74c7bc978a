/** From request info to handler for everything below /api and /apis: a loop over the kinds, no path is written by hand. */
import { ApiError } from '#api/meta/status.ts'
import type { Resource } from '#api/resource.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import type { ApiRequest, Handler } from './exchange.ts'

/** A handler for requests on one resource. */
export type ResourceHandler = (resource: Resource, request: ApiRequest) => ReturnType<Handler>

/** HTTP methods to handlers. */
export type Methods = Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', ResourceHandler>>>

export interface ResourceRoutes {
  collection: Methods
  item: Methods
  /** The handlers of a subresource, undefined where this kind has no such. */
  subresource(resource: Resource, name: string): Methods | undefined
  find(group: string, version: string, plural: string): Resource | undefined
}

export const noSuchResource = (): ApiError => new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})

export const notAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

/** Throws 404 for unknown resources and paths of the wrong scope, 405 for methods that are not there. */
export function route(routes: ResourceRoutes, request: ApiRequest): ReturnType<Handler> {
  const { info } = request
  const resource = routes.find(info.group, info.version, info.resource)
  if (!resource || !scopeFits(resource, info)) throw noSuchResource()
  if (resource.deprecation !== undefined) request.warn(resource.deprecation)
  if (info.subresource !== '') {
    const methods = routes.subresource(resource, info.subresource)
    if (!methods) throw noSuchResource()
    return pick(methods, request)(resource, request)
  }
  if (isItem(info)) return pick(routes.item, request)(resource, request)
  if (resource.scope === 'Namespaced' && !info.namespaced && request.method !== 'GET') throw notAllowed()
  return pick(routes.collection, request)(resource, request)
}

/** A name that came from a field selector does not make the path an item's. */
const isItem = (info: RequestInfo): boolean =>
  info.name !== '' && info.verb !== 'list' && info.verb !== 'watch' && info.verb !== 'deletecollection'

/** Objects of a namespace by namespaced paths (or all of them in a list), all others by paths without. */
export function scopeFits(resource: Resource, info: RequestInfo): boolean {
  if (resource.scope === 'Cluster') return !info.namespaced
  return info.namespaced || (!isItem(info) && info.subresource === '')
}

function pick(methods: Methods, request: ApiRequest): ResourceHandler {
  const handler = Object.hasOwn(methods, request.method) ? methods[request.method as keyof Methods] : undefined
  if (!handler) throw notAllowed()
  return handler
}
