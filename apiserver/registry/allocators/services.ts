/**
 * Addresses and node ports of services. What is taken are objects of their own that are made and removed in the service's transaction, so
 * that no crash and no second server can give a thing away twice; the watch cache of these objects is all the state there is.
 */
import { needsClusterIP, needsHealthCheck, needsNodePort } from '#api/core/rules/service.ts'
import type { Service, ServicePort } from '#api/core/service.ts'
import { invalid } from '#api/meta/field-error.ts'
import { internalError, invalidError } from '#api/meta/status.ts'
import { type IPAddress, IPAddresses } from '#api/networking/ip-address.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import type { Current, Store, Write } from '#apiserver/cache/store.ts'
import type { Companion } from '#apiserver/registry/companions.ts'
import { timestamp } from '#apiserver/registry/system-metadata.ts'
import type { Ids } from '#apiserver/registry/write-context.ts'
import { keyOf } from '#apiserver/storage/keys.ts'
import { NodePorts } from './node-port.ts'
import { pickFree, staticBand } from './pool.ts'
import { fillFamilies, normalizeClusterIps } from './service-families.ts'
import type { Family, ServiceRange } from './service-range.ts'
import { heldBy, keepAllocated } from './service-values.ts'

export interface ServiceAllocatorOptions {
  store: Store
  /** Says what is taken without a question per name. */
  cache: Cache
  /** One or two ranges, the first is the default family's. */
  ranges: readonly ServiceRange[]
  nodePorts: { from: number; to: number }
  ids: Pick<Ids, 'uid' | 'now'>
  random(): number
}

/** How long something that another writer took in between is not chosen again: until the cache has certainly heard of it. */
const avoidMs = 10_000

/** Marks the addresses that services have been given. */
export const managedByLabel = 'ipaddress.kubernetes.io/managed-by'
export const managedBy = 'ipallocator.k8s.io'

export class ServiceAllocator implements Companion {
  readonly #options: ServiceAllocatorOptions
  /** Keys that were lost to another writer, with the time until which they are left alone. */
  readonly #avoided = new Map<string, number>()

  constructor(options: ServiceAllocatorOptions) {
    this.#options = options
  }

  async fill(next: KubeObject, prev: KubeObject | undefined): Promise<void> {
    await this.#fill(next as Service, prev as Service | undefined)
  }

