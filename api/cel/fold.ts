/** Folds: what macros over lists and maps run as (cel-go, interpreter evalFold). */
import type { Expr, FoldExpr } from './ast.ts'
import type { Frame, Node } from './frame.ts'
import { ArrayList, Bytes, CelError, CelList, CelMap, type CelValue, Duration, GrowingList, HashMap, Timestamp, Uint } from './value.ts'

/** What a fold needs of the planner: planning within a scope of its variables. */
export interface Slots {
  plan(expr: Expr): Node
  within<T>(names: ReadonlyMap<string, Node>, body: () => T): T
  newSlot(): number
}

interface Parts {
  two: boolean
  first: number
  second: number
  accu: number
  range: Node
  condition: Node
  step: Node
  result: Node
}

export function foldNode(expr: FoldExpr, slots: Slots): Node {
  const parts = planParts(expr, slots)
  return (frame) => {
    const range = parts.range(frame)
    if (range instanceof CelError) return range
    frame.slots[parts.accu] = undefined
    const failed = iterate(frame, range, parts)
    if (failed) return failed
    const result = parts.result(frame)
    // The accumulator must not grow any more, whoever holds it.
    return result instanceof GrowingList ? new ArrayList(result.growing) : result
  }
}

function planParts(expr: FoldExpr, slots: Slots): Parts {
  const [first, second, accu] = [slots.newSlot(), slots.newSlot(), slots.newSlot()]
  const range = slots.plan(expr.range)
  const init = slots.plan(expr.accuInit)
  const read =
    (slot: number): Node =>
    (frame) =>
      frame.slots[slot] as CelValue
  const accuNode: Node = (frame) => {
    const value = frame.slots[accu]
    if (value !== undefined) return value
    const start = mutable(init(frame))
    frame.slots[accu] = start
    return start
  }
  const iterNames = new Map([[expr.iterVar, read(first)]])
  if (expr.iterVar2 !== '') iterNames.set(expr.iterVar2, read(second))
  return slots.within(new Map([[expr.accuVar, accuNode]]), () => {
    const result = slots.plan(expr.result)
    // An accumulator that shadows an iteration variable of its name wins.
    const inner = new Map([...iterNames].filter(([name]) => name !== expr.accuVar))
    const [condition, step] = slots.within(inner, () => [slots.plan(expr.condition), slots.plan(expr.step)])
    return { two: expr.iterVar2 !== '', first, second, accu, range, condition, step, result } as Parts
  })
}

/** An empty container that nobody else sees may be added to in place. */
function mutable(value: CelValue): CelValue {
  if (value instanceof CelList && value.size === 0) return new GrowingList()
  return value instanceof CelMap && value.size === 0 ? new HashMap() : value
}

function iterate(frame: Frame, range: CelValue, parts: Parts): CelError | undefined {
  if (range instanceof CelList) {
    for (let at = 0; at < range.size; at++) {
      const more = parts.two ? step(frame, parts, BigInt(at), range.get(at)) : step(frame, parts, range.get(at), null)
      if (!more) break
    }
    return undefined
  }
  if (range instanceof CelMap) {
    for (const key of range.keys()) {
      if (!step(frame, parts, key, parts.two ? (range.find(key) ?? null) : null)) break
    }
    return undefined
  }
  const name = goTypeName(range)
  return new CelError(parts.two ? `unsupported comprehension range type: ${name}` : `got '${name}', expected iterable type`)
}

function step(frame: Frame, parts: Parts, first: CelValue, second: CelValue): boolean {
  frame.slots[parts.first] = first
  frame.slots[parts.second] = second
  if (parts.condition(frame) === false) return false
  frame.slots[parts.accu] = parts.step(frame)
  return true
}

function goTypeName(value: CelValue): string {
  const scalars: Partial<Record<string, string>> = { string: 'String', bigint: 'Int', number: 'Double', boolean: 'Bool' }
  const scalar = scalars[typeof value]
  if (scalar) return `types.${scalar}`
  if (value instanceof Uint) return 'types.Uint'
  if (value instanceof Bytes) return 'types.Bytes'
  if (value instanceof Timestamp) return 'types.Timestamp'
  if (value instanceof Duration) return 'types.Duration'
  return value === null ? 'types.Null' : '*types.Optional'
}
