/** Type checking: writes types and overloads onto the tree, and reports what does not fit in upstream's words (cel-go, checker). */

import { assign, assignAll, type Bindings, mostGeneral, substitute } from './assignability.ts'
import type { CallExpr, Expr, FoldExpr, IdentExpr, ListExpr, MapExpr, SelectExpr, StructExpr } from './ast.ts'
import { type CelEnvironment, fieldType, identType, isStructName } from './environment.ts'
import type { CelFunction, Overload } from './functions.ts'
import type { Issues } from './issues.ts'
import {
  boolType,
  type CelType,
  dynType,
  errorType,
  formatSignature,
  formatType,
  intType,
  isDyn,
  isDynOrError,
  isExactType,
  isOptional,
  listType,
  mapType,
  optionalType,
  paramType,
  unwrapOptional,
} from './type.ts'
import { typeOfValue } from './value.ts'
import { walk } from './walk.ts'

/** Checks the tree in place. Its types are final where no issue was reported. Answers the type of the whole. */
export function check(root: Expr, env: CelEnvironment, issues: Issues): CelType {
  const checker = new Checker(env, issues)
  checker.check(root)
  checker.settle(root)
  return root.type ?? errorType
}

class Checker {
  readonly #env: CelEnvironment
  readonly #issues: Issues
  readonly #scopes: Map<string, CelType>[] = []
  #bindings: Bindings = new Map()
  #freeTypes = 0

  constructor(env: CelEnvironment, issues: Issues) {
    this.#env = env
    this.#issues = issues
  }

  /** Replaces type parameters by what they were found to be, or by dyn. */
  settle(root: Expr): void {
    walk(root, (expr) => {
      expr.type = substitute(this.#bindings, expr.type ?? errorType, true)
    })
  }

  check(expr: Expr): CelType {
    const type = this.#typeOf(expr)
    expr.type = type
    return type
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return typeOfValue(expr.value)
      case 'ident':
        return this.#ident(expr)
      case 'select':
        return this.#select(expr)
      case 'call':
        return expr.function === '_?._' ? this.#optionalSelect(expr) : this.#call(expr)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'struct':
        return this.#struct(expr)
      case 'fold':
        return this.#fold(expr)
      default:
        return errorType
    }
  }

