/** Checks of a well-typed tree: literals that no run could accept, containers of mixed types, format calls (cel-go, cel/validator.go). */
import { cachedRe2 } from '#api/regexp/re2.ts'
import { type CallExpr, childrenOf, type Expr, type ListExpr, type MapExpr } from './ast.ts'
import { toDuration, toTimestamp } from './conversions.ts'
import { clauseKinds, clauseMisfit, parseFormat } from './format-string.ts'
import type { Issues } from './issues.ts'
import { type CelType, dynType, formatType, isEquivalentType, unwrapOptional } from './type.ts'
import { CelError, type CelValue } from './value.ts'

export function checkLiterals(root: Expr, issues: Issues): void {
  const calls: CallExpr[] = []
  const containers: (ListExpr | MapExpr)[] = []
  collect(root, false, calls, containers)
  checkArguments(calls, issues, 'duration', (value) => !(toDuration(value) instanceof CelError))
  checkArguments(calls, issues, 'timestamp', (value) => !(toTimestamp(value) instanceof CelError))
  checkArguments(calls, issues, 'matches', (value) => typeof value !== 'string' || cachedRe2(value).ok)
  for (const container of containers) {
    if (container.kind === 'list') checkList(container, issues)
    else checkMap(container, issues)
  }
  for (const call of calls) if (call.function === 'format') checkFormat(call, issues)
}

/** All calls, and the containers outside of `format` calls. */
function collect(expr: Expr, inFormat: boolean, calls: CallExpr[], containers: (ListExpr | MapExpr)[]): void {
  if (expr.kind === 'call') calls.push(expr)
  if (!inFormat && (expr.kind === 'list' || expr.kind === 'map')) containers.push(expr)
  const within = inFormat || (expr.kind === 'call' && expr.function === 'format')
  for (const child of childrenOf(expr)) collect(child, within, calls, containers)
}

function checkArguments(calls: readonly CallExpr[], issues: Issues, name: string, valid: (value: CelValue) => boolean): void {
  for (const call of calls) {
    const [arg] = call.args
    if (call.function !== name || arg?.kind !== 'literal' || valid(arg.value)) continue
    issues.report(arg.offset, `invalid ${name} argument`)
  }
}

function mismatch(expr: Expr, expected: CelType, issues: Issues): void {
  issues.report(expr.offset, `expected type '${formatType(expected)}' but found '${formatType(expr.type ?? dynType)}'`)
}

function checkList(list: ListExpr, issues: Issues): void {
  let expected: CelType | undefined
  for (const [at, element] of list.elements.entries()) {
    const type = list.optional.has(at) ? unwrapOptional(element.type ?? dynType) : (element.type ?? dynType)
    expected ??= type
    if (isEquivalentType(expected, type)) continue
    mismatch(element, expected, issues)
    return
  }
}

function checkMap(map: MapExpr, issues: Issues): void {
  let key: CelType | undefined
  let value: CelType | undefined
  for (const entry of map.entries) {
    const keyType = entry.key.type ?? dynType
    const valueType = entry.optional ? unwrapOptional(entry.value.type ?? dynType) : (entry.value.type ?? dynType)
    key ??= keyType
    value ??= valueType
    if (!isEquivalentType(key, keyType)) mismatch(entry.key, key, issues)
    if (!isEquivalentType(value, valueType)) mismatch(entry.value, value, issues)
  }
}

function checkFormat(call: CallExpr, issues: Issues): void {
  const [list] = call.args
  if (call.target?.kind !== 'literal' || typeof call.target.value !== 'string' || list?.kind !== 'list') return
  const problem = formatProblem(call.target.value, list.elements)
  if (problem) issues.report((problem.at ?? call).offset, problem.message)
}

function formatProblem(text: string, args: readonly Expr[]): { at?: Expr; message: string } | undefined {
  const { clauses, error } = parseFormat(text)
  for (const [at, { verb }] of clauses.entries()) {
    const arg = args[at]
    if (!arg) return { message: `index ${at} out of range` }
    const bad = misfit(verb, arg)
    if (bad) return { at: bad, message: `error during formatting: ${clauseMisfit(verb, (bad.type ?? dynType).name)}` }
  }
  if (error !== undefined) return { message: error }
  if (args.length <= clauses.length) return undefined
  return { message: `too many arguments supplied to string.format (expected ${clauses.length}, got ${args.length})` }
}

/** The part of an argument that its clause does not take. */
function misfit(verb: string, arg: Expr): Expr | undefined {
  const kind = (arg.type ?? dynType).kind
  if (kind !== 'dyn' && !clauseKinds[verb]?.includes(kind)) return arg
  if (verb !== 's' || (arg.kind !== 'list' && arg.kind !== 'map')) return undefined
  for (const child of childrenOf(arg)) {
    const bad = misfit(verb, child)
    if (bad) return bad
  }
  return undefined
}
