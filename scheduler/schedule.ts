/** Decides where a pod goes: filter, score, pick. Pure but for the verdicts it keeps per shape. */
import { LRUCache } from 'lru-cache'
import type { ClusterEvent, Plugin, Verdicts } from './plugin.ts'
import type { PodShape } from './shape.ts'
import type { Snapshot } from './snapshot.ts'

export type Decision =
  | { verdict: 'bind'; node: string }
  /** `message` is upstream's sentence; `wakesOn` tells which changes may help. */
  | { verdict: 'unschedulable'; message: string; plugins: readonly string[]; wakesOn: ReadonlySet<ClusterEvent> }

interface Kept {
  /** Per node: the generation that was judged, which plug-in refused (-1: none), its code, and raw scores per scoring plug-in. */
  generation: Float64Array
  refusedBy: Int8Array
  verdicts: Verdicts
  scores: ReadonlyMap<Plugin, Float64Array>
}

export class Scheduler {
  readonly #plugins: readonly Plugin[]
  readonly #kept = new LRUCache<string, Kept>({ max: 256 })

  constructor(plugins: readonly Plugin[]) {
    this.#plugins = plugins
  }

  schedule(shape: PodShape, snapshot: Snapshot): Decision {
    if (snapshot.nodeCount === 0) {
      return { verdict: 'unschedulable', message: 'no nodes available to schedule pods', plugins: [], wakesOn: new Set(['nodeAdded']) }
    }
    const kept = this.#judged(shape, snapshot)
    const fitting: number[] = []
    for (const row of snapshot.rows) if (row && kept.refusedBy[row.index] === -1) fitting.push(row.index)
    if (fitting.length === 0) return this.#refusal(shape, snapshot, kept)
    return { verdict: 'bind', node: this.#best(shape, snapshot, { fitting, kept }) }
  }

  /** Judges the nodes that changed since this shape was here last. */
  #judged(shape: PodShape, snapshot: Snapshot): Kept {
    const size = snapshot.columns.generation.length
    let kept = this.#kept.get(shape.key)
    if (!kept || kept.generation.length !== size) {
      const scoring = this.#plugins.filter((p) => p.score && p.concerns?.(shape) !== false)
      kept = {
        generation: new Float64Array(size),
        refusedBy: new Int8Array(size),
        verdicts: new Uint16Array(size),
        scores: new Map(scoring.map((p) => [p, new Float64Array(size)])),
      }
      this.#kept.set(shape.key, kept)
    }
    const stale: number[] = []
    for (const row of snapshot.rows) {
      if (!row) continue
      const now = snapshot.columns.generation[row.index] ?? 0
      if (kept.generation[row.index] === now) continue
      kept.generation[row.index] = now
      stale.push(row.index)
    }
    if (stale.length > 0) this.#judge(shape, snapshot, { kept, stale })
    return kept
  }

  #judge(shape: PodShape, snapshot: Snapshot, { kept, stale }: { kept: Kept; stale: readonly number[] }): void {
    for (const i of stale) kept.refusedBy[i] = -1
    let left = stale
    this.#plugins.forEach((plugin, at) => {
      if (!plugin.filter || left.length === 0 || plugin.concerns?.(shape) === false) return
      plugin.filter(shape, snapshot, { nodes: left, verdicts: kept.verdicts })
      const passed: number[] = []
      for (const i of left) {
        if (kept.verdicts[i] === 0) passed.push(i)
        else kept.refusedBy[i] = at
      }
      left = passed
    })
    if (left.length > 0) for (const [plugin, scores] of kept.scores) plugin.score?.(shape, snapshot, { nodes: left, scores })
  }

  /** The node with the highest weighted score; among equals the first by name, so that runs repeat. */
  #best(shape: PodShape, snapshot: Snapshot, { fitting, kept }: { fitting: readonly number[]; kept: Kept }): string {
    const totals = new Float64Array(fitting.length)
    if (fitting.length > 1) {
      for (const [plugin, raw] of kept.scores) {
        if (plugin.concerns?.(shape) === false) continue
        const scores = Float64Array.from(fitting, (i) => raw[i] ?? 0)
        plugin.normalize?.(scores)
        for (let at = 0; at < totals.length; at++) totals[at] = (totals[at] ?? 0) + (scores[at] ?? 0) * (plugin.weight ?? 1)
      }
    }
    let best = ''
    let bestTotal = -1
    fitting.forEach((i, at) => {
      const name = snapshot.rows[i]?.node.metadata.name ?? ''
      const total = totals[at] ?? 0
      if (total > bestTotal || (total === bestTotal && name < best)) [best, bestTotal] = [name, total]
    })
    return best
  }

  #refusal(shape: PodShape, snapshot: Snapshot, kept: Kept): Decision {
    const reasons = new Map<string, number>()
    const refusing = new Set<Plugin>()
    let resolvable = 0
    for (const row of snapshot.rows) {
      if (!row) continue
      const plugin = this.#plugins[kept.refusedBy[row.index] ?? -1]
      if (!plugin) continue
      const code = kept.verdicts[row.index] ?? 0
      refusing.add(plugin)
      if (plugin.resolvable?.(code)) resolvable++
      for (const reason of plugin.explain?.(code, shape) ?? [plugin.name]) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    const wakesOn = new Set([...refusing].flatMap((plugin) => plugin.wakesOn))
    const message = refusalMessage(snapshot.nodeCount, reasons, resolvable)
    return { verdict: 'unschedulable', message, plugins: [...refusing].map((p) => p.name), wakesOn }
  }
}

/**
 * Upstream's sentence. This scheduler preempts no pods, so its second half counts nodes where removing pods could not help and nodes where it
 * could.
 */
export function refusalMessage(nodeCount: number, reasons: ReadonlyMap<string, number>, resolvable: number): string {
  const part = (counts: Iterable<readonly [string, number]>): string =>
    [...counts]
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => `${count} ${reason}`)
      .sort()
      .join(', ')
  const head = `0/${nodeCount} nodes are available:`
  const preemption = part([
    ['No preemption victims found for incoming pod', resolvable],
    ['Preemption is not helpful for scheduling', nodeCount - resolvable],
  ])
  return `${head} ${part(reasons)}. preemption: ${head} ${preemption}.`
}