  #report(offset: number, message: string): void {
    this.#issues.report(offset, message)
  }

  #mismatch(offset: number, expected: CelType, found: CelType): void {
    this.#report(offset, `expected type '${formatType(expected)}' but found '${formatType(found)}'`)
  }

  #undeclared(offset: number, name: string): CelType {
    this.#report(offset, `undeclared reference to '${name}' (in container '')`)
    return errorType
  }

  #lookup(name: string): CelType | undefined {
    const bare = name.startsWith('.') ? name.slice(1) : name
    for (let at = this.#scopes.length - 1; at >= 0; at--) {
      const local = this.#scopes[at]?.get(bare)
      if (local) return local
    }
    return identType(this.#env, bare)
  }

  #ident(expr: IdentExpr): CelType {
    const type = this.#lookup(expr.name)
    if (!type) return this.#undeclared(expr.offset, expr.name)
    if (expr.name.startsWith('.')) expr.name = expr.name.slice(1)
    return type
  }

  #select(expr: SelectExpr): CelType {
    const name = expr.testOnly ? undefined : qualifiedName(expr)
    const type = name === undefined ? undefined : this.#lookup(name)
    if (name !== undefined && type) {
      expr.qualified = name.startsWith('.') ? name.slice(1) : name
      return type
    }
    const field = this.#field(expr.offset, expr.operand, expr.field, false)
    return expr.testOnly ? boolType : this.#substituted(field)
  }

  #substituted(type: CelType): CelType {
    return substitute(this.#bindings, type, false)
  }

  #optionalSelect(expr: CallExpr): CelType {
    const [operand, field] = expr.args as [Expr, Expr]
    expr.overloads = ['select_optional_field']
    const name = field.kind === 'literal' ? String(field.value) : ''
    field.type = typeOfValue(name)
    return this.#substituted(this.#field(expr.offset, operand, name, true))
  }

  #field(offset: number, operand: Expr, field: string, optional: boolean): CelType {
    const operandType = this.#substituted(this.check(operand))
    const target = unwrapOptional(operandType)
    let result: CelType = errorType
    if (target.kind === 'map') result = target.params[1] as CelType
    else if (target.kind === 'struct') result = this.#structField(offset, target.name, field)
    else {
      if (target.kind === 'param') this.#isAssignable(dynType, target)
      else if (!isDynOrError(target)) this.#report(offset, `type '${formatType(target)}' does not support field selection`)
      result = dynType
    }
    return optional || isOptional(operandType) ? optionalType(result) : result
  }

  #structField(offset: number, typeName: string, field: string): CelType {
    if (!isStructName(this.#env, typeName)) {
      this.#report(offset, `unexpected failed resolution of '${typeName}'`)
      return errorType
    }
    const type = fieldType(this.#env, typeName, field)
    if (!type) this.#report(offset, `undefined field '${field}'`)
    return type ?? errorType
  }

  #call(expr: CallExpr): CelType {
    for (const arg of expr.args) this.check(arg)
    if (!expr.target) {
      const bare = expr.function.startsWith('.') ? expr.function.slice(1) : expr.function
      const fn = this.#env.functions.get(bare)
      if (!fn) return this.#undeclared(expr.offset, expr.function)
      expr.function = bare
      return this.#overload(expr, fn)
    }
    const prefix = qualifiedName(expr.target)
    const namespaced = prefix === undefined ? undefined : this.#env.functions.get(`${prefix.replace(/^\./, '')}.${expr.function}`)
    if (namespaced) {
      expr.target = undefined
      expr.function = namespaced.name
      return this.#overload(expr, namespaced)
    }
    this.check(expr.target)
    const fn = this.#env.functions.get(expr.function)
    return fn ? this.#overload(expr, fn) : this.#undeclared(expr.offset, expr.function)
  }

  #overload(expr: CallExpr, fn: CelFunction): CelType {
    const member = expr.target !== undefined
    const operands = expr.target ? [expr.target, ...expr.args] : expr.args
    const types = operands.map((operand) => operand.type ?? errorType)
    if (fn.name === '_&&_' || fn.name === '_||_') return this.#logical(expr, types)
    const chosen: string[] = []
    let result: CelType | undefined
    for (const overload of fn.overloads) {
      if (overload.member !== member) continue
      const fresh = this.#instantiate(overload)
      const bindings = assignAll(this.#bindings, types, fresh.args)
      if (!bindings) continue
      this.#bindings = bindings
      chosen.push(overload.id)
      const answer = this.#substituted(fresh.result)
      if (result === undefined) result = answer
      else if (!isDyn(result) && !isExactType(answer, result)) result = dynType
    }
    if (result === undefined) {
      const shown = types.map((type) => substitute(this.#bindings, type, true))
      this.#report(expr.offset, `found no matching overload for '${fn.name}' applied to '${formatSignature(shown, member)}'`)
      return errorType
    }
    expr.overloads = chosen
    return result
  }

  #logical(expr: CallExpr, types: readonly CelType[]): CelType {
    let valid = true
    types.forEach((type, at) => {
      if (this.#isAssignable(type, boolType)) return
      this.#mismatch((expr.args[at] as Expr).offset, boolType, type)
      valid = false
    })
    expr.overloads = [expr.function === '_&&_' ? 'logical_and' : 'logical_or']
    return valid ? boolType : errorType
  }

  /** The overload's types with type parameters of their own. */
  #instantiate(overload: Overload): { args: CelType[]; result: CelType } {
    const names = new Set<string>()
    for (const type of [...overload.args, overload.result]) collectParams(type, names)
    if (names.size === 0) return { args: [...overload.args], result: overload.result }
    const fresh = new Map([...names].map((name) => [name, this.#newType()]))
    return {
      args: overload.args.map((type) => substitute(fresh, type, false)),
      result: substitute(fresh, overload.result, false),
    }
  }

  #newType(): CelType {
    return paramType(`_var${this.#freeTypes++}`)
  }

  #isAssignable(from: CelType, to: CelType): boolean {
    const bindings = assign(this.#bindings, from, to)
    if (bindings) this.#bindings = bindings
    return bindings !== undefined
  }

  /** The type inside an optional element; a complaint where it is not optional. */
  #inner(value: Expr, type: CelType): CelType {
    if (isOptional(type)) return unwrapOptional(type)
    if (!isDyn(type)) this.#mismatch(value.offset, optionalType(type), type)
    return type
  }

  #list(expr: ListExpr): CelType {
    let element: CelType | undefined
    expr.elements.forEach((item, at) => {
      const type = this.check(item)
      element = this.#join(element, expr.optional.has(at) ? this.#inner(item, type) : type)
    })
    return listType(element ?? this.#newType())
  }

  #map(expr: MapExpr): CelType {
    let key: CelType | undefined
    let value: CelType | undefined
    for (const entry of expr.entries) {
      key = this.#join(key, this.check(entry.key))
      const type = this.check(entry.value)
      value = this.#join(value, entry.optional ? this.#inner(entry.value, type) : type)
    }
    return mapType(key ?? this.#newType(), value ?? this.#newType())
  }

  /** Elements of different types are complained of later, where they are not the arguments of a format. */
  #join(previous: CelType | undefined, current: CelType): CelType {
    if (previous === undefined) return current
    return this.#isAssignable(previous, current) ? mostGeneral(previous, current) : dynType
  }

  #struct(expr: StructExpr): CelType {
    const type = this.#lookup(expr.typeName)
    if (!type) return this.#undeclared(expr.offset, expr.typeName)
    let result: CelType = errorType
    if (type.kind !== 'type') this.#report(expr.offset, `'${type.name}' is not a type`)
    else if (type.params[0]?.kind === 'struct') result = type.params[0]
    else this.#report(expr.offset, `'${type.params[0]?.name ?? 'type'}' is not a message type`)
    for (const field of expr.fields) {
      const found = this.check(field.value)
      const declared = this.#structField(field.offset, expr.typeName, field.name)
      const given = field.optional ? this.#inner(field.value, found) : found
      if (this.#isAssignable(declared, given)) continue
      const types = `'${formatType(declared)}' but provided type is '${formatType(given)}'`
      this.#report(field.offset, `expected type of field '${field.name}' is ${types}`)
    }
    return result
  }

  #fold(expr: FoldExpr): CelType {
    this.check(expr.range)
    const accuType = this.check(expr.accuInit)
    const [first, second] = this.#iterTypes(expr)
    this.#scopes.push(new Map([[expr.accuVar, accuType]]))
    const inner = new Map([[expr.iterVar, first]])
    if (expr.iterVar2 !== '') inner.set(expr.iterVar2, second)
    this.#scopes.push(inner)
    this.check(expr.condition)
    this.#assertType(expr.condition, boolType)
    this.check(expr.step)
    this.#assertType(expr.step, accuType)
    this.#scopes.pop()
    const result = this.check(expr.result)
    this.#scopes.pop()
    return this.#substituted(result)
  }

  #assertType(expr: Expr, type: CelType): void {
    const found = expr.type ?? errorType
    if (!this.#isAssignable(type, found)) this.#mismatch(expr.offset, type, found)
  }

  /** Types of the iteration variables; the second counts where there are two. */
  #iterTypes(expr: FoldExpr): readonly [CelType, CelType] {
    const range = this.#substituted(expr.range.type ?? errorType)
    switch (range.kind) {
      case 'list': {
        const element = range.params[0] as CelType
        return expr.iterVar2 === '' ? [element, element] : [intType, element]
      }
      case 'map':
        return [range.params[0] as CelType, range.params[1] as CelType]
      case 'dyn':
      case 'any':
      case 'error':
      case 'param':
        this.#isAssignable(dynType, range)
        return [dynType, dynType]
      default:
        this.#report(
          expr.range.offset,
          `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        )
        return [errorType, errorType]
    }
  }
}

function collectParams(type: CelType, names: Set<string>): void {
  if (type.kind === 'param') names.add(type.name)
  for (const param of type.params) collectParams(param, names)
}

/** `a.b.c` where the expression is nothing but names. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name
  if (expr.kind !== 'select' || expr.testOnly) return undefined
  const prefix = qualifiedName(expr.operand)
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`
}
