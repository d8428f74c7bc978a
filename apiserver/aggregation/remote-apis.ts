/** The group versions that other servers serve, as APIServices say: where they are, how they are reached, what they serve. */
import { Agent } from 'node:https'
import { type APIService, APIServices, availableCondition } from '#api/apiregistration/api-service.ts'
import { type Service, Services } from '#api/core/service.ts'
import { type EndpointSlice, EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import type { Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import type { Store } from '#apiserver/cache/store.ts'
import type { ResourceEntry } from '#apiserver/endpoints/catalog.ts'
import type { Target } from '#apiserver/endpoints/proxying/kubelet-connection.ts'
import { type Address, type Reference, serviceAddresses, type Trouble } from './service-endpoints.ts'

export interface RemoteApi {
  name: string
  uid: string
  group: string
  version: string
  groupPriority: number
  versionPriority: number
  service: Reference
  isAvailable: boolean
  /** How its certificate is verified, and ours is shown. */
  tls: Target['tls']
  /** Connections to it, kept open. */
  agent: Agent
}

/** A group version of another server in discovery. */
export interface RemoteVersion {
  group: string
  version: string
  groupPriority: number
  versionPriority: number
  entries: readonly ResourceEntry[]
  /** It could not be asked lately. */
  isStale: boolean
}

export interface ProxyIdentity {
  cert?: string
  key?: string
}

export interface RemoteApisDeps {
  cache: Cache
  store: Store
  /** Proves to other servers that this one may speak for users. */
  identity: ProxyIdentity
}

const kind = APIServices as unknown as Resource
const idleMs = 90_000

export class RemoteApis {
  readonly #deps: RemoteApisDeps
  readonly #entries = new Map<string, readonly ResourceEntry[]>()
  /** Addresses of OpenAPI documents, by the name of the API service. */
  readonly #documents = new Map<string, string>()
  readonly #listeners = new Set<() => void>()
  readonly #agents = new Map<string, { key: string; agent: Agent }>()
  #version = -1
  #byGroupVersion: ReadonlyMap<string, RemoteApi> = new Map()

  constructor(deps: RemoteApisDeps) {
    this.#deps = deps
    deps.cache.observe(kind, () => this.#tell())
  }

  /** Called when what other servers serve may have changed. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  find(group: string, version: string): RemoteApi | undefined {
    return this.#current().get(`${group}/${version}`)
  }

  hasGroup(group: string): boolean {
    for (const api of this.#current().values()) if (api.group === group) return true
    return false
  }

  all(): RemoteApi[] {
    return [...this.#current().values()]
  }

  /** For discovery. */
  versions(): RemoteVersion[] {
    return this.all().map(({ name, group, version, groupPriority, versionPriority, isAvailable }) => {
      const entries = this.#entries.get(name)
      return { group, version, groupPriority, versionPriority, entries: entries ?? [], isStale: !isAvailable || entries === undefined }
    })
  }

  /** What the server said it serves, the last time it was asked. */
  discovered(name: string, entries: readonly ResourceEntry[]): void {
    const known = this.#entries.get(name)
    this.#entries.set(name, entries)
    if (JSON.stringify(known) !== JSON.stringify(entries)) this.#tell()
  }

  /** Where the server describes the group version; nowhere where undefined. */
  described(name: string, url: string | undefined): void {
    if (this.#documents.get(name) === url) return
    if (url === undefined) this.#documents.delete(name)
    else this.#documents.set(name, url)
    this.#tell()
  }

  /** Addresses of OpenAPI documents of other servers, by their names here: `apis/metrics.k8s.io/v1beta1`. */
  documents(): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (const { name, group, version, isAvailable } of this.all()) {
      const url = this.#documents.get(name)
      if (url !== undefined && isAvailable) found.set(`apis/${group}/${version}`, url)
    }
    return found
  }

  /** Addresses of the service's ready endpoints, or what is in the way. */
  addresses(service: Reference): Address[] | Trouble {
    const { store } = this.#deps
    const own = (slice: EndpointSlice): boolean => slice.metadata.labels?.['kubernetes.io/service-name'] === service.name
    const found = store.shared(Services, service.namespace).find(({ metadata }) => metadata.name === service.name) as Service | undefined
    return serviceAddresses(service, found, store.shared(EndpointSlices, service.namespace).filter(own))
  }

  /** Ends idle connections. */
  close(): void {
    for (const { agent } of this.#agents.values()) agent.destroy()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #current(): ReadonlyMap<string, RemoteApi> {
    const { cache, store } = this.#deps
    const { version } = cache.of(kind)
    if (version === this.#version || !cache.isReady) return this.#byGroupVersion
    this.#version = version
    const remote = store.shared(APIServices, undefined).filter(({ spec }) => spec.service && spec.group)
    this.#byGroupVersion = new Map(remote.map((object) => [`${object.spec.group}/${object.spec.version}`, this.#apiOf(object)]))
    const names = new Set(remote.map(({ metadata }) => metadata.name ?? ''))
    for (const known of [this.#entries, this.#documents]) for (const name of known.keys()) if (!names.has(name)) known.delete(name)
    for (const [name, { agent }] of this.#agents) {
      if (names.has(name)) continue
      agent.destroy()
      this.#agents.delete(name)
    }
    return this.#byGroupVersion
  }

  #apiOf(object: APIService): RemoteApi {
    const { metadata, spec } = object
    const { namespace = '', name = '', port = 443 } = spec.service ?? {}
    const tls = this.#tlsOf(spec)
    const agent = this.#agentOf(metadata.name ?? '', JSON.stringify([metadata.uid, spec]), tls)
    return {
      name: metadata.name ?? '',
      uid: metadata.uid ?? '',
      group: spec.group ?? '',
      version: spec.version ?? '',
      groupPriority: spec.groupPriorityMinimum,
      versionPriority: spec.versionPriority,
      service: { namespace, name, port },
      isAvailable: availableCondition(object)?.status === 'True',
      tls,
      agent,
    }
  }

  /** One pool for each way of verifying: it goes when the object is changed. */
  #agentOf(name: string, key: string, tls: Target['tls']): Agent {
    const known = this.#agents.get(name)
    if (known?.key === key) return known.agent
    known?.agent.destroy()
    const agent = new Agent({ keepAlive: true, timeout: idleMs, maxFreeSockets: 16, ...tls })
    this.#agents.set(name, { key, agent })
    return agent
  }

  #tlsOf({ service, caBundle = '', insecureSkipTLSVerify = false }: APIService['spec']): Target['tls'] {
    const { cert, key } = this.#deps.identity
    return {
      servername: `${service?.name}.${service?.namespace}.svc`,
      rejectUnauthorized: !insecureSkipTLSVerify,
      ...(caBundle === '' ? {} : { ca: Buffer.from(caBundle, 'base64').toString('utf8') }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    }
  }
}
