/** Keeps the objects that every cluster has: makes them at the start, mends them from time to time. */

import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { clone } from '#api/clone.ts'
import { Leases } from '#api/coordination/lease.ts'
import { ConfigMaps } from '#api/core/config-map.ts'
import { EndpointsResource } from '#api/core/endpoints.ts'
import { Namespaces } from '#api/core/namespace.ts'
import { Services } from '#api/core/service.ts'
import { EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import { ApiError } from '#api/meta/status.ts'
import { type ServiceCIDR, ServiceCIDRs } from '#api/networking/service-cidr.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { PriorityClasses } from '#api/scheduling/priority-class.ts'
import type { ServiceRange } from '#apiserver/registry/allocators/service-range.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { Writer } from '#apiserver/registry/write-context.ts'
import { Backoff, sleep } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'
import { ensureBootstrapRoles } from './bootstrap-roles.ts'
import { FlowControlKeeper } from './flow-control.ts'
import {
  authenticationConfigMap,
  type ClusterAuthentication,
  kubernetesEndpoints,
  kubernetesService,
  kubernetesSlice,
  namespaceObject,
  priorityClassObjects,
  systemNamespaces,
} from './objects.ts'
import { growsTo, serviceCIDRObject } from './service-cidr.ts'

export interface BootstrapOptions {
  registry: Registry
  /** Of services, the default family's first. */
  serviceRanges: readonly ServiceRange[]
  advertise: { address: string; port: number }
  /** What is published for extension servers; nothing where absent. */
  authentication?: ClusterAuthentication
  log: Logger
}

/** Upstream looks after the kubernetes service this often. */
const repairMs = 10_000
const firstRetryMs = 200
const flowControlMs = 60_000

const system = { name: 'system:apiserver', groups: ['system:masters'] }
const writer = (namespace: string): Writer => ({ user: system, dryRun: false, namespace, warn: () => undefined })

export class Bootstrap {
  readonly #options: BootstrapOptions
  #done = false
  #hasRoles = false
  readonly #flowControl: FlowControlKeeper
  #flowControlKept = 0

  constructor(options: BootstrapOptions) {
    this.#options = options
    this.#flowControl = new FlowControlKeeper(options.registry)
  }

  /** Whether everything was there once. */
  get isDone(): boolean {
    return this.#done
  }

  /** Whether the roles of every cluster were there once. */
  get hasRoles(): boolean {
    return this.#hasRoles
  }

  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ firstMs: firstRetryMs, maxMs: repairMs })
    while (!signal.aborted) {
      let waitMs = repairMs
      try {
        await this.once()
        this.#done = true
        backoff.reset()
      } catch (error) {
        waitMs = backoff.next()
        const starts = error instanceof ApiError && error.code === 429
        if (!starts) this.#options.log.warn({ error }, 'cannot keep the built-in objects, trying again')
      }
      await sleep(waitMs, signal)
    }
  }

  /** Throws what the registry throws. */
  async once(): Promise<void> {
    const { serviceRanges, advertise } = this.#options
    const clusterIp = serviceRanges[0]?.at(0) ?? ''
    for (const name of systemNamespaces) await this.#ensure(Namespaces, namespaceObject(name))
    await this.#ensureRoles()
    await this.#ensureAuthentication()
    for (const one of priorityClassObjects()) await this.#ensure(PriorityClasses, one)
    await this.#keepFlowControl()
    await this.#ensure(ServiceCIDRs, this.#serviceCIDR(), sameRanges)
    await this.#ensure(Services, kubernetesService(clusterIp, advertise.port))
    await this.#renewIdentity()
    const addresses = await this.#liveAddresses()
    await this.#ensure(EndpointsResource, kubernetesEndpoints(addresses, advertise.port), sameSubsets)
    await this.#ensure(EndpointSlices, kubernetesSlice(addresses, advertise.port), sameEndpoints)
  }

  #serviceCIDR(): KubeObject {
    const { serviceRanges, registry } = this.#options
    return serviceCIDRObject(
      serviceRanges.map(({ text }) => text),
      registry.now(),
    )
  }

  /** Upstream looks after them every minute; whether levels are missing is told as they come and go. */
  async #keepFlowControl(): Promise<void> {
    const now = this.#options.registry.now().getTime()
    if (now - this.#flowControlKept >= flowControlMs) {
      await this.#flowControl.ensure()
      this.#flowControlKept = now
    }
    await this.#flowControl.markDangling()
  }

  async #ensureAuthentication(): Promise<void> {
    const { authentication } = this.#options
    if (authentication) await this.#ensure(ConfigMaps, authenticationConfigMap(authentication), sameData)
  }

  /** Mended at the start only: an administrator may change them while the server runs. */
  async #ensureRoles(): Promise<void> {
    if (this.#hasRoles) return
    await ensureBootstrapRoles(this.#options.registry)
    this.#hasRoles = true
  }

  /** Creates the object, or brings the part that `same` looks at up to date. */
  async #ensure<T extends KubeObject>(kind: Resource<T>, wanted: KubeObject, same?: Same): Promise<void> {
    const { registry } = this.#options
    const resource = kind as unknown as Resource
    const ref = { namespace: wanted.metadata.namespace, name: wanted.metadata.name ?? '' }
    const namespace = wanted.metadata.namespace ?? ''
    const there = await registry.store.current(resource, ref, 'consistent')
    if (!there) {
      await registry.create(resource, clone(wanted), writer(namespace)).catch(unlessExists)
      return
    }
    if (!same || same.isSame(there.object, wanted)) return
    const change = (prev: KubeObject | undefined): KubeObject => same.merge(prev ?? wanted, wanted)
    await registry.update({ resource, ref, subresource: '', retries: true, change }, writer(namespace))
  }

  get #identity(): string {
    return `apiserver-${createHash('sha256')
      .update(hostname())
      .digest('base64url')
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 26)}`
  }

  /** The lease says that this server lives and where: others publish only live ones. */
  async #renewIdentity(): Promise<void> {
    const { registry, advertise } = this.#options
    const ref = { namespace: 'kube-system', name: this.#identity }
    const now = registry.now()
    const spec = {
      holderIdentity: `${this.#identity}_${process.pid}`,
      leaseDurationSeconds: 3600,
      renewTime: `${now.toISOString().slice(0, -1)}000Z`,
    }
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        ...ref,
        labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': hostname() },
        annotations: { 'typernetes.io/address': advertise.address },
      },
      spec,
    } as unknown as KubeObject
    await this.#ensure(Leases, lease, {
      isSame: () => false,
      merge: (prev) =>
        ({
          ...prev,
          metadata: { ...prev.metadata, labels: lease.metadata.labels, annotations: lease.metadata.annotations },
          spec,
        }) as KubeObject,
    })
  }

  /** Addresses of all servers whose lease was renewed lately; our own in any case. */
  async #liveAddresses(): Promise<string[]> {
    const { registry, advertise } = this.#options
    const leases = await registry.store.list(Leases, 'kube-system', 'cached')
    const now = registry.now().getTime()
    const live = leases
      .map(({ object }) => object)
      .filter((lease) => lease.metadata.labels?.['apiserver.kubernetes.io/identity'] === 'kube-apiserver')
      .filter((lease) => now - Date.parse(lease.spec?.renewTime ?? '') < 6 * repairMs)
      .map((lease) => lease.metadata.annotations?.['typernetes.io/address'] ?? '')
    return [...new Set([advertise.address, ...live])].filter((a) => a !== '').sort()
  }
}

