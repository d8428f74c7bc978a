/** All paths of the server: what is not a resource is looked up here, the rest goes through the resource routes. */
import { createHash } from 'node:crypto'
import type { Resource } from '#api/resource.ts'
import type { Admission } from '#apiserver/admission/admission.ts'
import type { RemoteApis } from '#apiserver/aggregation/remote-apis.ts'
import type { TokenReviewer } from '#apiserver/authentication/authenticator.ts'
import type { TokenIssuer } from '#apiserver/authentication/token-issuer.ts'
import { jwksOf, type TokenKeys } from '#apiserver/authentication/token-keys.ts'
import type { Authorizer } from '#apiserver/authorization/authorizer.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import { isNamespace } from '#apiserver/registry/kinds.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { ServedKinds } from '#apiserver/served-kinds.ts'
import { catalogOf, postOnly } from './catalog.ts'
import { type ComponentChecks, componentAnswer, isAboutComponents } from './component-statuses.ts'
import { deleteCollection } from './delete-collection.ts'
import { Discovery } from './discovery.ts'
import type { Answer, ApiRequest, Handler, Streamed } from './exchange.ts'
import { type HealthChecks, healthAnswer, pageNotFound } from './health.ts'
import type { Metrics } from './metrics.ts'
import { OpenApi } from './openapi.ts'
import { refuseWithoutUpgrade } from './proxying/pod-streams.ts'
import { ReadHandlers } from './read.ts'
import { type Methods, noSuchResource, notAllowed, type ResourceRoutes, route, scopeFits } from './resource-routes.ts'
import { reviewAnswer } from './reviews.ts'
import { bind } from './subresources/binding.ts'
import { evict } from './subresources/eviction.ts'
import { finalizeRules } from './subresources/finalize.ts'
import { type LogDeps, podLog } from './subresources/log.ts'
import { scaleMethods } from './subresources/scale.ts'
import { requestToken, type TokenLimits } from './subresources/token.ts'
import { versionPage } from './version.ts'
import { WriteHandlers } from './write.ts'

export interface ApiDeps {
  kinds: ServedKinds
  /** What other servers serve. */
  remote: Pick<RemoteApis, 'versions' | 'documents' | 'onChange'>
  cache: Cache
  registry: Registry
  admission: Admission
  authorizer: Authorizer
  tokens: TokenReviewer
  issuer: TokenIssuer
  keys: TokenKeys
  audiences: readonly string[]
  /** How long tokens may live. */
  tokenLimits?: TokenLimits
  /** host:port, for /api. */
  serverAddress: string
  health: HealthChecks
  components: ComponentChecks
  metrics: Metrics
  logs: LogDeps
  stopping: AbortSignal
}

type Page = (request: ApiRequest) => Promise<Answer> | Answer

export class Api {
  readonly #deps: ApiDeps
  readonly #routes: ResourceRoutes
  /** Made anew after every change of the kinds, when it is first asked for. */
  #discovery: Discovery | undefined
  readonly #openapi: OpenApi
  readonly #pages: ReadonlyMap<string, Page>

  constructor(deps: ApiDeps) {
    this.#deps = deps
    this.#routes = routesOf(deps)
    this.#openapi = new OpenApi(deps.kinds, deps.remote)
    this.#pages = pagesOf(deps, () => this.#discovered(), this.#openapi)
    const forget = (): void => {
      this.#discovery = undefined
    }
    deps.kinds.onChange(forget)
    deps.remote.onChange(forget)
  }

