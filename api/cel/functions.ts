/** How functions of CEL are declared: name, overloads with their types, and what runs. Libraries are lists of these. */
import type { CelType } from './type.ts'
import type { CelValue } from './value.ts'

export type Run = (...args: CelValue[]) => CelValue

export interface Overload {
  readonly id: string
  /** `receiver.name(…)`; the receiver is the first argument type. */
  readonly member: boolean
  readonly args: readonly CelType[]
  readonly result: CelType
  /** Missing where the function's own `run` serves all overloads. */
  readonly run: Run | undefined
}

export interface CelFunction {
  readonly name: string
  readonly overloads: readonly Overload[]
  /** One implementation for all overloads. */
  readonly run?: Run
  /** Values that may stand first; others have `no such overload`. */
  readonly accepts?: (first: CelValue) => boolean
  /** Run although arguments do not have the declared types, when the choice was made by the checker. */
  readonly unguarded?: boolean
}

export const global = (id: string, args: readonly CelType[], result: CelType, run?: Run): Overload => ({
  id,
  member: false,
  args,
  result,
  run,
})

export const member = (id: string, args: readonly CelType[], result: CelType, run?: Run): Overload => ({
  id,
  member: true,
  args,
  result,
  run,
})

export const define = (name: string, ...overloads: Overload[]): CelFunction => ({ name, overloads })

/** All functions by name; overloads of functions with one name stand in the order of the libraries. */
export function functionTable(libraries: readonly (readonly CelFunction[])[]): ReadonlyMap<string, CelFunction> {
  const table = new Map<string, CelFunction>()
  for (const added of libraries.flat()) {
    const known = table.get(added.name)
    if (!known) {
      table.set(added.name, added)
      continue
    }
    const ids = new Set(known.overloads.map((overload) => overload.id))
    table.set(added.name, { ...known, overloads: [...known.overloads, ...added.overloads.filter((overload) => !ids.has(overload.id))] })
  }
  return table
}
