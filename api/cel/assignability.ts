/** Unification of CEL types: which type may stand where another is declared, and what type parameters become (cel-go, checker/types.go). */
import { type CelType, dynType, isDyn, isDynOrError, isExactType, listType, mapType, opaqueType, typeOf } from './type.ts'

/** Bound type parameters by name. */
export type Bindings = ReadonlyMap<string, CelType>

/** The bindings that make each of `from` assignable to its counterpart in `to`; undefined where there are none. */
export function assignAll(bindings: Bindings, from: readonly CelType[], to: readonly CelType[]): Bindings | undefined {
  const unifier = new Unifier(bindings)
  return unifier.assignableAll(from, to) ? unifier.bindings : undefined
}

export const assign = (bindings: Bindings, from: CelType, to: CelType): Bindings | undefined => assignAll(bindings, [from], [to])

class Unifier {
  /** The given bindings, copied when the first is added. */
  bindings: Bindings
  #own: Map<string, CelType> | undefined

  constructor(bindings: Bindings) {
    this.bindings = bindings
  }

  #bind(name: string, type: CelType): void {
    this.#own ??= new Map(this.bindings)
    this.#own.set(name, type)
    this.bindings = this.#own
  }

  assignableAll(from: readonly CelType[], to: readonly CelType[]): boolean {
    return from.length === to.length && from.every((type, at) => this.#assignable(type, to[at] as CelType))
  }

  #assignable(a: CelType, b: CelType): boolean {
    if (b.kind === 'param') {
      const { valid, bound } = this.#substitutable(a, b)
      if (valid) return true
      if (bound) return false
    }
    if (a.kind === 'param') return this.#substitutable(b, a).valid
    if (isDynOrError(a) || isDynOrError(b)) return true
    if (a.kind === 'null') return isNullable(b)
    if (b.kind === 'null') return isNullable(a)
    if (a.kind === 'type') return b.kind === 'type'
    if (a.kind !== b.kind || a.name !== b.name) return false
    return this.assignableAll(a.params, b.params)
  }

  /** Whether `param` is, or can become, `type`; and whether it was bound before. */
  #substitutable(type: CelType, param: CelType): { valid: boolean; bound: boolean } {
    if (type.kind === param.kind && isExactType(type, param)) return { valid: true, bound: true }
    const known = this.bindings.get(param.name)
    if (known === undefined) {
      const valid = this.#absentFrom(param, type)
      if (valid) this.#bind(param.name, type)
      return { valid, bound: false }
    }
    if (type.kind === known.kind && isExactType(type, known)) return { valid: true, bound: true }
    if (!this.#assignable(type, known)) return { valid: false, bound: true }
    const general = mostGeneral(type, known)
    if (this.#absentFrom(param, general)) this.#bind(param.name, general)
    return { valid: true, bound: true }
  }

  /** Whether a parameter does not occur within a type, bindings followed. */
  #absentFrom(param: CelType, within: CelType): boolean {
    if (isExactType(param, within)) return false
    if (within.kind === 'param') {
      const known = this.bindings.get(within.name)
      return known === undefined || this.#absentFrom(param, known)
    }
    return within.params.every((inner) => this.#absentFrom(param, inner))
  }
}

function isNullable(type: CelType): boolean {
  switch (type.kind) {
    case 'opaque':
    case 'struct':
    case 'any':
    case 'duration':
    case 'timestamp':
    case 'null':
      return true
    default:
      return false
  }
}

/** The more general of two types that unify. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  return isEqualOrLessSpecific(a, b) ? a : b
}

function isEqualOrLessSpecific(a: CelType, b: CelType): boolean {
  if (isDyn(a) || a.kind === 'param') return true
  if (isDyn(b) || b.kind === 'param' || a.kind !== b.kind) return false
  if (a.kind === 'type') return true
  if (a.name !== b.name || a.params.length !== b.params.length) return false
  return a.params.every((param, at) => isEqualOrLessSpecific(param, b.params[at] as CelType))
}

/** The type with bound parameters replaced; those left over become dyn where `freeToDyn` says so. */
export function substitute(bindings: Bindings, type: CelType, freeToDyn: boolean): CelType {
  if (type.kind === 'param') {
    const known = bindings.get(type.name)
    if (known) return substitute(bindings, known, freeToDyn)
    return freeToDyn ? dynType : type
  }
  if (type.params.length === 0) return type
  const params = type.params.map((param) => substitute(bindings, param, freeToDyn))
  if (params.every((param, at) => param === type.params[at])) return type
  return rebuilt(type, params as [CelType, ...CelType[]])
}

function rebuilt(type: CelType, params: [CelType, ...CelType[]]): CelType {
  switch (type.kind) {
    case 'list':
      return listType(params[0])
    case 'map':
      return mapType(params[0], params[1] as CelType)
    case 'type':
      return typeOf(params[0])
    default:
      return opaqueType(type.name, ...params)
  }
}
