/**
 * For tests: objects that fill every field of a kind, made from its definition and always the same: each field alone with a value, each
 * field alone with its zero, all fields together.
 */
import type { z } from 'zod'
import { apiVersionOf } from '#api/resource.ts'
import { type FieldNode, type MessageNode, treeOf } from '#api/tree.ts'

type Plain = Record<string, unknown>

export interface CorpusKind {
  group: string
  version: string
  kind: string
  schema: z.ZodType
}

/** How often a message may hold itself. */
const maxRepeats = 1

/** A number from 1 to 89 that depends on where the field stands, and on nothing else. */
function numberAt(path: string): number {
  let hash = 2166136261
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 16777619) >>> 0
  return (hash % 89) + 1
}

/** A value of a scalar type. */
function scalar(field: FieldNode, path: string, isZero: boolean): unknown {
  const n = isZero ? 0 : numberAt(path)
  switch (field.scalar) {
    case 'int32':
    case 'int64':
      return n % 5 === 4 ? -n : n % 5 === 3 ? n * 20_000_000 : n
    case 'double':
      return n / 4
    case 'bool':
      return !isZero
    case 'bytes':
      return Buffer.from(isZero ? '' : `bytes ${n}`).toString('base64')
    case 'quantity':
      return isZero ? '0' : `${n}m`
    case 'time':
      return isZero ? null : new Date(n * 1e10).toISOString().replace('.000', '')
    case 'microTime':
      return isZero ? null : new Date(n * 1e10).toISOString().replace('.000Z', `.${String(n).padStart(6, '0')}Z`)
    case 'duration':
      return isZero ? '0s' : `${n % 59}s`
    case 'intOrString':
      return n % 2 === 1 ? `${n}%` : n
    case 'raw':
    case 'json':
      return isZero ? {} : { raw: [n, '<ü&>'] }
    default:
      return isZero ? '' : n % 7 === 0 ? `ünï-${'x'.repeat(n * 3)}` : `text-${n}`
  }
}

/** All objects for one kind, with apiVersion and kind. */
export function* corpusOf(kind: CorpusKind): Generator<Plain> {
  const node = treeOf(kind.schema)
  const head = { kind: kind.kind, apiVersion: apiVersionOf(kind) }
  yield head
  yield { ...head, ...filled(node, { path: '', seen: new Map() }) }
  for (const isZero of [false, true]) for (const object of singly(node, { path: '', seen: new Map() }, isZero)) yield { ...head, ...object }
}

/** Values of all types that a field may have. */
function choices({ choice }: FieldNode, path: string): unknown[] {
  const object = { description: `text-${numberAt(path)}`, items: { title: 'x' }, additionalProperties: false }
  const lists = [...(choice?.list ? [[object, {}]] : []), ...(choice?.strings ? [['b', 'a']] : [])]
  return [object, ...lists, ...(choice?.bool ? [true, false] : [])]
}

interface Place {
  path: string
  /** How often each message is open. */
  seen: ReadonlyMap<MessageNode, number>
}

/** Undefined where a message holds itself too often. */
function entered({ path, seen }: Place, node: MessageNode): Place | undefined {
  const times = seen.get(node) ?? 0
  return times > maxRepeats ? undefined : { path, seen: new Map(seen).set(node, times + 1) }
}

const below = ({ path, seen }: Place, name: string): Place => ({ path: `${path}.${name}`, seen })

const membersOf = (node: MessageNode): FieldNode[] => node.fields.filter((field) => field.number !== 0)

/** A message with all its fields. */
function filled(node: MessageNode, outer: Place): Plain {
  const place = entered(outer, node)
  if (!place) return {}
  return Object.fromEntries(membersOf(node).map((field) => [field.name, fullValue(field, below(place, field.name))]))
}

function fullValue(field: FieldNode, place: Place): unknown {
  const one = (key: string): unknown => {
    const at = below(place, key)
    if (field.nested) return fullValue(field.nested, at)
    if (field.choice) return choices(field, at.path)[0]
    return field.message ? filled(field.message, at) : scalar(field, at.path, false)
  }
  if (field.shape === 'list') return [one('0'), one('1')]
  return field.shape === 'map' ? { b: one('b'), a: one('a'), 'ü.x/y': one('y') } : one('')
}

/** Messages with one field each: every field of this message, and of those below it. */
function* singly(node: MessageNode, outer: Place, isZero: boolean): Generator<Plain> {
  const place = entered(outer, node)
  if (!place) return
  for (const field of membersOf(node))
    for (const value of singleValues(field, below(place, field.name), isZero)) yield { [field.name]: value }
}

function* singleValues(field: FieldNode, place: Place, isZero: boolean): Generator<unknown> {
  const around = (value: unknown): unknown => (field.shape === 'list' ? [value] : field.shape === 'map' ? { key: value } : value)
  if (field.nested) for (const value of singleValues(field.nested, place, isZero)) yield around(value)
  else if (field.choice) for (const value of isZero ? [{}] : choices(field, place.path)) yield around(value)
  else if (!field.message) yield around(scalar(field, place.path, isZero))
  else {
    if (isZero) yield around({})
    for (const value of singly(field.message, place, isZero)) yield around(value)
  }
}
