/** Puts aggregation together: other servers by APIServices, and this server's own groups among them. */
import type { Cache } from '#apiserver/cache/cache.ts'
import type { Store } from '#apiserver/cache/store.ts'
import { postOnly } from '#apiserver/endpoints/catalog.ts'
import { addressesOf, proxyableHost } from '#apiserver/endpoints/proxying/proxy-target.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import type { Upgrade } from '#apiserver/filters/upgrades.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { ServedKinds } from '#apiserver/served-kinds.ts'
import type { PassedRequest } from '#apiserver/server.ts'
import { sleep } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'
import { AutoRegistration } from './auto-registration.ts'
import { AvailabilityController } from './availability-controller.ts'
import { type AggregationDeps, proxyToApi, remoteApiOf, upgradeToApi } from './proxy.ts'
import { type ProxyIdentity, RemoteApis } from './remote-apis.ts'

export interface Aggregation {
  remote: RemoteApis
  /** Takes requests for other servers over. */
  passThrough(info: RequestInfo): ((request: PassedRequest) => Promise<void>) | undefined
  upgrade(info: RequestInfo): Upgrade | undefined
  /** Says which group versions this server serves itself. */
  registration: AutoRegistration
  /** Finds out which other servers serve theirs. */
  availability: AvailabilityController
}

export interface AggregationOptions {
  cache: Cache
  store: Store
  registry: Registry
  kinds: ServedKinds
  /** Certificate and key by which other servers know this one. */
  identity: ProxyIdentity
  log: Logger
}

export function aggregationOf({ cache, store, registry, kinds, identity, log }: AggregationOptions): Aggregation {
  const remote = new RemoteApis({ cache, store, identity })
  const deps: AggregationDeps = {
    apis: remote,
    dialable: (host) => proxyableHost({ resolve: addressesOf }, host),
    random: Math.random,
    log,
  }
  const upgrades = upgradeToApi(deps)
  return {
    remote,
    passThrough(info) {
      const api = remoteApiOf(remote, info)
      return api && ((request) => proxyToApi(deps, api, request))
    },
    upgrade: (info) => (remoteApiOf(remote, info) ? upgrades : undefined),
    registration: new AutoRegistration({ registry, kinds, others: postOnly, log, sleep }),
    availability: new AvailabilityController({ ...deps, cache, registry, sleep, log }),
  }
}
