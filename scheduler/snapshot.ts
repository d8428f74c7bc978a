/**
 * The cluster as the scheduler sees it: nodes by a stable index, their amounts in typed arrays, the pods that stand or will stand on them. A node's
 * generation moves with every change that a plug-in may read, which is how kept verdicts go stale. Decisions run to their end without waiting,
 * so this one copy is their snapshot. No I/O.
 */
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { isPodTerminal } from '#api/core/rules/pod-state.ts'
import { podRequests } from '#api/core/rules/resources.ts'
import { type Amounts, amountsOf, type HostPort, hostPortsOf, scoredAmounts } from './shape.ts'

/** Columns of numbers, one cell a node. */
export const columns = [
  'cpuAllocatable',
  'cpuRequested',
  'cpuScored',
  'memoryAllocatable',
  'memoryRequested',
  'memoryScored',
  'ephemeralAllocatable',
  'ephemeralRequested',
  'podsAllocatable',
  'podCount',
  'generation',
] as const
export type ColumnName = (typeof columns)[number]

interface Placed {
  pod: Pod
  amounts: Amounts
  scored: { cpuMilli: number; memoryBytes: number }
  ports: readonly HostPort[]
}

export interface NodeRow {
  index: number
  node: Node
  /** Extended resources: allocatable and requested. */
  scalars: Map<string, { allocatable: number; requested: number }>
  placed: Map<string, Placed>
  /** Names of images on the node, with their sizes in bytes. */
  images: ReadonlyMap<string, number>
}

/** What plug-ins read. `rows[i]` is undefined where no node has index i. */
export interface Snapshot {
  readonly rows: readonly (NodeRow | undefined)[]
  readonly columns: Readonly<Record<ColumnName, Float64Array>>
  readonly nodeCount: number
}

const firstCapacity = 64

export class Cluster implements Snapshot {
  readonly rows: (NodeRow | undefined)[] = []
  columns = Object.fromEntries(columns.map((name) => [name, new Float64Array(firstCapacity)])) as Record<ColumnName, Float64Array>
  readonly #byName = new Map<string, NodeRow>()
  readonly #free: number[] = []
  /** Which node a pod stands on, by uid; the node may not be known yet. */
  readonly #nodeOfPod = new Map<string, string>()
  /** Pods on nodes that have not been seen, by node name. */
  readonly #waiting = new Map<string, Map<string, Pod>>()
  #generation = 0

  get nodeCount(): number {
    return this.#byName.size
  }

  node(name: string): Node | undefined {
    return this.#byName.get(name)?.node
  }

  setNode(node: Node): void {
    const name = node.metadata.name ?? ''
    const row = this.#byName.get(name) ?? this.#newRow(name, node)
    row.node = node
    row.images = new Map((node.status.images ?? []).flatMap((image) => (image.names ?? []).map((n) => [n, image.sizeBytes ?? 0] as const)))
    const allocatable = node.status.allocatable ?? {}
    const amounts = amountsOf(allocatable)
    this.columns.cpuAllocatable[row.index] = amounts.cpuMilli
    this.columns.memoryAllocatable[row.index] = amounts.memoryBytes
    this.columns.ephemeralAllocatable[row.index] = amounts.ephemeralBytes
    this.columns.podsAllocatable[row.index] = Number(allocatable['pods'] ?? 0)
    for (const scalar of row.scalars.values()) scalar.allocatable = 0
    for (const [resource, amount] of amounts.scalars) scalarOf(row, resource).allocatable = amount
    this.#moved(row)
  }

  removeNode(name: string): void {
    const row = this.#byName.get(name)
    if (!row) return
    // Its pods stay known: the node may come back before they are deleted.
    this.#waiting.set(name, new Map([...row.placed].map(([uid, { pod }]) => [uid, pod])))
    this.#byName.delete(name)
    this.rows[row.index] = undefined
    this.#free.push(row.index)
  }

  /** A pod with a node, observed or assumed; one that has ended takes nothing. */
  setPod(pod: Pod): void {
    const uid = pod.metadata.uid ?? ''
    this.removePod(uid)
    const name = pod.spec.nodeName
    if (!name || isPodTerminal(pod)) return
    this.#nodeOfPod.set(uid, name)
    const row = this.#byName.get(name)
    if (row) this.#place(row, uid, pod)
    else this.#waiting.set(name, (this.#waiting.get(name) ?? new Map<string, Pod>()).set(uid, pod))
  }

  removePod(uid: string): void {
    const name = this.#nodeOfPod.get(uid)
    if (name === undefined) return
    this.#nodeOfPod.delete(uid)
    this.#waiting.get(name)?.delete(uid)
    const row = this.#byName.get(name)
    const placed = row?.placed.get(uid)
    if (!row || !placed) return
    row.placed.delete(uid)
    this.#count(row, placed, -1)
  }

  #place(row: NodeRow, uid: string, pod: Pod): void {
    const amounts = amountsOf(podRequests(pod, { useStatus: true }))
    const placed: Placed = { pod, amounts, scored: scoredAmounts(pod, amounts), ports: hostPortsOf(pod) }
    row.placed.set(uid, placed)
    this.#count(row, placed, 1)
  }

  #count(row: NodeRow, { amounts, scored }: Placed, sign: 1 | -1): void {
    const add = (name: ColumnName, amount: number): void => {
      const column = this.columns[name]
      column[row.index] = (column[row.index] ?? 0) + sign * amount
    }
    add('cpuRequested', amounts.cpuMilli)
    add('memoryRequested', amounts.memoryBytes)
    add('ephemeralRequested', amounts.ephemeralBytes)
    add('cpuScored', scored.cpuMilli)
    add('memoryScored', scored.memoryBytes)
    add('podCount', 1)
    for (const [resource, amount] of amounts.scalars) scalarOf(row, resource).requested += sign * amount
    this.#moved(row)
  }

  #moved(row: NodeRow): void {
    this.columns.generation[row.index] = ++this.#generation
  }

  #newRow(name: string, node: Node): NodeRow {
    const index = this.#free.pop() ?? this.rows.length
    if (index >= this.columns.generation.length) this.#grow()
    for (const column of columns) this.columns[column][index] = 0
    const row: NodeRow = { index, node, scalars: new Map(), placed: new Map(), images: new Map() }
    this.rows[index] = row
    this.#byName.set(name, row)
    for (const [uid, pod] of this.#waiting.get(name) ?? []) this.#place(row, uid, pod)
    this.#waiting.delete(name)
    return row
  }

  #grow(): void {
    for (const name of columns) {
      const wider = new Float64Array(this.columns[name].length * 2)
      wider.set(this.columns[name])
      this.columns[name] = wider
    }
  }
}

function scalarOf(row: NodeRow, resource: string): { allocatable: number; requested: number } {
  const known = row.scalars.get(resource)
  if (known) return known
  const fresh = { allocatable: 0, requested: 0 }
  row.scalars.set(resource, fresh)
  return fresh
}