  #discovered(): Discovery {
    const hashOf = (text: string): string => createHash('sha256').update(text).digest().subarray(0, 8).toString('base64')
    this.#discovery ??= new Discovery(catalogOf(this.#deps.kinds, hashOf), this.#deps.serverAddress, this.#deps.remote.versions())
    return this.#discovery
  }

  /** Throws ApiError. */
  handle(request: ApiRequest): ReturnType<Handler> {
    const { info } = request
    if (info.path.startsWith('//')) return pageNotFound()
    return info.isResource ? this.#resource(request) : this.#page(request)
  }

  async #page(request: ApiRequest): Promise<Answer | Streamed> {
    const { info } = request
    const health = await healthAnswer(this.#deps.health, request)
    if (health) return health
    const page = this.#pages.get(info.path) ?? this.#pages.get(info.path.replace(/\/$/, ''))
    if (page && request.method === 'GET') return await page(request)
    const found = this.#discovered().answer(request) ?? this.#openapi.answer(request)
    return found ?? pageNotFound()
  }

  #resource(request: ApiRequest): ReturnType<Handler> {
    const { info } = request
    if (info.apiPrefix === 'apis' && !this.#discovered().hasGroup(info.group)) return pageNotFound()
    const { kinds } = this.#deps
    const kind = kinds.find(info.group, info.version, info.resource)
    if ((kind === undefined || !scopeFits(kind, info)) && kinds.isCustomGroup(info.group)) return pageNotFound()
    if (isPostOnly(info)) return postOnlyAnswer(this.#deps, request)
    return isAboutComponents(info) ? componentAnswer(this.#deps.components, request) : route(this.#routes, request)
  }
}

/** Resources that are questions rather than objects. */
function isPostOnly({ group, version, resource, namespaced, name }: RequestInfo): boolean {
  if (name !== '') return false
  return postOnly.some((e) => e.plural === resource && e.group === group && e.version === version && e.namespaced === namespaced)
}

async function postOnlyAnswer(deps: ApiDeps, request: ApiRequest): Promise<Answer> {
  const { info } = request
  if (request.method !== 'POST') throw notAllowed()
  if (info.group === '' && info.resource === 'bindings' && info.namespaced) return await bind(deps.registry, request, '')
  const answer = await reviewAnswer(deps, request)
  if (!answer) throw noSuchResource()
  return answer
}

function pagesOf(deps: ApiDeps, discovery: () => Discovery, openapi: OpenApi): ReadonlyMap<string, Page> {
  const json =
    (make: () => unknown): Page =>
    () => ({ status: 200, object: make() })
  return new Map<string, Page>([
    ['/version', versionPage],
    ['/metrics', async () => metricsAnswer(deps.metrics)],
    ['/', json(() => ({ paths: rootPaths(deps, discovery(), openapi) }))],
    ['/.well-known/openid-configuration', json(() => openidConfiguration(deps))],
    [
      '/openid/v1/jwks',
      async () => ({
        status: 200,
        bytes: Buffer.from(JSON.stringify(await jwksOf(deps.keys))),
        contentType: 'application/jwk-set+json',
        headers: { 'cache-control': 'public, max-age=3600' },
      }),
    ],
  ])
}

async function metricsAnswer(metrics: Metrics): Promise<Answer> {
  const { body, contentType } = await metrics.page()
  return { status: 200, bytes: Buffer.from(body), contentType }
}

function openidConfiguration(deps: ApiDeps): object {
  return {
    issuer: deps.issuer.issuer,
    jwks_uri: `https://${deps.serverAddress}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(deps.keys.verifying.map((k) => k.algorithm))].sort(),
  }
}

function rootPaths(deps: ApiDeps, discovery: Discovery, openapi: OpenApi): string[] {
  const groups = discovery
    .groupVersions()
    .flatMap(({ group, version }) => (group === '' ? [`/api/${version}`] : [`/apis/${group}`, `/apis/${group}/${version}`]))
  const health = (['livez', 'readyz'] as const).flatMap((name) => [
    `/${name}`,
    ...[...deps.health[name].keys()].map((check) => `/${name}/${check}`),
  ])
  const others = ['/.well-known/openid-configuration', '/api', '/apis', '/apis/', '/healthz', '/metrics', '/openid/v1/jwks', '/version']
  return [...new Set([...others, ...groups, ...health, ...openapi.paths()])].sort()
}

function routesOf(deps: ApiDeps): ResourceRoutes {
  const read = new ReadHandlers(deps.cache, deps.stopping)
  const writes = new WriteHandlers(deps.registry, deps.authorizer)
  const removeAll = (resource: Resource, request: ApiRequest) => {
    if (isNamespace(resource)) throw notAllowed()
    return deleteCollection(deps, resource, request)
  }
  return {
    find: deps.kinds.find,
    collection: {
      GET: (resource, request) => read.collection(resource, request),
      POST: (resource, request) => writes.create(resource, request),
      DELETE: removeAll,
    },
    item: {
      GET: (resource, request) =>
        request.info.verb === 'watch' ? read.watch(resource, request, request.info.name) : read.get(resource, request),
      PUT: (resource, request) => writes.update(resource, request),
      PATCH: (resource, request) => writes.patch(resource, request),
      DELETE: (resource, request) => writes.delete(resource, request),
    },
    subresource: (resource, name) => subresourceMethods({ deps, read, writes }, resource, name),
  }
}

interface Handlers {
  deps: ApiDeps
  read: ReadHandlers
  writes: WriteHandlers
}

function subresourceMethods(handlers: Handlers, resource: Resource, name: string): Methods | undefined {
  const { deps, read, writes } = handlers
  if (name === 'scale' && resource.scale) return scaleMethods(deps.registry, resource.scale)
  const special = resource.group === '' ? specialMethods(handlers, `${resource.plural}/${name}`) : undefined
  if (special) return special
  const rules = Object.hasOwn(resource.subresources ?? {}, name) ? resource.subresources?.[name] : undefined
  if (!rules) return undefined
  return {
    GET: (of, request) => read.get(of, request),
    PUT: (of, request) => writes.update(of, request, { name, rules }),
    PATCH: (of, request) => writes.patch(of, request, { name, rules }),
  }
}

function specialMethods({ deps, writes }: Handlers, path: string): Methods | undefined {
  const { registry } = deps
  switch (path) {
    case 'pods/binding':
      return { POST: (_, request) => bind(registry, request, request.info.name) }
    case 'pods/eviction':
      return { POST: (_, request) => evict(deps, request) }
    case 'pods/exec':
    case 'pods/attach':
    case 'pods/portforward':
      return {
        GET: (_, request) => refuseWithoutUpgrade(deps.logs, request.info),
        POST: (_, request) => refuseWithoutUpgrade(deps.logs, request.info),
      }
    case 'pods/log':
      return { GET: (_, request) => podLog(deps.logs, request) }
    case 'serviceaccounts/token':
      return { POST: (_, request) => requestToken(deps, request) }
    case 'namespaces/finalize':
      return { PUT: (of, request) => writes.update(of, request, { name: 'finalize', rules: finalizeRules }) }
    default:
      return undefined
  }
}
