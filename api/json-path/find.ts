/**
 * JSONPath templates: text with `{…}` expressions, `{range …}{end}`, filters, slices, unions, recursive descent and quoted keys
 * (upstream: client-go util/jsonpath). Pure. No text of a user is ever evaluated as code.
 */
import { isWrittenNumber } from '#api/json-scan.ts'
import { JsonPathError, parsePath, type Step, type Template } from './parse.ts'

/** The text that `template` makes of `data`. `allowMissing` prints nothing for a key that is not there, otherwise that is an error. */
export function renderJsonPath(template: string, data: unknown, options: { allowMissing: boolean } = { allowMissing: true }): string {
  return renderParts(parsePath(template), { root: data, current: data, ...options })
}

/** So many values are looked at for one path: each `..` may multiply them by the size of the object. */
const maxVisits = 20_000

/** The steps of one path in braces; throws JsonPathError where it is none, and the function where it would look at too many values. */
export function compileJsonPath(path: string): (data: unknown) => readonly unknown[] {
  const [part, ...more] = parsePath(`{${path}}`)
  if (part?.kind !== 'path' || more.length > 0) throw new JsonPathError(`unexpected path "${path}"`)
  return (data) => walk(part.steps, [data], { root: data, current: data, allowMissing: true, visits: { left: maxVisits } })
}

/** The values that one path, without text around it, finds. Accepts `.a.b`, `{.a.b}` and `a.b`. */
export function findJsonPath(path: string, data: unknown): readonly unknown[] {
  const inner = /^\{(.*)\}$/s.exec(path.trim())?.[1] ?? path.trim()
  const rooted = /^[.$[@]/.test(inner) ? inner : `.${inner}`
  const [part] = parsePath(`{${rooted}}`)
  if (part?.kind !== 'path') throw new JsonPathError(`unexpected path "${path}"`)
  return walk(part.steps, [data], { root: data, current: data, allowMissing: true })
}

interface Scope {
  root: unknown
  current: unknown
  allowMissing: boolean
  /** Values that may still be looked at; no bound where absent. */
  visits?: { left: number }
}

function spend(count: number, { visits }: Scope): void {
  if (visits === undefined) return
  visits.left -= count
  if (visits.left < 0) throw new JsonPathError('error executing jsonpath: too many values')
}

function renderParts(parts: Template, scope: Scope): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text
      const found = walk(part.steps, [part.fromRoot ? scope.root : scope.current], scope)
      if (part.kind === 'range') return found.map((item) => renderParts(part.body, { ...scope, current: item })).join('')
      return found.map(printed).join(' ')
    })
    .join('')
}

/** A value as text: what a template prints for it. */
export function printed(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (isWrittenNumber(value)) return value.rawJSON
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function walk(steps: readonly Step[], from: readonly unknown[], scope: Scope): readonly unknown[] {
  return steps.reduce<readonly unknown[]>((values, step) => values.flatMap((value) => take(step, value, scope)), from)
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function take(step: Step, value: unknown, scope: Scope): readonly unknown[] {
  spend(1, scope)
  switch (step.kind) {
    case 'key':
      if (isObject(value) && Object.hasOwn(value, step.name)) return [value[step.name]]
      if (scope.allowMissing) return []
      throw new JsonPathError(`error executing jsonpath: ${step.name} is not found`)
    case 'all':
      return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
    case 'slice':
      return Array.isArray(value) ? sliced(value, step) : []
    case 'union':
      return step.members.flatMap((member) => take(member, value, { ...scope, allowMissing: true }))
    case 'descend':
      return descendants(value, scope, [])
    case 'filter':
      return (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []).filter((item) => holds(step, item, scope))
    default:
      return step satisfies never
  }
}

function sliced(values: readonly unknown[], step: Extract<Step, { kind: 'slice' }>): readonly unknown[] {
  const { single } = step
  if (single !== undefined) {
    const at = single < 0 ? values.length + single : single
    if (at < 0 || at >= values.length) throw new JsonPathError(`array index out of bounds: index ${single}, length ${values.length}`)
    return [values[at]]
  }
  const every = step.every ?? 1
  const bound = (at: number | undefined, fallback: number): number =>
    at === undefined ? fallback : at < 0 ? Math.max(0, values.length + at) : at
  return values.slice(bound(step.from, 0), bound(step.to, values.length)).filter((_, i) => i % every === 0)
}

/** Puts the value and all below it into `found`. */
function descendants(value: unknown, scope: Scope, found: unknown[]): unknown[] {
  spend(1, scope)
  found.push(value)
  const children = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
  for (const child of children) descendants(child, scope, found)
  return found
}

function holds(step: Extract<Step, { kind: 'filter' }>, item: unknown, scope: Scope): boolean {
  const inner = { ...scope, current: item, allowMissing: true }
  const side = (operand: (typeof step)['left']): unknown =>
    'literal' in operand ? operand.literal : walk(operand.steps, [operand.fromRoot ? scope.root : item], inner)[0]
  const left = side(step.left)
  if (step.operator === undefined || step.right === undefined) return left !== undefined
  if (left === undefined) return false
  const right = side(step.right)
  switch (step.operator) {
    case '==':
      return left === right || String(left) === String(right)
    case '!=':
      return String(left) !== String(right)
    default:
      return ordered(left, right, step.operator)
  }
}

function ordered(left: unknown, right: unknown, operator: '<' | '<=' | '>' | '>='): boolean {
  const order =
    typeof left === 'number' && typeof right === 'number'
      ? left - right
      : String(left) < String(right)
        ? -1
        : String(left) > String(right)
          ? 1
          : 0
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}
