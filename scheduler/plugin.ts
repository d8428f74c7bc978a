/** What a plug-in of the scheduler is: it answers for many nodes at once, with a reason for each one that it refuses. */
import type { PodShape } from './shape.ts'
import type { Snapshot } from './snapshot.ts'

/** Changes of the cluster that may let a refused pod fit. */
export type ClusterEvent = 'nodeAdded' | 'nodeChanged' | 'podGone' | 'podChanged'

/** 0: the node fits. Other codes are the plug-in's own; `explain` words them. */
export type Verdicts = Uint16Array

export interface Plugin {
  name: string
  /** False where the shape asks nothing of this plug-in; it is then skipped. */
  concerns?(shape: PodShape): boolean
  /** Writes a code for every node of `nodes` (indices) into `verdicts`. Verdicts depend on the shape and on that node alone. */
  filter?(shape: PodShape, snapshot: Snapshot, ask: { nodes: readonly number[]; verdicts: Verdicts }): void
  /** Upstream's words for a code, one or several reasons. */
  explain?(code: number, shape: PodShape): readonly string[]
  /** True if removing other pods from the node could change this verdict (upstream's Unschedulable, not …AndUnresolvable). */
  resolvable?(code: number): boolean
  /** Writes a raw score for every node of `nodes` into `scores`; dependent on the shape and on that node alone. */
  score?(shape: PodShape, snapshot: Snapshot, ask: { nodes: readonly number[]; scores: Float64Array }): void
  /** Brings raw scores of the nodes that fit into 0..100; without it raw scores are there already. */
  normalize?(scores: Float64Array): void
  weight?: number
  wakesOn: readonly ClusterEvent[]
}

/** Scales scores so that the highest becomes 100; `reverse` makes the lowest the best (upstream's DefaultNormalizeScore). */
export function normalizeToHundred(scores: Float64Array, reverse: boolean): void {
  const most = scores.reduce((a, b) => Math.max(a, b), 0)
  for (let i = 0; i < scores.length; i++) {
    const scaled = most === 0 ? 0 : Math.floor((100 * (scores[i] ?? 0)) / most)
    scores[i] = most === 0 ? (reverse ? 100 : 0) : reverse ? 100 - scaled : scaled
  }
}
