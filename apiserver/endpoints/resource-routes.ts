/** From request info to handler for everything below /api and /apis: a loop over the kinds, no path is written by hand. */
import { ApiError, notFoundError } from '#api/meta/status.ts'
import { groupResourceOf, type Resource } from '#api/resource.ts'
import { treeOf } from '#api/tree.ts'
import { accepted, notAcceptable } from '#apiserver/filters/negotiation.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import { protobufType } from '#apiserver/protobuf/envelope.ts'
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
  if (isCustom(resource) && request.accepted.mediaType === 'protobuf' && request.accepted.form === 'object')
    request.accepted = acceptedWithoutProtobuf(request)
  if (info.subresource !== '') {
    const methods = routes.subresource(resource, info.subresource)
    if (!methods) throw isCustom(resource) ? notFoundError(resource, info.name) : noSuchResource()
    return pick(methods, request, resource)(resource, request)
  }
  if (isItem(info)) return pick(routes.item, request, resource)(resource, request)
  if (resource.scope === 'Namespaced' && !info.namespaced && request.method !== 'GET') throw notAllowed()
  return pick(routes.collection, request, resource)(resource, request)
}

/** A name that came from a field selector does not make the path an item's. */
const isItem = (info: RequestInfo): boolean =>
  info.name !== '' && info.verb !== 'list' && info.verb !== 'watch' && info.verb !== 'deletecollection'

/** Objects of a namespace by namespaced paths (or all of them in a list), all others by paths without. */
export function scopeFits(resource: Resource, info: RequestInfo): boolean {
  if (resource.scope === 'Cluster') return !info.namespaced
  return info.namespaced || (!isItem(info) && info.subresource === '')
}

function pick(methods: Methods, request: ApiRequest, resource: Resource): ResourceHandler {
  const handler = Object.hasOwn(methods, request.method) ? methods[request.method as keyof Methods] : undefined
  if (!handler) throw isCustom(resource) ? notSupported(resource, request.info.verb) : notAllowed()
  if (resource.deprecation !== undefined) request.warn(resource.deprecation)
  return handler
}

/** Custom resources have no protobuf form; who takes another one gets that. Throws 406. */
function acceptedWithoutProtobuf({ headers, info }: ApiRequest): ApiRequest['accepted'] {
  const others = (headers.accept ?? '').split(',').filter((range) => !range.trim().startsWith(protobufType))
  if (others.length === 0) throw notAcceptable()
  return accepted(others.join(','), info.query, String(headers['user-agent'] ?? ''))
}

const isCustom = (resource: Resource): boolean => treeOf(resource.schema).structural !== undefined

/** What custom resources are refused with. */
function notSupported(resource: Resource, verb: string): ApiError {
  const message = `${verb} is not supported on resources of kind "${groupResourceOf(resource)}"`
  return new ApiError(405, 'MethodNotAllowed', message, { group: resource.group, kind: resource.plural })
}
