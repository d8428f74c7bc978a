/** Puts a server together from its parts; what listens and what ends it is the caller's business. */
import { randomFillSync, randomUUID } from 'node:crypto'
import type { KubeObject, Resource } from '#api/resource.ts'
import { resources } from '#api/scheme.ts'
import { ManagedFields } from '#apiserver/registry/managed-fields.ts'
import { sleep } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'
import { Admission } from './admission/admission.ts'
import { defaultPlugins } from './admission/default-plugins.ts'
import { kindRules } from './admission/kind-rules.ts'
import type { ProxyIdentity } from './aggregation/remote-apis.ts'
import { type Aggregation, aggregationOf } from './aggregation/setup.ts'
import { type AuthenticationOptions, authenticationOf } from './authentication/setup.ts'
import { TokenIssuer } from './authentication/token-issuer.ts'
import { TokenSecretController } from './authentication/token-secret-controller.ts'
import { privilegeEscalation } from './authorization/privilege-escalation.ts'
import { authorizationOf } from './authorization/setup.ts'
import { Cache } from './cache/cache.ts'
import { Store } from './cache/store.ts'
import { registerStoreMetrics } from './cache/store-metrics.ts'
import { componentChecks } from './component-checks.ts'
import { DefinitionController } from './custom/definition-controller.ts'
import { LiveKinds } from './custom/live-kinds.ts'
import { forbidWhileTerminating } from './custom/termination.ts'
import { Api } from './endpoints/api.ts'
import type { ComponentChecks } from './endpoints/component-statuses.ts'
import type { HealthChecks } from './endpoints/health.ts'
import { Metrics } from './endpoints/metrics.ts'
import { isProxy, proxyHttp, proxyUpgrade } from './endpoints/proxying/http-proxy.ts'
import type { KubeletTls } from './endpoints/proxying/kubelet-connection.ts'
import { isPodStream, podStream } from './endpoints/proxying/pod-streams.ts'
import { addressesOf } from './endpoints/proxying/proxy-target.ts'
import { isLogSocket, logSocket } from './endpoints/subresources/log-socket.ts'
import type { TokenLimits } from './endpoints/subresources/token.ts'
import { isWatchSocket, watchSocket } from './endpoints/watch-socket.ts'
import type { RequestInfo } from './filters/request-info.ts'
import type { Listener, TlsMaterial } from './http/listener.ts'
import { NodePorts } from './registry/allocators/node-port.ts'
import type { ServiceRange } from './registry/allocators/service-range.ts'
import { ServiceAllocator } from './registry/allocators/services.ts'
import { Companions } from './registry/companions.ts'
import { canonicalOf, withDefaults } from './registry/engine.ts'
import { Lookups } from './registry/lookups.ts'
import { Registry } from './registry/registry.ts'
import type { Ids } from './registry/write-context.ts'
import { ServedKinds } from './served-kinds.ts'
import { buildServer } from './server.ts'
import type { Storage } from './storage/storage.ts'

export interface ApiServerOptions extends AuthenticationOptions {
  storage: Storage
  tls?: TlsMaterial
  /** host:port that clients are told. */
  serverAddress: string
  serviceRanges: readonly ServiceRange[]
  nodePorts: { from: number; to: number }
  /** `Node` and `RBAC`, in the order in which they are asked; both by default. */
  authorizationModes?: readonly string[]
  tokenLimits?: TokenLimits
  /** Certificate and key by which aggregated servers know this one. */
  proxyIdentity?: ProxyIdentity
  kubelet: { tls: KubeletTls; addressTypes: readonly string[] }
  /** Built-in kinds to serve; all of stable versions by default. */
  kinds?: readonly Resource[]
  /** Names of plug-ins that are switched off. */
  disabledAdmission: readonly string[]
  /** How long events are kept. */
  eventTtlSeconds?: number
  /** Checks beside the built-in ones. */
  health?: Partial<HealthChecks>
  stopping: AbortSignal
  log: Logger
}

export interface ApiServer {
  app: Listener
  kinds: ServedKinds
  cache: Cache
  store: Store
  registry: Registry
  admission: Admission
  allocator: ServiceAllocator
  ids: Ids
  /** Serves custom resources while it runs. */
  definitions: DefinitionController
  aggregation: Aggregation
  /** Fills secrets that are to hold tokens. */
  tokenSecrets: TokenSecretController
}

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Random bytes in stock: a call for five costs as much as one for a thousand. */
const randomStock = new Uint8Array(1000)
let randomUsed = randomStock.length

/** Five characters without vowels and look-alikes, as upstream's names end. */
export function randomSuffix(): string {
  if (randomUsed >= randomStock.length) {
    randomFillSync(randomStock)
    randomUsed = 0
  }
  let suffix = ''
  for (const end = randomUsed + 5; randomUsed < end; randomUsed++)
    suffix += suffixAlphabet.charAt((randomStock[randomUsed] ?? 0) % suffixAlphabet.length)
  return suffix
}

const upgrade = (resource: Resource, object: KubeObject): KubeObject => canonicalOf(resource, withDefaults(resource, object))

