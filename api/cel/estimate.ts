/**
 * The worst and best case of an expression's cost, from the bounds of its variables (cel-go, checker/cost.go). Which expressions a
 * CustomResourceDefinition may hold depends on these figures, so every quirk of upstream's is kept.
 */
import type { CallExpr, Expr, FoldExpr, ListExpr, MapExpr, SelectExpr } from './ast.ts'
import type { DeclType } from './decl-type.ts'
import type { CelEnvironment } from './environment.ts'
import { type CallEstimate, type CostNode, estimateCall } from './estimate-calls.ts'
import { addRange, fixed, multiplyRange, type Range, sumRanges, unbounded, unionRange, unknownSize } from './estimate-range.ts'
import { codePoints } from './issues.ts'
import { accumulator } from './macros.ts'
import { type CelType, dynType, unwrapOptional } from './type.ts'
import { Bytes, type CelValue } from './value.ts'

export function estimateCost(root: Expr, env: CelEnvironment): Range {
  return new Estimator(env).cost(root)
}

/** Sizes of what a container holds. */
interface EntrySize {
  container: 'list' | 'map'
  key: Range
  value: Range
}

interface Local {
  path: readonly string[]
  size: Range | undefined
  entries: EntrySize | undefined
}

const scalarKinds = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint'])
const isScalar = (type: CelType): boolean => scalarKinds.has(unwrapOptional(type).kind)

class Estimator {
  readonly #env: CelEnvironment
  readonly #paths = new Map<Expr, readonly string[]>()
  readonly #sizes = new Map<Expr, Range>()
  readonly #entrySizes = new Map<Expr, EntrySize>()
  readonly #locals = new Map<string, Local[]>()

