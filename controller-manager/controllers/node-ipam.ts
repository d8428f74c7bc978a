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
  const actions: Action[] = []
  const events: ActionEvent[] = []
  const waiting = nodes.filter((node) => cidrsOf(node).length === 0 && node.metadata.deletionTimestamp === undefined)
  for (const node of waiting.sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))) {
    const blocks = ranges.map((range) => firstFree(range, taken))
    if (blocks.some((block) => block === undefined)) {
      const message = `Node ${node.metadata.name} status is now: CIDRNotAvailable`
      events.push({ about: node, type: 'Normal', reason: 'CIDRNotAvailable', message })
      continue
    }
    const found = blocks.flatMap((block) => block ?? [])
    taken.push(...found)
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

function firstFree({ range, nodePrefix }: NodeRange, taken: readonly CidrRange[]): CidrRange | undefined {
  const bits = range.family === 4 ? 32 : 128
  const size = 1n << BigInt(bits - nodePrefix)
  const end = range.first + (1n << BigInt(bits - range.prefix))
  const used = taken.filter((t) => overlaps(t, range))
  for (let first = range.first; first < end; ) {
    const block: CidrRange = { family: range.family, first, prefix: nodePrefix }
    const clash = used.find((t) => overlaps(t, block))
    if (!clash) return block
    // Past the block, or past a larger one that covers it.
    const clashEnd = clash.first + (1n << BigInt(bits - clash.prefix))
    first = clashEnd > first + size ? clashEnd : first + size
  }
  return undefined
}
