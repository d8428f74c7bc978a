/** Mends what is taken against what services say: marks missing allocations and frees those whose service is gone (upstream: ipallocator/controller). */
import { Services } from '#api/core/service.ts'
import { type IPAddress, IPAddresses } from '#api/networking/ip-address.ts'
import type { Resource } from '#api/resource.ts'
import type { Current, Store, Write } from '#apiserver/cache/store.ts'
import type { Ids } from '#apiserver/registry/write-context.ts'
import { sleep } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'
import { NodePorts } from './node-port.ts'
import { heldBy } from './service-values.ts'
import { managedBy, managedByLabel, type ServiceAllocator } from './services.ts'

export interface RepairOptions {
  store: Store
  allocator: ServiceAllocator
  ids: Pick<Ids, 'now'>
  log: Logger
}

/** Upstream's interval. */
const intervalMs = 180_000
/** Younger allocations may belong to a service that this server has not seen yet. */
const leastAgeMs = 60_000

export class ServiceRepair {
  readonly #options: RepairOptions

  constructor(options: RepairOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(intervalMs, signal)
      if (signal.aborted) return
      await this.once().catch((error: unknown) => this.#options.log.warn({ error }, 'cannot repair service addresses'))
    }
  }

  /** Returns how many allocations were made and freed. */
  async once(): Promise<{ made: number; freed: number }> {
    const { store } = this.#options
    const services = (await store.list(Services, undefined, 'consistent')).map(({ object }) => object)
    let made = 0
    let freed = 0
    for (const [kind, of] of [
      [IPAddresses, (held: ReturnType<typeof heldBy>) => held.addresses],
      [NodePorts, (held: ReturnType<typeof heldBy>) => held.ports.map(String)],
    ] as const) {
      const taken = new Map((await store.list(kind, undefined, 'cached')).map((current) => [current.object.metadata.name ?? '', current]))
      const wanted = new Map(services.flatMap((service) => of(heldBy(service)).map((name) => [name, service] as const)))
      for (const [name, service] of wanted)
        if (!taken.has(name))
          made += await this.#commit({
            verb: 'create',
            resource: plain(kind),
            object: this.#options.allocator.allocation(kind, service, name),
          })
      for (const [name, current] of taken)
        if (!wanted.has(name) && isAllocation(current.object) && this.#isOld(current)) freed += await this.#free(kind, current)
    }
    if (made + freed > 0) this.#options.log.warn({ made, freed }, 'repaired service addresses')
    return { made, freed }
  }

  #isOld({ object }: Current<IPAddress>): boolean {
    const born = Date.parse(object.metadata.creationTimestamp ?? '')
    return !(this.#options.ids.now().getTime() - born < leastAgeMs)
  }

  /** Only while its service is not there: one that came in between keeps it. */
  #free(kind: Resource<IPAddress>, { object, revision }: Current<IPAddress>): Promise<number> {
    return this.#commit({ verb: 'delete', resource: plain(kind), object, revision })
  }

  async #commit(write: Write): Promise<number> {
    return (await this.#options.store.commit([write])).committed ? 1 : 0
  }
}

/** Addresses that others reserve, as gateways do, are theirs. Node ports have no face outside: all of them are ours. */
const isAllocation = ({ kind, metadata }: IPAddress): boolean => kind === NodePorts.kind || metadata.labels?.[managedByLabel] === managedBy

const plain = (kind: Resource<IPAddress>): Resource => kind as unknown as Resource