  constructor(env: CelEnvironment) {
    this.#env = env
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case 'ident':
        return this.#ident(expr, expr.name)
      case 'select':
        return expr.qualified === undefined ? this.#select(expr) : this.#ident(expr, expr.qualified)
      case 'call':
        return this.#call(expr)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'struct':
        return addRange(sumRanges(expr.fields.map((field) => this.cost(field.value))), fixed(40))
      case 'fold':
        return isBind(expr) ? this.#bind(expr) : this.#fold(expr)
      default:
        return fixed(0)
    }
  }

  #ident(expr: Expr, name: string): Range {
    this.#paths.set(expr, this.#local(name)?.path ?? [name])
    return fixed(1)
  }

  #select(expr: SelectExpr): Range {
    const operand = this.cost(expr.operand)
    if (expr.testOnly) return operand
    const kind = (expr.operand.type ?? dynType).kind
    this.#paths.set(expr, [...this.#path(expr.operand), expr.field])
    return kind === 'map' || kind === 'struct' || kind === 'param' ? addRange(operand, fixed(1)) : operand
  }

  #call(expr: CallExpr): Range {
    if (expr.function === 'dyn') return this.#dyn(expr)
    const argCosts = expr.args.map((arg) => this.cost(arg))
    const args = expr.args.map((arg) => this.#node(arg))
    const overloads = expr.overloads ?? []
    if (overloads.length === 0) return fixed(0)
    const targetCost = expr.target ? this.cost(expr.target) : fixed(0)
    const target = expr.target && this.#node(expr.target)
    let total: Range = { min: unbounded, max: 0 }
    let resultSize: Range | undefined
    for (const overload of overloads) {
      const estimate = this.#overload(expr, overload, { target, args }, argCosts)
      total = unionRange(total, estimate.cost)
      if (estimate.size) resultSize = resultSize ? unionRange(resultSize, estimate.size) : estimate.size
      resultSize = this.#indexSize(expr, overload, resultSize) ?? this.#size(expr)
    }
    if (resultSize) this.#sizes.set(expr, resultSize)
    return addRange(targetCost, total)
  }

  /** Indexing goes down the path; what is read has the size of the container's elements. */
  #indexSize(expr: CallExpr, overload: string, known: Range | undefined): Range | undefined {
    const [container] = expr.args
    if (!container || (overload !== 'index_list' && overload !== 'index_map')) return known
    this.#paths.set(expr, [...this.#path(container), overload === 'index_list' ? '@items' : '@values'])
    return this.#entries(container)?.value
  }

  #dyn(expr: CallExpr): Range {
    const arg = expr.args[0] as Expr
    const cost = this.cost(arg)
    this.#copySizes(expr, arg)
    return addRange(fixed(1), cost)
  }

  #overload(
    expr: CallExpr,
    overload: string,
    call: { target: CostNode | undefined; args: readonly CostNode[] },
    argCosts: readonly Range[],
  ): CallEstimate {
    switch (overload) {
      case 'logical_or':
      case 'logical_and': {
        const [left, right] = argCosts as [Range, Range]
        return { cost: { min: left.min, max: addRange(left, right).max } }
      }
      case 'conditional':
        return this.#conditional(expr, call.args, argCosts)
      case 'add_string':
      case 'add_bytes':
      case 'add_list':
        this.#joinEntries(expr)
        break
      default:
        break
    }
    const estimate = estimateCall(expr.function, overload, { ...call, sizeAt: (path) => this.#sizeAt(path) })
    return { ...estimate, cost: addRange(estimate.cost, sumRanges(argCosts)) }
  }

  #conditional(expr: CallExpr, args: readonly CostNode[], argCosts: readonly Range[]): CallEstimate {
    const [, yes, no] = args as [CostNode, CostNode, CostNode]
    const [condition, yesCost, noCost] = argCosts as [Range, Range, Range]
    const entries = unionEntries(this.#entries(expr.args[1] as Expr), this.#entries(expr.args[2] as Expr))
    if (entries) this.#entrySizes.set(expr, entries)
    return { cost: addRange(condition, unionRange(yesCost, noCost)), size: unionRange(yes.size ?? unknownSize, no.size ?? unknownSize) }
  }

  #joinEntries(expr: CallExpr): void {
    const entries = unionEntries(this.#entries(expr.args[0] as Expr), this.#entries(expr.args[1] as Expr))
    if (entries) this.#entrySizes.set(expr, entries)
  }

  #list(expr: ListExpr): Range {
    const costs = expr.elements.map((element) => this.cost(element))
    const value = this.#unionOfSizes(expr.elements)
    this.#entrySizes.set(expr, { container: 'list', key: fixed(1), value })
    return addRange(sumRanges(costs), fixed(10))
  }

  #map(expr: MapExpr): Range {
    const costs = expr.entries.flatMap((entry) => [this.cost(entry.key), this.cost(entry.value)])
    const key = this.#unionOfSizes(expr.entries.map((entry) => entry.key))
    const value = this.#unionOfSizes(expr.entries.map((entry) => entry.value))
    this.#entrySizes.set(expr, { container: 'map', key, value })
    return addRange(sumRanges(costs), fixed(30))
  }

  #unionOfSizes(exprs: readonly Expr[]): Range {
    const start: Range = exprs.length === 0 ? fixed(0) : { min: unbounded, max: 0 }
    return exprs.reduce((size, expr) => unionRange(size, this.#size(expr) ?? unknownSize), start)
  }

  #fold(expr: FoldExpr): Range {
    const rangeCost = this.cost(expr.range)
    const initCost = this.cost(expr.accuInit)
    this.#bindLocal(expr.accuVar, expr.accuInit)
    const variables = this.#iterLocals(expr)
    for (const [name, local] of variables) this.#push(name, local)
    const conditionCost = this.cost(expr.condition)
    const stepCost = this.cost(expr.step)
    for (const [name] of variables) this.#pop(name)
    const resultCost = this.cost(expr.result)
    this.#pop(expr.accuVar)
    const count = this.#size(expr.range) ?? unknownSize
    const loopCost = multiplyRange(count, addRange(stepCost, conditionCost))
    this.#foldSize(expr, count)
    return sumRanges([rangeCost, initCost, resultCost, loopCost])
  }

  #foldSize(expr: FoldExpr, count: Range): void {
    if (expr.accuInit.kind === 'literal') {
      const size = this.#size(expr.accuInit)
      if (size) this.#sizes.set(expr, size)
    } else if (expr.accuInit.kind === 'list' || expr.accuInit.kind === 'map') {
      this.#sizes.set(expr, count)
      const entries = this.#entries(expr.step)
      if (entries) this.#entrySizes.set(expr, entries)
    }
  }

  #iterLocals(expr: FoldExpr): [string, Local][] {
    const entries = this.#entries(expr.range)
    const path = this.#path(expr.range)
    const isList = (entries?.container ?? (expr.range.type ?? dynType).kind) === 'list'
    const local = (step: string, size: Range | undefined): Local => ({ path: [...path, step], size, entries: undefined })
    const value = local(isList ? '@items' : '@values', entries?.value)
    if (expr.iterVar2 === '') return [[expr.iterVar, isList ? value : local('@keys', entries?.key)]]
    return [
      [expr.iterVar, local(isList ? '@indices' : '@keys', entries?.key)],
      [expr.iterVar2, value],
    ]
  }

  #bind(expr: FoldExpr): Range {
    const cost = addRange(this.cost(expr.range), this.cost(expr.accuInit))
    this.#bindLocal(expr.accuVar, expr.accuInit)
    const resultCost = this.cost(expr.result)
    this.#pop(expr.accuVar)
    this.#copySizes(expr, expr.result)
    return addRange(cost, resultCost)
  }

  #bindLocal(name: string, expr: Expr): void {
    this.#push(name, { path: this.#path(expr), size: this.#size(expr), entries: this.#entries(expr) })
  }

  #push(name: string, local: Local): void {
    this.#locals.set(name, [...(this.#locals.get(name) ?? []), local])
  }

  #pop(name: string): void {
    this.#locals.get(name)?.pop()
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1)
  }

  #path(expr: Expr): readonly string[] {
    const local = expr.kind === 'ident' ? this.#local(expr.name) : undefined
    return local?.path ?? this.#paths.get(expr) ?? []
  }

  #node(expr: Expr): CostNode {
    const path = this.#path(expr)
    const known = path.length > 0 && path[0] !== accumulator
    return {
      path: known ? path : undefined,
      type: expr.type ?? dynType,
      size: this.#size(expr),
      literal: expr.kind === 'literal' ? expr.value : undefined,
    }
  }

  #copySizes(to: Expr, from: Expr): void {
    const size = this.#size(from)
    if (size) this.#sizes.set(to, size)
    const entries = this.#entries(from)
    if (entries) this.#entrySizes.set(to, entries)
  }

  #size(expr: Expr): Range | undefined {
    const known = this.#sizes.get(expr) ?? literalSize(expr)
    if (known) return known
    const declared = this.#sizeAt(this.#path(expr))
    if (declared) {
      this.#sizes.set(expr, declared)
      return declared
    }
    if (isScalar(expr.type ?? dynType)) return fixed(1)
    return expr.kind === 'ident' ? this.#local(expr.name)?.size : undefined
  }

  #entries(expr: Expr): EntrySize | undefined {
    return this.#entrySizes.get(expr) ?? (expr.kind === 'ident' ? this.#local(expr.name)?.entries : undefined)
  }

  /**
   * The bound at a path below the variable with bounds. Upstream never looks at a path's first step, so that the elements of a literal list
   * have the bound of the whole variable; and scalars have size 0.
   */
  #sizeAt(path: readonly string[]): Range | undefined {
    let decl: DeclType | undefined = path.length === 0 ? undefined : this.#env.bounds
    for (const step of path.slice(1)) {
      if (!decl) return undefined
      decl = step === '@items' || step === '@values' ? decl.element : step === '@keys' ? decl.key : decl.fields?.get(step)
    }
    return decl && { min: 0, max: decl.maxElements }
  }
}

function unionEntries(a: EntrySize | undefined, b: EntrySize | undefined): EntrySize | undefined {
  return a && b && { container: a.container, key: unionRange(a.key, b.key), value: unionRange(a.value, b.value) }
}

/** A fold that only binds a name: what optMap and sortBy make. */
function isBind(expr: FoldExpr): boolean {
  const { range, condition } = expr
  return (
    range.kind === 'list' &&
    range.elements.length === 0 &&
    condition.kind === 'literal' &&
    condition.value === false &&
    expr.accuVar !== accumulator
  )
}

function literalSize(expr: Expr): Range | undefined {
  if (expr.kind === 'list') return fixed(expr.elements.length)
  if (expr.kind === 'map') return fixed(expr.entries.length)
  return expr.kind === 'literal' ? fixed(sizeOfLiteral(expr.value)) : undefined
}

function sizeOfLiteral(value: CelValue): number {
  if (typeof value === 'string') return codePoints(value)
  return value instanceof Bytes ? value.bytes.length : 1
}