interface Same {
  isSame(there: KubeObject, wanted: KubeObject): boolean
  merge(prev: KubeObject, wanted: KubeObject): KubeObject
}

type WithSubsets = KubeObject & { subsets?: unknown }
type WithEndpoints = KubeObject & { endpoints?: { addresses: readonly string[] }[]; ports?: unknown }

const sameSubsets: Same = {
  isSame: (there, wanted) => JSON.stringify((there as WithSubsets).subsets) === JSON.stringify((wanted as WithSubsets).subsets),
  merge: (prev, wanted) => ({ ...prev, subsets: (wanted as WithSubsets).subsets }) as KubeObject,
}

type WithData = KubeObject & { data?: Readonly<Record<string, string>> }

/** Other servers of the cluster may publish more. */
const sameData: Same = {
  isSame: (there, wanted) =>
    Object.entries((wanted as WithData).data ?? {}).every(([key, value]) => (there as WithData).data?.[key] === value),
  merge: (prev, wanted) => ({ ...prev, data: { ...(prev as WithData).data, ...(wanted as WithData).data } }) as KubeObject,
}

const addressesOf = (object: KubeObject): string => JSON.stringify((object as WithEndpoints).endpoints?.map((e) => e.addresses))
const sameEndpoints: Same = {
  isSame: (there, wanted) => addressesOf(there) === addressesOf(wanted),
  merge: (prev, wanted) =>
    ({ ...prev, endpoints: (wanted as WithEndpoints).endpoints, ports: (wanted as WithEndpoints).ports }) as KubeObject,
}

const sameRanges: Same = {
  isSame: (there, wanted) => !growsTo(there as ServiceCIDR, wanted as ServiceCIDR),
  merge: (prev, wanted) => ({ ...prev, spec: (wanted as ServiceCIDR).spec }) as KubeObject,
}

function unlessExists(error: unknown): void {
  if (error instanceof ApiError && error.reason === 'AlreadyExists') return
  throw error
}
