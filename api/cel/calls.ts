/** Calls of functions: the overload chosen by the checker, or the one that fits the values (cel-go, common/decls). */

import type { Node } from './frame.ts'
import type { CelFunction, Overload, Run } from './functions.ts'
import { callCost } from './runtime-cost.ts'
import type { CelType } from './type.ts'
import { CelError, type CelList, type CelMap, type CelValue, Duration, noSuchOverload, Timestamp, typeOfValue } from './value.ts'

/** The node of a call. Where one overload was chosen only that one runs. `asList`: upstream passes even two arguments as a list. */
export function callNode(fn: CelFunction, chosen: readonly string[], args: readonly Node[], asList = false): Node {
  const single = chosen.length === 1 ? chosen[0] : undefined
  const cost = callCost(fn.name, single ?? '')
  const run = runOf(fn, single)
  // Upstream stops at the first failed argument only where it passes them as a list; the call is not charged then.
  const stopsEarly = asList || args.length > 2 || (single === undefined && !fn.run)
  return (frame) => {
    const values: CelValue[] = new Array(args.length)
    let failed: CelError | undefined
    for (let at = 0; at < args.length; at++) {
      const value = (args[at] as Node)(frame)
      values[at] = value
      if (!(value instanceof CelError)) continue
      if (stopsEarly && at < args.length - 1) return value
      failed ??= value
    }
    const result = failed ?? run(...values)
    frame.charge(cost(values, result))
    return result
  }
}

function runOf(fn: CelFunction, single: string | undefined): Run {
  const shared = fn.run
  const own = single === undefined ? undefined : fn.overloads.find((overload) => overload.id === single)?.run
  if (own) return guarded(fn, fn.overloads.find((overload) => overload.id === single) as Overload)
  if (shared) return fn.accepts ? traitGuarded(fn.name, shared, fn.accepts) : shared
  const overloads = fn.overloads.filter((overload) => overload.run !== undefined)
  return (...args) => {
    const fitting = overloads.find((overload) => fits(overload, args))
    return fitting?.run?.(...args) ?? noOverload(fn.name, args)
  }
}

/** Functions of one implementation ask the first value whether it takes part; texts and times answer for themselves. */
function traitGuarded(name: string, run: Run, accepts: (first: CelValue) => boolean): Run {
  return (...args) => {
    const first = args[0] as CelValue
    if (accepts(first)) return run(...args)
    const receives = typeof first === 'string' || first instanceof Timestamp || first instanceof Duration
    return receives ? noSuchOverload : new CelError(`no such overload: ${name}`)
  }
}

function guarded(fn: CelFunction, overload: Overload): Run {
  const run = overload.run as Run
  if (fn.unguarded) return run
  return (...args) => (fits(overload, args) ? run(...args) : noOverload(fn.name, args))
}

const noOverload = (name: string, args: readonly CelValue[]): CelError =>
  new CelError(`no such overload: ${name}(${args.map((arg) => typeOfValue(arg).name).join(', ')})`)

function fits(overload: Overload, args: readonly CelValue[]): boolean {
  if (overload.args.length !== args.length) return false
  for (let at = 0; at < args.length; at++) {
    if (!isOfType(overload.args[at] as CelType, args[at] as CelValue)) return false
  }
  return true
}

/** Whether a value may be of a type; of containers the first element speaks for all. */
function isOfType(type: CelType, value: CelValue): boolean {
  if (type.kind === 'dyn' || type.kind === 'any' || type.kind === 'param') return true
  if (type.name !== typeOfValue(value).name) return false
  if (type.kind === 'list') {
    const list = value as CelList
    return list.size === 0 || isOfType(type.params[0] as CelType, list.get(0))
  }
  if (type.kind !== 'map') return true
  const map = value as CelMap
  const [key] = map.keys()
  if (key === undefined) return true
  return isOfType(type.params[0] as CelType, key) && isOfType(type.params[1] as CelType, map.find(key) ?? null)
}
