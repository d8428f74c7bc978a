/** The syntax tree of an expression. The checker writes types and resolved overloads onto the nodes. */
import type { CelType } from './type.ts'
import type { CelValue } from './value.ts'

interface Node {
  /** Where errors about the node point, in code points from the start. */
  offset: number
  /** Set by the checker. */
  type?: CelType
}

export interface LiteralExpr extends Node {
  kind: 'literal'
  value: CelValue
}
export interface IdentExpr extends Node {
  kind: 'ident'
  name: string
}
export interface SelectExpr extends Node {
  kind: 'select'
  operand: Expr
  field: string
  /** has(operand.field) */
  testOnly: boolean
  /** The dotted name is a variable or type of its own. */
  qualified?: string
}
export interface CallExpr extends Node {
  kind: 'call'
  function: string
  target: Expr | undefined
  args: Expr[]
  /** Ids of the overloads that fit, set by the checker; one where the choice is made before the run. */
  overloads?: string[]
}
export interface ListExpr extends Node {
  kind: 'list'
  elements: Expr[]
  /** Indices of elements written `?element`. */
  optional: ReadonlySet<number>
}
export interface MapEntry {
  offset: number
  key: Expr
  value: Expr
  optional: boolean
}
export interface MapExpr extends Node {
  kind: 'map'
  entries: MapEntry[]
}
export interface StructField {
  offset: number
  name: string
  value: Expr
  optional: boolean
}
export interface StructExpr extends Node {
  kind: 'struct'
  typeName: string
  fields: StructField[]
}
/** What macros become: a fold over a list or the keys of a map. */
export interface FoldExpr extends Node {
  kind: 'fold'
  range: Expr
  iterVar: string
  /** The second variable of a two-variable comprehension, '' where there is none. */
  iterVar2: string
  accuVar: string
  accuInit: Expr
  condition: Expr
  step: Expr
  result: Expr
}
/** Stands where an error was reported. */
export interface ErrorExpr extends Node {
  kind: 'error'
}

export type Expr = LiteralExpr | IdentExpr | SelectExpr | CallExpr | ListExpr | MapExpr | StructExpr | FoldExpr | ErrorExpr

/** Names of operators as functions, as error texts write them. */
export const operators: Readonly<Record<string, string>> = {
  '+': '_+_',
  '-': '_-_',
  '*': '_*_',
  '/': '_/_',
  '%': '_%_',
  '==': '_==_',
  '!=': '_!=_',
  '<': '_<_',
  '<=': '_<=_',
  '>': '_>_',
  '>=': '_>=_',
  in: '@in',
}

/** Child expressions in the order of upstream's walk. */
export function childrenOf(expr: Expr): Expr[] {
  switch (expr.kind) {
    case 'select':
      return [expr.operand]
    case 'call':
      return expr.target ? [expr.target, ...expr.args] : expr.args
    case 'list':
      return expr.elements
    case 'map':
      return expr.entries.flatMap((entry) => [entry.key, entry.value])
    case 'struct':
      return expr.fields.map((field) => field.value)
    case 'fold':
      return [expr.range, expr.accuInit, expr.condition, expr.step, expr.result]
    default:
      return []
  }
}

/** A deep copy: macros that use an argument twice. */
export function copyExpr(expr: Expr): Expr {
  switch (expr.kind) {
    case 'select':
      return { ...expr, operand: copyExpr(expr.operand) }
    case 'call':
      return { ...expr, target: expr.target && copyExpr(expr.target), args: expr.args.map(copyExpr) }
    case 'list':
      return { ...expr, elements: expr.elements.map(copyExpr) }
    case 'map':
      return { ...expr, entries: expr.entries.map((entry) => ({ ...entry, key: copyExpr(entry.key), value: copyExpr(entry.value) })) }
    case 'struct':
      return { ...expr, fields: expr.fields.map((field) => ({ ...field, value: copyExpr(field.value) })) }
    case 'fold':
      return {
        ...expr,
        range: copyExpr(expr.range),
        accuInit: copyExpr(expr.accuInit),
        condition: copyExpr(expr.condition),
        step: copyExpr(expr.step),
        result: copyExpr(expr.result),
      }
    default:
      return { ...expr }
  }
}
