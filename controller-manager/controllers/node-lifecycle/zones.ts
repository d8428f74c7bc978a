/** Zones of nodes and how disturbed they are: what decides how fast pods may be evicted from silent nodes. */
import type { Node } from '#api/core/node.ts'

export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption'

const exclusionLabel = 'node.kubernetes.io/exclude-disruption'

/** Unique per region and zone, '' for nodes that name neither. */
export function zoneOf(node: Node): string {
  const labels = node.metadata.labels ?? {}
  const zone = labels['failure-domain.beta.kubernetes.io/zone'] ?? labels['topology.kubernetes.io/zone'] ?? ''
  const region = labels['failure-domain.beta.kubernetes.io/region'] ?? labels['topology.kubernetes.io/region'] ?? ''
  return region === '' && zone === '' ? '' : `${region}:\0:${zone}`
}

export interface ZoneRules {
  /** Nodes per second whose pods are evicted in a healthy zone. */
  evictionRate: number
  /** The same in a partly unhealthy zone with more than `largeThreshold` nodes; smaller ones evict nothing then. */
  secondaryRate: number
  largeThreshold: number
  /** Share of unhealthy nodes from which on a zone is unhealthy. */
  unhealthyThreshold: number
}
export interface Zone {
  state: ZoneState
  /** Nodes per second. */
  rate: number
}
export interface Zones {
  byName: ReadonlyMap<string, Zone>
  /** No zone has a healthy node: it is more likely us who are cut off, so nothing is evicted. */
  allDisrupted: boolean
}

export function zonesOf(nodes: readonly Node[], isHealthy: (node: Node) => boolean, rules: ZoneRules): Zones {
  const counts = new Map<string, { healthy: number; unhealthy: number }>()
  for (const node of nodes) {
    if (node.metadata.labels?.[exclusionLabel] !== undefined) continue
    const count = counts.get(zoneOf(node)) ?? { healthy: 0, unhealthy: 0 }
    if (isHealthy(node)) count.healthy++
    else count.unhealthy++
    counts.set(zoneOf(node), count)
  }
  const byName = new Map<string, Zone>()
  for (const [name, count] of counts) {
    const state = stateOf(count, rules.unhealthyThreshold)
    byName.set(name, { state, rate: rateOf(state, count.healthy + count.unhealthy, rules) })
  }
  const states = [...byName.values()]
  return { byName, allDisrupted: states.length > 0 && states.every(({ state }) => state === 'FullDisruption') }
}

function stateOf({ healthy, unhealthy }: { healthy: number; unhealthy: number }, threshold: number): ZoneState {
  if (healthy === 0 && unhealthy > 0) return 'FullDisruption'
  return unhealthy > 2 && unhealthy / (healthy + unhealthy) >= threshold ? 'PartialDisruption' : 'Normal'
}

/** A zone that is down alone, while others live, evicts at the normal rate. */
function rateOf(state: ZoneState, size: number, rules: ZoneRules): number {
  if (state !== 'PartialDisruption') return rules.evictionRate
  return size > rules.largeThreshold ? rules.secondaryRate : 0
}