  async #fill(next: Service, prev: Service | undefined): Promise<void> {
    const { spec } = next
    if (prev) keepAllocated(spec, prev.spec)
    normalizeClusterIps(spec, prev?.spec)
    const families = this.#options.ranges.map((range) => range.family)
    const errors = fillFamilies(next, prev, families)
    if (errors.length > 0) throw invalidError({ group: '', plural: 'services', kind: 'Service' }, next.metadata.name ?? '', errors)
    const held = heldBy(prev)
    if (needsClusterIP(spec) && spec.clusterIP !== 'None') await this.#fillAddresses(next, held.addresses)
    if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') await this.#fillPorts(next, held.ports)
  }

  async #fillAddresses(service: Service, held: readonly string[]): Promise<void> {
    const { spec } = service
    const addresses = [...(spec.clusterIPs ?? [])]
    for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
      const range = this.#options.ranges.find((r) => r.family === (family as Family))
      if (!range) continue
      const wish = addresses[i] ?? ''
      if (wish === '') addresses[i] = await this.#anyAddress(range)
      // An address that is held already must not change: the kind's own rules say so.
      else if (held[i] === undefined) await this.#checkAddress(service, range, wish)
    }
    spec.clusterIPs = addresses
    spec.clusterIP = addresses[0] ?? ''
  }

  async #anyAddress(range: ServiceRange): Promise<string> {
    const free = await this.#freeTest(IPAddresses)
    const index = pickFree({ size: range.size, band: range.band, random: this.#options.random, isFree: (i) => free(range.at(i)) })
    if (index === undefined) throw internalError('failed to allocate a serviceIP: range is full')
    return range.at(index)
  }

  async #checkAddress(service: Service, range: ServiceRange, wish: string): Promise<void> {
    const refuse = (why: string) =>
      invalidError({ group: '', plural: 'services', kind: 'Service' }, service.metadata.name ?? '', [
        invalid('spec.clusterIPs', service.spec.clusterIPs, `failed to allocate IP ${wish}: ${why}`),
      ])
    if (!range.contains(wish)) throw refuse('the provided network does not match the current range')
    if (await this.#find(IPAddresses, wish)) throw refuse('provided IP is already allocated')
  }

  /** Ports of one number share a node port; those that name one must get it. */
  async #fillPorts(service: Service, held: readonly number[]): Promise<void> {
    const { spec } = service
    const ports = spec.ports ?? []
    const byPort = new Map<number, number>()
    const taken = new Set<number>(ports.map((p) => p.nodePort ?? 0).filter((p) => p > 0))
    for (const [i, port] of ports.entries()) {
      if (!port.nodePort && !needsNodePort(spec)) continue
      const wish = port.nodePort || byPort.get(port.port) || wishedBy(ports, port.port)
      if (!wish) port.nodePort = await this.#anyPort(taken)
      else {
        if (!held.includes(wish) && byPort.get(port.port) !== wish) await this.#checkPort(service, `spec.ports[${i}].nodePort`, wish)
        port.nodePort = wish
      }
      byPort.set(port.port, byPort.get(port.port) ?? port.nodePort)
      taken.add(port.nodePort)
    }
    if (!needsHealthCheck(spec)) return
    if (!spec.healthCheckNodePort) spec.healthCheckNodePort = await this.#anyPort(taken)
    else if (!held.includes(spec.healthCheckNodePort) && (await this.#find(NodePorts, String(spec.healthCheckNodePort))))
      throw internalError(
        `failed to allocate requested HealthCheck NodePort ${spec.healthCheckNodePort}: provided port is already allocated`,
      )
  }

  async #anyPort(taken: ReadonlySet<number>): Promise<number> {
    const { from, to } = this.#options.nodePorts
    const free = await this.#freeTest(NodePorts)
    const size = to - from + 1
    const isFree = (i: number): boolean => !taken.has(from + i) && free(String(from + i))
    const index = pickFree({ size, band: staticBand(size, 'ports'), random: this.#options.random, isFree })
    if (index === undefined) throw internalError('failed to allocate a nodePort: range is full')
    return from + index
  }

  async #checkPort(service: Service, field: string, wish: number): Promise<void> {
    const { from, to } = this.#options.nodePorts
    const refuse = (why: string) =>
      invalidError({ group: '', plural: 'services', kind: 'Service' }, service.metadata.name ?? '', [invalid(field, wish, why)])
    if (wish < from || wish > to) throw refuse(`provided port is not in the valid range. The range of valid ports is ${from}-${to}`)
    if (await this.#find(NodePorts, String(wish))) throw refuse('provided port is already allocated')
  }

  async writes(next: KubeObject | undefined, prev: KubeObject | undefined): Promise<readonly Write[]> {
    const now = heldBy(next as Service | undefined)
    const was = heldBy(prev as Service | undefined)
    const owner = (next ?? prev) as Service
    const writes: Write[] = [
      ...this.#takes(
        IPAddresses,
        owner,
        now.addresses.filter((a) => !was.addresses.includes(a)),
      ),
      ...this.#takes(NodePorts, owner, now.ports.filter((p) => !was.ports.includes(p)).map(String)),
      ...(await this.#gives(
        IPAddresses,
        owner,
        was.addresses.filter((a) => !now.addresses.includes(a)),
      )),
      ...(await this.#gives(NodePorts, owner, was.ports.filter((p) => !now.ports.includes(p)).map(String))),
    ]
    return writes
  }

  #takes(resource: Resource<IPAddress>, owner: Service, names: readonly string[]): Write[] {
    return names.map((name) => ({
      verb: 'create',
      resource: resource as unknown as Resource,
      object: this.allocation(resource, owner, name),
    }))
  }

  /** The object that says whose `name` is. */
  allocation(resource: Resource<IPAddress>, owner: Service, name: string): IPAddress {
    const { ids } = this.#options
    const labels = {
      'ipaddress.kubernetes.io/ip-family': name.includes(':') ? 'IPv6' : 'IPv4',
      [managedByLabel]: managedBy,
    }
    return {
      apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`,
      kind: resource.kind,
      metadata: { name, uid: ids.uid(), creationTimestamp: timestamp(ids.now()), ...(resource.plural === 'ipaddresses' ? { labels } : {}) },
      spec: { parentRef: { resource: 'services', namespace: owner.metadata.namespace ?? '', name: owner.metadata.name ?? '' } },
    }
  }

  /** Only what is this service's own is given back. */
  async #gives(resource: Resource<IPAddress>, owner: Service, names: readonly string[]): Promise<Write[]> {
    const writes: Write[] = []
    for (const name of names) {
      const found = await this.#find(resource, name)
      const parent = found?.object.spec.parentRef
      if (!found || parent?.namespace !== owner.metadata.namespace || parent?.name !== owner.metadata.name) continue
      writes.push({ verb: 'delete', resource: resource as unknown as Resource, object: found.object, revision: found.revision })
    }
    return writes
  }

  lost(writes: readonly Write[], current: readonly (Current | undefined)[]): void {
    const until = this.#options.ids.now().getTime() + avoidMs
    for (const [i, write] of writes.entries())
      if (write.verb === 'create' && current[i] !== undefined)
        this.#avoided.set(`${write.resource.plural}/${write.object.metadata.name}`, until)
  }

  async #freeTest(resource: Resource<IPAddress>): Promise<(name: string) => boolean> {
    const { cache, ids } = this.#options
    const now = ids.now().getTime()
    for (const [key, until] of this.#avoided) if (until < now) this.#avoided.delete(key)
    await cache.fresh()
    const known = cache.of(resource as unknown as Resource)
    return (name) => known.get(keyOf(resource, { name })) === undefined && !this.#avoided.has(`${resource.plural}/${name}`)
  }

  #find(resource: Resource<IPAddress>, name: string): Promise<Current<IPAddress> | undefined> {
    return this.#options.store.current(resource, { name }, 'consistent')
  }
}

const wishedBy = (ports: readonly ServicePort[], number: number): number | undefined =>
  ports.find((p) => p.port === number && (p.nodePort ?? 0) > 0)?.nodePort
