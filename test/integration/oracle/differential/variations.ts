/** Variations of an object, one field at a time, derived from the definition of its kind: the corpus of the comparison with upstream (pure). */
import type { FieldNode, MessageNode } from '#api/tree.ts'
import { exemplarOf } from './exemplars.ts'

export interface Variation {
  /** `spec.containers[0].image` */
  field: string
  /** `absent`, `null`, `zero`, `type`, or the value. */
  what: string
  path: readonly (string | number)[]
  /** Undefined takes the field away. */
  value: unknown
}

type Plain = Record<string, unknown>

const long = 'x'.repeat(300)

const samples: Readonly<Record<string, readonly unknown[]>> = {
  string: ['a', 'A b/!', long],
  int32: [1, -1, 2147483647, 2147483648],
  int64: [1, -1, 2147483648],
  bool: [true, false],
  double: [1.5, -1],
  bytes: ['YQ==', '!'],
  quantity: ['1', '-1', '1500m', 'x'],
  time: ['2026-01-01T00:00:00Z', 'x'],
  microTime: ['2026-01-01T00:00:00.000001Z', 'x'],
  duration: ['1m', 'x'],
  intOrString: [1, -1, 70000, 'http', '10%', '110%'],
  raw: [{ a: 1 }, { apiVersion: 'v1', kind: 'X' }],
  json: [{ a: 1 }, 1, 'x'],
}

const wrongTypes: Readonly<Record<string, unknown>> = {
  string: 7,
  int32: 'x',
  int64: 'x',
  bool: 'x',
  double: 'x',
  bytes: 7,
  quantity: [],
  time: 7,
  microTime: 7,
  duration: 7,
  intOrString: [],
  raw: 7,
  json: undefined,
  message: 'x',
}

const zeros: Readonly<Record<string, unknown>> = {
  string: '',
  bool: false,
  bytes: '',
  quantity: '',
  time: '',
  microTime: '',
  duration: '',
  message: {},
}

function textOf(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** Values that fit the type of one element. */
function elements(field: FieldNode): readonly unknown[] {
  if (field.message !== undefined) return [exemplarOf(field.message), {}]
  if (field.nested !== undefined) return [['a'], []]
  const values = samples[field.scalar] ?? []
  return field.enum === undefined ? values : [...field.enum, 'Bogus']
}

/** What a field is set to, beside being absent. */
function valuesOf(field: FieldNode): readonly [string, unknown][] {
  const some = elements(field)
  const listed = (value: unknown): [string, unknown] => [textOf(value), value]
  const always: [string, unknown][] = [['null', null]]
  if (field.shape === 'list') {
    const first = some[0]
    return [...always, ['zero', []], ['type', {}], ...some.map((value) => listed([value])), listed([first, first]), listed([null])]
  }
  if (field.shape === 'map')
    return [
      ...always,
      ['zero', {}],
      ['type', []],
      ...some.map((value) => listed({ 'example.com/a': value })),
      listed({ 'A b': some[0] }),
      listed({ a: null }),
    ]
  const wrong = wrongTypes[field.scalar]
  const zero = Object.hasOwn(zeros, field.scalar) ? zeros[field.scalar] : 0
  return [...always, ['zero', zero], ...(wrong === undefined ? [] : [['type', wrong] as [string, unknown]]), ...some.map(listed)]
}

export interface VariationOptions {
  /** Messages whose fields are left alone (by definition name), because another kind shows them. */
  skip?: (message: MessageNode) => boolean
}

/** All variations of a seed. The fields of a message are varied where it comes first, level by level. */
export function variationsOf(root: MessageNode, seed: Plain, { skip = () => false }: VariationOptions = {}): readonly Variation[] {
  const found: Variation[] = []
  const seen = new Set<MessageNode>([root])
  const queue: { message: MessageNode; path: readonly (string | number)[] }[] = [{ message: root, path: [] }]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const field of next.message.fields) {
      if (field.number === 0 && next.path.length === 0) continue
      const path = [...next.path, field.name]
      found.push(...variationsAt(field, path, seed))
      const inner = field.message ?? field.nested?.message
      if (inner === undefined || seen.has(inner) || skip(inner)) continue
      seen.add(inner)
      queue.push({ message: inner, path: field.shape === 'value' ? path : [...path, field.shape === 'list' ? 0 : 'a'] })
    }
  }
  return found
}

function variationsAt(field: FieldNode, path: readonly (string | number)[], seed: Plain): Variation[] {
  const name = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1)
  const isThere = valueAt(seed, path) !== undefined
  return [
    ...(isThere ? [{ field: name, what: 'absent', path, value: undefined }] : []),
    ...valuesOf(field).map(([what, value]) => ({ field: name, what, path, value })),
  ]
}

function valueAt(object: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, part) => (typeof at === 'object' && at !== null ? (at as Plain)[part as string] : undefined), object)
}

/** The seed with one field changed; what the way there needs and the seed lacks is filled in with exemplars. */
export function varied(root: MessageNode, seed: Plain, { path, value }: Pick<Variation, 'path' | 'value'>): Plain {
  const object = structuredClone(seed)
  let at: Plain = object
  let node: MessageNode | undefined = root
  let field: FieldNode | undefined
  for (const [i, part] of path.entries()) {
    if (typeof part === 'string' && node?.byName.has(part) === true) field = node.byName.get(part)
    if (i === path.length - 1) break
    const nextPart = path[i + 1]
    const isInside: boolean =
      field !== undefined &&
      field.shape !== 'value' &&
      (typeof nextPart === 'number' || (field.shape === 'map' && node?.byName.has(part as string) === true))
    const inner: MessageNode | undefined = field?.message ?? field?.nested?.message
    const made = isInside ? (field?.shape === 'list' ? [] : {}) : inner === undefined ? {} : exemplarOf(inner)
    at[part as string] ??= made
    at = at[part as string] as Plain
    node = isInside ? undefined : inner
  }
  const last = path.at(-1) as string
  if (value === undefined) delete at[last]
  else at[last] = structuredClone(value)
  return object
}

/** The change alone, as a merge patch. Undefined where it lies inside a list: merge patches replace these whole. */
export function mergePatchOf({ path, value }: Variation): Plain | undefined {
  if (path.some((part) => typeof part === 'number')) return undefined
  return path.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value ?? null) as Plain
}

export const jsonPatchOf = ({ path, value }: Variation): readonly Plain[] => {
  const pointer = `/${path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
  return [value === undefined ? { op: 'remove', path: pointer } : { op: 'add', path: pointer, value }]
}
