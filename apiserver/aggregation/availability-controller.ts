/** Asks every other server whether it serves what its APIService says, and writes down the answer; its list of resources goes to discovery. */
import { request as tlsRequest } from 'node:https'
import { type APIService, APIServices, localCondition } from '#api/apiregistration/api-service.ts'
import { Services } from '#api/core/service.ts'
import { EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import type { User } from '#apiserver/authentication/user.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { hostPort, type Target } from '#apiserver/endpoints/proxying/kubelet-connection.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import { timestamp } from '#apiserver/registry/system-metadata.ts'
import type { Logger } from '#component/logging.ts'
import { conditionsAfter, type Finding } from './availability.ts'
import { frontProxyHeaders } from './front-proxy-headers.ts'
import { type AggregationDeps, addressOf } from './proxy.ts'
import type { RemoteApi } from './remote-apis.ts'
import { entriesOf } from './remote-discovery.ts'

export interface AvailabilityDeps extends AggregationDeps {
  cache: Cache
  registry: Registry
  log: Logger
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

const kind = APIServices as unknown as Resource
const aggregator: User = { name: 'system:kube-aggregator', groups: ['system:masters'] }
const server: User = { name: 'system:apiserver', groups: ['system:masters'] }
/** All are asked again after this time: a network can fail without a word. */
const resyncMs = 30_000
/** Changes that come together are looked at together. */
const settleMs = 50
const answerMs = 5_000
const maxListBytes = 10 * 1024 * 1024
const attempts = 3

export class AvailabilityController {
  readonly #deps: AvailabilityDeps
  #wake: () => void = () => undefined

  constructor(deps: AvailabilityDeps) {
    this.#deps = deps
  }

  async run(signal: AbortSignal): Promise<void> {
    const { cache, sleep, log } = this.#deps
    const near = [Services, EndpointSlices] as unknown as Resource[]
    const stops = [
      cache.observe(kind, () => this.#wake()),
      ...near.map((resource) => cache.observe(resource, (change) => this.#hear((change?.now ?? change?.was)?.namespace))),
    ]
    while (!signal.aborted) {
      const pause = new AbortController()
      const changed = new Promise<void>((resolve) => (this.#wake = resolve))
      try {
        if (cache.isReady) await this.once()
      } catch (error) {
        log.warn({ error }, 'cannot tell which API services are available, trying again')
      }
      const rest = cache.isReady ? resyncMs : settleMs
      await Promise.race([changed, sleep(rest, AbortSignal.any([signal, pause.signal]))])
      pause.abort()
      await sleep(settleMs, signal)
    }
    for (const stop of stops) stop()
    this.#deps.apis.close()
  }

  /** Most services are nobody's API. */
  #hear(namespace: string | undefined): void {
    if (this.#deps.apis.all().some(({ service }) => namespace === undefined || service.namespace === namespace)) this.#wake()
  }

  /** Asks all of them now. */
  async once(): Promise<void> {
    const { apis, registry, cache } = this.#deps
    const lacks = ({ spec, status }: APIService): boolean => !spec.service && !status?.conditions?.some(({ type }) => type === 'Available')
    if (apis.all().length === 0 && !registry.store.shared(APIServices, undefined).some(lacks)) return
    // The cache may begin in the past.
    await cache.fresh()
    await Promise.all(apis.all().map((api) => this.#check(api)))
    for (const service of registry.store.shared(APIServices, undefined).filter(lacks))
      await this.#write(service.metadata.name ?? '', [localCondition(timestamp(registry.now()))])
  }

  async #check(api: RemoteApi): Promise<void> {
    const { registry } = this.#deps
    const finding = await this.#find(api)
    const stored = registry.store.shared(APIServices, undefined).find(({ metadata }) => metadata.uid === api.uid)
    const next = stored && conditionsAfter(stored.status?.conditions, finding, timestamp(registry.now()))
    if (!next) return
    this.#deps.log.info({ apiService: api.name, ...finding }, 'availability of an API service changed')
    await this.#write(api.name, next)
  }

  async #find(api: RemoteApi): Promise<Finding> {
    const addresses = this.#deps.apis.addresses(api.service)
    if (!Array.isArray(addresses)) return { ok: false, ...addresses }
    const path = `/apis/${api.group}/${api.version}`
    let message = ''
    for (let attempt = 0; attempt < attempts; attempt++) {
      try {
        const entries = entriesOf(await this.#list(api, path), api.group, api.version)
        if (entries) this.#deps.apis.discovered(api.name, entries)
        // A server without OpenAPI is served all the same.
        this.#deps.apis.described(api.name, documentOf(await this.#list(api, '/openapi/v3').catch(() => undefined), api))
        return { ok: true }
      } catch (error) {
        message = (error as Error).message
      }
    }
    return { ok: false, reason: 'FailedDiscoveryCheck', message }
  }

  /** What the server answers, parsed. Throws what went wrong, in upstream's words. */
  async #list(api: RemoteApi, path: string): Promise<unknown> {
    const address = await addressOf(this.#deps, api)
    const url = `https://${hostPort(address as Target)}${path}`
    const { status, body } = await ask(api, address, path).catch((error: Error) => {
      throw new Error(`failing or missing response from ${url}: ${error.message}`)
    })
    if (status < 200 || status >= 300) throw new Error(`failing or missing response from ${url}: bad status from ${url}: ${status}`)
    return parsed(body)
  }

  async #write(name: string, conditions: object[]): Promise<void> {
    const rules = APIServices.subresources?.['status']
    const change = (prev: KubeObject | undefined): KubeObject => ({ ...(prev as APIService), status: { conditions } }) as KubeObject
    const request = {
      resource: kind,
      ref: { name },
      subresource: 'status',
      retries: true,
      change,
      ...(rules ? { rules: rules as never } : {}),
    }
    const writer = { user: server, dryRun: false, namespace: '', warn: () => undefined }
    await this.#deps.registry.update(request, writer).catch(unlessGone)
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof ApiError) || (error.code !== 404 && error.code !== 409)) throw error
}

/** Not what is verified but whether anybody answers: as upstream, any certificate will do here. */
function ask(api: RemoteApi, address: { host: string; port: number }, path: string): Promise<{ status: number; body: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: Buffer }>()
  const headers = { ...frontProxyHeaders(aggregator), accept: 'application/json', host: hostPort(address as Target) }
  const call = tlsRequest(
    { ...address, path, headers, agent: false, timeout: answerMs, ...api.tls, rejectUnauthorized: false },
    (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size > maxListBytes) response.destroy(new Error('the answer is too long'))
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
      response.on('error', reject)
    },
  )
  const late = setTimeout(() => call.destroy(new Error('context deadline exceeded')), answerMs)
  call.on('close', () => clearTimeout(late))
  call.on('error', reject)
  call.end()
  return promise
}

/** A server may say less than JSON and still be there. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** The address of a group version's document in an index of OpenAPI 3; only one on the same server will do. */
function documentOf(index: unknown, { group, version }: RemoteApi): string | undefined {
  const paths = (index as { paths?: Record<string, { serverRelativeURL?: unknown }> } | undefined)?.paths ?? {}
  const name = `apis/${group}/${version}`
  const url = Object.hasOwn(paths, name) ? paths[name]?.serverRelativeURL : undefined
  return typeof url === 'string' && url.startsWith(`/openapi/v3/${name}`) ? url : undefined
}
