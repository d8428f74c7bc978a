/**
 * What is seen of nodes over time: when each one last showed a sign of life (by our own monotonic clock, never by theirs), and how many
 * evictions a zone has left.
 */
import { type Lease, Leases } from '#api/coordination/lease.ts'
import { type Node, Nodes } from '#api/core/node.ts'
import type { Clock } from '#client/clock.ts'
import type { Client } from '#client/rest.ts'
import type { World } from '#client/runner/world.ts'
import { type ZoneRules, type Zones, zoneOf, zonesOf } from './zones.ts'

export interface MonitorOptions extends ZoneRules {
  graceMs: number
  startupGraceMs: number
  clock: Pick<Clock, 'now' | 'monotonicMs'>
}
/** What one look at a node shows. */
export interface NodeSeen {
  /** First look at this node, or it is gone and was known by this uid. */
  added: boolean
  removedUid?: string
  /** No sign of life for longer than the grace period. */
  silent: boolean
  /** Its Ready condition has just left True. */
  justTurned: boolean
  allDisrupted: boolean
  /** The zone's rate lets this node be tainted NoExecute now. */
  mayEvict: boolean
}
interface Health {
  uid: string
  renewTime: string
  heartbeat: string
  ready: string
  aliveAtMs: number
  turnedAtMs: number
}

const leaseNamespace = 'kube-node-lease'
const zonesTtlMs = 500
/** Long enough for a failed attempt to mark pods to be repeated. */
const justTurnedMs = 10_000

export class NodeMonitor {
  readonly #reader: Pick<Client, 'list'>
  readonly #options: MonitorOptions
  readonly #health = new Map<string, Health>()
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()
  #zones: { at: number; zones: Zones } | undefined
  #wasDisrupted = false

  /** `reader` lists leases: the controller's own account may not. */
  constructor(reader: Pick<Client, 'list'>, options: MonitorOptions) {
    this.#reader = reader
    this.#options = options
  }

  async observe(name: string, world: World, signal: AbortSignal): Promise<NodeSeen> {
    const node = world.of(Nodes).get(name)
    const known = this.#health.get(name)
    if (!node) {
      this.#health.delete(name)
      const gone = { added: false, silent: false, justTurned: false, allDisrupted: false, mayEvict: false }
      return known ? { ...gone, removedUid: known.uid } : gone
    }
    const health = this.#look(node, world.of(Leases).get(`${leaseNamespace}/${name}`))
    if (this.#isSilent(node) && readyStatus(node) !== 'Unknown') await this.#confirm(name, health, signal)
    const zones = this.#currentZones(world)
    const nowMs = this.#options.clock.monotonicMs()
    return {
      added: !known,
      silent: this.#isSilent(node),
      justTurned: health.ready !== 'True' && nowMs - health.turnedAtMs < justTurnedMs,
      allDisrupted: zones.allDisrupted,
      mayEvict: wantsEviction(node) && !zones.allDisrupted && this.#take(zoneOf(node), zones),
    }
  }

  /** Notes what changed since the last look. */
  #look(node: Node, lease: Lease | undefined): Health {
    const { clock } = this.#options
    const nowMs = clock.monotonicMs()
    const { name = '', uid = '', creationTimestamp = '' } = node.metadata
    const condition = node.status.conditions?.find((c) => c.type === 'Ready')
    const facts = { renewTime: lease?.spec.renewTime ?? '', heartbeat: condition?.lastHeartbeatTime ?? '', ready: condition?.status ?? '' }
    const known = this.#health.get(name)
    if (!known || known.uid !== uid) {
      // A node that never reported has had its time since it was made; any other gets the benefit of the doubt.
      const ageMs = clock.now().getTime() - Date.parse(creationTimestamp)
      const aliveAtMs = condition || !(ageMs > 0) ? nowMs : nowMs - ageMs
      const made = { uid, ...facts, aliveAtMs, turnedAtMs: Number.NEGATIVE_INFINITY }
      this.#health.set(name, made)
      return made
    }
    const alive = (facts.renewTime !== '' && facts.renewTime !== known.renewTime) || facts.heartbeat !== known.heartbeat
    if (alive) known.aliveAtMs = nowMs
    if (known.ready === 'True' && facts.ready !== 'True') known.turnedAtMs = nowMs
    return Object.assign(known, facts)
  }

  #isSilent(node: Node): boolean {
    const health = this.#health.get(node.metadata.name ?? '')
    if (!health) return false
    const graceMs = readyStatus(node) === undefined ? this.#options.startupGraceMs : this.#options.graceMs
    return this.#options.clock.monotonicMs() - health.aliveAtMs > graceMs
  }

  /** Our copy of the lease may be what stands still (a cut watch, a stopped process): the server has the last word. */
  async #confirm(name: string, health: Health, signal: AbortSignal): Promise<void> {
    // Its role lets the controller manager list leases, and get none but its own.
    const page = await this.#reader.list(Leases, { namespace: leaseNamespace, fieldSelector: `metadata.name=${name}`, signal })
    const renewTime = page.items[0]?.spec.renewTime
    if (renewTime === undefined || renewTime === health.renewTime) return
    health.renewTime = renewTime
    health.aliveAtMs = this.#options.clock.monotonicMs()
  }

  #currentZones(world: World): Zones {
    const at = this.#options.clock.monotonicMs()
    if (this.#zones && at - this.#zones.at < zonesTtlMs) return this.#zones.zones
    const isHealthy = (node: Node): boolean => readyStatus(node) === 'True' && !this.#isSilent(node)
    const zones = zonesOf(world.of(Nodes).list(), isHealthy, this.#options)
    this.#zones = { at, zones }
    if (this.#wasDisrupted && !zones.allDisrupted) {
      // After an outage of everything each node gets a whole grace period again.
      for (const health of this.#health.values()) health.aliveAtMs = at
    }
    this.#wasDisrupted = zones.allDisrupted
    return zones
  }

  /** One token a node; a bucket holds one, so that evictions are spread evenly. */
  #take(zone: string, zones: Zones): boolean {
    const rate = zones.byName.get(zone)?.rate ?? this.#options.evictionRate
    const nowMs = this.#options.clock.monotonicMs()
    const bucket = this.#buckets.get(zone) ?? { tokens: 1, atMs: nowMs }
    const tokens = Math.min(1, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * rate)
    const taken = rate > 0 && tokens >= 1
    this.#buckets.set(zone, { tokens: taken ? tokens - 1 : tokens, atMs: nowMs })
    return taken
  }
}

export function readyStatus(node: Node): string | undefined {
  return node.status.conditions?.find((c) => c.type === 'Ready')?.status
}

export const notReadyTaint = 'node.kubernetes.io/not-ready'
export const unreachableTaint = 'node.kubernetes.io/unreachable'

/** Unhealthy and without a NoExecute taint yet; to swap one for the other takes no turn. */
export function wantsEviction(node: Node): boolean {
  const ready = readyStatus(node)
  const tainted = node.spec.taints?.some((t) => t.effect === 'NoExecute' && (t.key === notReadyTaint || t.key === unreachableTaint))
  return (ready === 'False' || ready === 'Unknown') && !tainted
}