export function buildApiServer(options: ApiServerOptions): ApiServer {
  const { storage, log, serviceRanges: ranges, nodePorts } = options
  const internal = [NodePorts] as unknown as Resource[]
  const kinds = new ServedKinds(options.kinds ?? resources)
  // the server itself reads kinds that are switched off too
  const cached = new Set([...resources, ...kinds.all(), ...internal])
  const cache = new Cache({ storage, resources: [...cached], log, upgrade })
  const store = new Store(storage, cache)
  const lookups = new Lookups(store)
  const ids: Ids = { uid: randomUUID, suffix: randomSuffix, now: () => new Date() }
  const { authorizer, rbac } = authorizationOf(cache, options.authorizationModes)
  const plugins = defaultPlugins({ store, lookups, authorizer, randomSuffix }, options.disabledAdmission)
  const live = new LiveKinds(cache, kinds)
  const admission = new Admission([forbidWhileTerminating(live), ...kindRules(lookups), ...plugins, privilegeEscalation(authorizer, rbac)])
  const allocator = new ServiceAllocator({ store, cache, ranges, nodePorts, ids, random: Math.random })
  const registry = new Registry({
    store,
    admission,
    ids,
    companions: new Companions({ services: allocator }),
    managedFields: new ManagedFields(kinds.kind),
    ...(options.eventTtlSeconds === undefined ? {} : { eventTtlSeconds: options.eventTtlSeconds }),
  })
  const { authenticate, tokens } = authenticationOf(options, cache)
  const issuer = new TokenIssuer(options.issuers[0] ?? '', options.tokenKeys)
  const metrics = new Metrics()
  registerStoreMetrics(metrics.registry, cache, storage)
  const kubelets = { ...options.kubelet, node: lookups.node }
  const proxy = { kubelets, store, pod: lookups.pod, random: Math.random, resolve: addressesOf }
  const aggregation = aggregationOf({ cache, store, registry, kinds, identity: options.proxyIdentity ?? {}, log })
  const upgrades = [
    { takes: isPodStream, serve: podStream({ kubelets, pod: lookups.pod, authorizer, admission }) },
    { takes: isLogSocket, serve: logSocket({ kubelets, pod: lookups.pod }) },
    { takes: isProxy, serve: proxyUpgrade(proxy) },
    {
      takes: (info: RequestInfo) => isWatchSocket(info) && !aggregation.passThrough(info),
      serve: watchSocket({ cache, find: kinds.find, stopping: options.stopping }),
    },
  ]
  const api = new Api({
    kinds,
    remote: aggregation.remote,
    cache,
    registry,
    admission,
    authorizer,
    tokens,
    issuer,
    keys: options.tokenKeys,
    audiences: options.audiences,
    ...(options.tokenLimits ? { tokenLimits: options.tokenLimits } : {}),
    serverAddress: options.serverAddress,
    ...checksOf(options, cache),
    metrics,
    logs: { kubelets, pod: lookups.pod },
    stopping: options.stopping,
  })
  const app = buildServer({
    authenticate,
    authorizer,
    handle: (request) => api.handle(request),
    passThrough: (info) => (isProxy(info) ? (request) => proxyHttp(proxy, request) : aggregation.passThrough(info)),
    upgrade: (info) => upgrades.find(({ takes }) => takes(info))?.serve ?? aggregation.upgrade(info),
    metrics,
    log,
    ...tlsOf(options),
  })
  const definitions = new DefinitionController({ cache, registry, live, log, sleep })
  const tokenSecrets = new TokenSecretController({ cache, registry, issuer, log, sleep })
  return { app, kinds, cache, store, registry, admission, allocator, ids, definitions, aggregation, tokenSecrets }
}

/** Client certificates of front proxies are asked for too. */
function tlsOf({ tls, frontProxy }: ApiServerOptions): { tls?: TlsMaterial } {
  if (!tls) return {}
  return { tls: { ...tls, ...(frontProxy ? { frontProxyCa: frontProxy.ca } : {}) } }
}

/** Of this server, and of the parts of the control plane. */
function checksOf(options: ApiServerOptions, cache: Cache): { health: HealthChecks; components: ComponentChecks } {
  const components = componentChecks((signal) => options.storage.check(signal))
  return { health: healthOf(options, cache), components }
}

function healthOf(options: ApiServerOptions, cache: Cache): HealthChecks {
  const ping = async (): Promise<void> => undefined
  const etcd = (signal: AbortSignal): Promise<void> => options.storage.check(signal)
  const shutdown = async (): Promise<void> => {
    if (options.stopping.aborted) throw new Error('process is shutting down')
  }
  const informers = async (): Promise<void> => {
    if (!cache.isReady) throw new Error('the cache has not seen the store yet')
  }
  return {
    livez: new Map([['ping', ping], ['log', ping], ['etcd', etcd], ...(options.health?.livez ?? [])]),
    readyz: new Map([
      ['ping', ping],
      ['log', ping],
      ['etcd', etcd],
      ['etcd-readiness', etcd],
      ['informer-sync', informers],
      ...(options.health?.readyz ?? []),
      ['shutdown', shutdown],
    ]),
  }
}
