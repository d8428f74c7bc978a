/** Pod CIDRs of nodes, cut from the cluster's ranges; what nodes hold already is read from them, so nothing is lost over a restart. */
import { type Node, Nodes } from '#api/core/node.ts'
import { refOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import type { Action, ActionEvent, Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'
import { type CidrRange, cidrText, overlaps, parseCidr } from './cidr.ts'

/** One range of a family and the prefix length of a node's share of it. */
export interface NodeRange {
  range: CidrRange
  nodePrefix: number
}

/** All nodes are one key: two nodes must never be given the same block. */
const key = 'nodes'

export function nodeIpamController(ranges: readonly NodeRange[]): Controller {
  return {
    name: 'node-ipam-controller',
    eventSource: 'cidrAllocator',
    watches: [watch(Nodes, { keys: () => [key], concerns: (now, was) => now.spec.podCIDR !== was.spec.podCIDR })],
    reconcile: (_, world) => reconcileNodeCidrs(world, ranges),
  }
}

export function reconcileNodeCidrs(world: World, ranges: readonly NodeRange[]): Plan {
  const nodes = world.of(Nodes).list()
  const taken = nodes.flatMap((node) => cidrsOf(node).flatMap((text) => parseCidr(text) ?? []))
  const free = ranges.map((range) => freeBlocks(range, taken))
  const actions: Action[] = []
  const events: ActionEvent[] = []
  const waiting = nodes.filter((node) => cidrsOf(node).length === 0 && node.metadata.deletionTimestamp === undefined)
  for (const node of waiting.sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))) {
    const blocks = free.map((left) => left.next().value)
    if (blocks.some((block) => block === undefined)) {
      const message = `Node ${node.metadata.name} status is now: CIDRNotAvailable`
      events.push({ about: node, type: 'Normal', reason: 'CIDRNotAvailable', message })
      continue
    }
    const found = blocks.flatMap((block) => block ?? [])
    const podCIDRs = found.map(cidrText)
    const { uid } = node.metadata
    const body = { metadata: uid ? { uid } : {}, spec: { podCIDR: podCIDRs[0], podCIDRs } }
    actions.push({ verb: 'patch', type: Nodes, ref: refOf(node), patch: { type: 'strategic', body }, reason: 'node without pod CIDR' })
  }
  return { actions, events }
}

function cidrsOf({ spec }: Node): string[] {
  if ((spec.podCIDRs ?? []).length > 0) return spec.podCIDRs ?? []
  return spec.podCIDR ? [spec.podCIDR] : []
}

/** Free blocks of a range from the lowest up: one pass over what is taken serves all nodes that wait, were they thousands. */
function* freeBlocks({ range, nodePrefix }: NodeRange, taken: readonly CidrRange[]): Generator<CidrRange, undefined> {
  const used = taken
    .filter((t) => overlaps(t, range))
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : a.prefix - b.prefix))
  const end = endOf(range)
  let at = 0
  for (let block: CidrRange = { family: range.family, first: range.first, prefix: nodePrefix }; block.first < end; ) {
    let clash = used[at]
    while (clash && endOf(clash) <= block.first) clash = used[++at]
    const next = endOf(block)
    const isTaken = clash !== undefined && clash.first < next
    if (!isTaken) yield block
    // Past the block, or past a larger one that covers it.
    block = { ...block, first: isTaken && clash && endOf(clash) > next ? endOf(clash) : next }
  }
  return undefined
}

/** The first address behind a range. */
const endOf = ({ family, first, prefix }: CidrRange): bigint => first + (1n << BigInt((family === 4 ? 32 : 128) - prefix))
