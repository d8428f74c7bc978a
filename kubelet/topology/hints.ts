/**
 * Where on a machine of several NUMA nodes a container's resources may come from: the hints of those who give them, merged into one by the policy of
 * the topology manager, with upstream's preferences. Pure.
 */

export const topologyPolicies = ['none', 'best-effort', 'restricted', 'single-numa-node'] as const
export type TopologyPolicy = (typeof topologyPolicies)[number]

/** A set of NUMA nodes, one bit each. */
export type NodeMask = number

/** Container → NUMA nodes; a container that is not there may be served from any. */
export type Affinity = ReadonlyMap<string, NodeMask>

/** Of a pod's containers, where what they get is to come from, and which of them get it now (all if not said). */
export interface Aligned {
  affinity?: Affinity
  only?: ReadonlySet<string>
}

export interface Hint {
  /** Undefined: any. */
  nodes: NodeMask | undefined
  /** No narrower set could ever do. */
  preferred: boolean
}

/** By resource; undefined where its giver does not mind. */
export type Hints = ReadonlyMap<string, readonly Hint[] | undefined>

export const bitsOf = (mask: NodeMask): number => mask.toString(2).replaceAll('0', '').length
export const maskOf = (nodes: Iterable<number>): NodeMask => [...new Set(nodes)].reduce((mask, node) => mask | (1 << node), 0)
export const inMask = (mask: NodeMask, node: number): boolean => (mask & (1 << node)) !== 0

/** All sets of these nodes but the empty one. */
export function masksOf(nodes: readonly number[]): NodeMask[] {
  const masks: NodeMask[] = []
  for (const node of nodes) masks.push(...masks.map((mask) => mask | (1 << node)), 1 << node)
  return masks
}

export interface Merged {
  /** Undefined: any nodes. */
  nodes: NodeMask | undefined
  admit: boolean
}

/** `nodes`: those of the machine. */
export function mergeHints(policy: Exclude<TopologyPolicy, 'none'>, all: readonly Hints[], nodes: readonly number[]): Merged {
  const every = maskOf(nodes)
  const lists = all.flatMap((hints) => [...hints.values()].map(filled))
  const single = policy === 'single-numa-node'
  const best = bestOf(single ? lists.map((list) => list.filter(isSingle)) : lists, every)
  const anywhere = single && best.nodes === every
  return { nodes: anywhere ? undefined : best.nodes, admit: policy === 'best-effort' || best.preferred }
}

function filled(hints: readonly Hint[] | undefined): readonly Hint[] {
  if (hints === undefined) return [{ nodes: undefined, preferred: true }]
  return hints.length > 0 ? hints : [{ nodes: undefined, preferred: false }]
}

const isSingle = ({ nodes, preferred }: Hint): boolean => preferred && (nodes === undefined || bitsOf(nodes) === 1)

function bestOf(lists: readonly (readonly Hint[])[], every: NodeMask): Hint {
  const narrowest = lists.map((list) => Math.min(...list.map(({ nodes, preferred }) => (preferred && nodes ? bitsOf(nodes) : Infinity))))
  const wanted = Math.max(0, ...narrowest.filter(Number.isFinite))
  let best: Hint | undefined
  for (const chosen of permutations(lists)) {
    const candidate = joined(chosen, every)
    if (candidate.nodes !== 0) best = better(best, candidate, wanted)
  }
  return best ?? { nodes: every, preferred: false }
}

function permutations(lists: readonly (readonly Hint[])[]): Hint[][] {
  return lists.reduce<Hint[][]>((chosen, list) => chosen.flatMap((each) => list.map((hint) => [...each, hint])), [[]])
}

/** Preferred only where all are, and agree. */
function joined(hints: readonly Hint[], every: NodeMask): Hint {
  const masks = hints.flatMap(({ nodes }) => nodes ?? [])
  return {
    nodes: masks.reduce((left, mask) => left & mask, every),
    preferred: hints.every(({ preferred }) => preferred) && masks.every((mask) => mask === masks[0]),
  }
}

/** `wanted`: as many nodes as the most demanding resource needs at least, which is what hints that nobody prefers should come near. */
function better(best: Hint | undefined, candidate: Hint, wanted: number): Hint {
  if (!best) return candidate
  if (candidate.preferred !== best.preferred) return candidate.preferred ? candidate : best
  const [own, other] = [bitsOf(candidate.nodes ?? 0), bitsOf(best.nodes ?? 0)]
  if (own === other) return (candidate.nodes ?? 0) < (best.nodes ?? 0) ? candidate : best
  if (candidate.preferred) return own < other ? candidate : best
  const distance = (count: number): number => (count >= wanted ? count - wanted : (wanted - count) * 100)
  return distance(own) < distance(other) ? candidate : best
}
