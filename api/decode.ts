/**
 * Bytes or JSON values → objects as our programs hold them: unknown fields pruned (and named), null is Go's zero value, scalars in their
 * canonical form, `always` fields present. What does not fit is a 400 with upstream's text.
 *
 * Parsed values are changed in place: callers hand over what they own.
 */
import type { z } from 'zod'
import { canonical } from './canonical.ts'
import type { Choice, Scalar } from './fields.ts'
import { namedGoType } from './go-type.ts'
import { inOrderOfText, isWrittenNumber, JsonSyntaxError, keysIn, MAX_DEPTH, parseExact, scanJson } from './json-scan.ts'
import { type ObjectMeta, objectMetaSchema } from './meta/object-meta.ts'
import { type ApiError, badRequest } from './meta/status.ts'
import { nilList } from './nil-list.ts'
import { own } from './own.ts'
import { apiVersionOf, type Resource } from './resource.ts'
import { decodeScalar, goNames, kindOfJson, Malformed, WrongType, zeroOf } from './scalars.ts'
import { EmbeddedMetaError, settleCustom } from './structural/decode.ts'
import type { Structural } from './structural/schema.ts'
import { type FieldNode, type MessageNode, treeOf } from './tree.ts'

/** What the route expects: the kind under which it reads bodies. */
export interface Expected<T> {
  group: string
  version: string
  kind: string
  schema: z.ZodType<T>
  /** Any apiVersion will do (DeleteOptions is registered in every group). */
  anyVersion?: boolean
  /** Kinds that exist elsewhere: only the words of the refusal depend on it. */
  isKnown?(apiVersion: string, kind: string): boolean
}

export interface Decoded<T> {
  object: T
  /** `unknown field "spec.foo"` and `duplicate field "spec.foo"`, at most 100. What they mean is decided by `applyFieldValidation`. */
  problems: readonly string[]
}

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

type Plain = Record<string, unknown>

const MAX_PROBLEMS = 100
/** Lists of nothing may have a million elements in a body of the largest size, and each would cost defaults, checks and messages. */
const MAX_ELEMENTS = 300_000

export interface Mismatch {
  /** Go's names of what stood there and of what belongs there: `number 7`, `string`. */
  got: string
  wanted: string
  /** The same type under the name that Go gave it: `v1.ServiceType`. */
  named: string
  /** The type reads itself (times, int-or-string): it is refused by its own codec everywhere. */
  ownCodec?: true
}

/** A value of the wrong type; `message` is Go's. */
export class DecodeError extends Error {
  /** Absent where a codec refused the value in words of its own. */
  readonly mismatch: Mismatch | undefined

  constructor(message: string, mismatch?: Mismatch) {
    super(message)
    this.mismatch = mismatch
  }
}

interface Walk {
  /** Keys seen, to be compared with the number of keys in the text. */
  keys: number
  /** Fields, map keys and list indexes from the top. */
  path: (FieldNode | string | number)[]
  /** Unknown fields with their paths. */
  unknown: string[]
  /** Paths of raw values: what stands twice in them is kept as it is. */
  raw: string[]
  /** As upstream's converter of untyped values does, integers that are too large wrap around. */
  wraps?: true
  /** How many elements all lists have. */
  elements: number
  /** The message whose field is a union; the messages in the union are of its own kind. */
  holder?: MessageNode
}

/** Reads a request body. Throws ApiError 400. */
export function decodeBody<T>(body: Uint8Array | string, expected: Expected<T>): Decoded<T> {
  const text = typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
  let value: unknown
  let duplicates: readonly string[] = []
  let keys = -1
  try {
    value = JSON.parse(text)
    const scan = scanJson(text)
    if (scan.depth > MAX_DEPTH) throw new JsonSyntaxError('exceeded max depth')
    keys = scan.keys
    if (scan.exactNumbers) ({ value, duplicates } = parseExact(text))
  } catch (error) {
    throw unrecognized(text, expected, error)
  }
  const { structural } = treeOf(expected.schema)
  if (structural !== undefined) {
    if (duplicates.length === 0 && keysIn(value) !== keys) duplicates = parseExact(text).duplicates
    return decodeCustom({ value, text, duplicates }, structural, expected)
  }
  checkTypeMeta(value, expected, text)
  const walk = newWalk()
  const object = decodeTop(value, expected, walk)
  // Rare: the parsed value has fewer keys than the text, so that some stand twice; the exact parser says which.
  if (walk.keys !== keys && duplicates.length === 0) duplicates = parseExact(text).duplicates
  return { object, problems: problemsOf(walk, duplicates, text) }
}

/** Reads a value that the caller parsed (YAML, a patched object). Throws ApiError 400. */
export function decodeValue<T>(value: unknown, expected: Expected<T>): Decoded<T> {
  const { structural } = treeOf(expected.schema)
  if (structural !== undefined) return decodeCustom({ value, text: JSON.stringify(value) ?? '', duplicates: [] }, structural, expected)
  checkTypeMeta(value, expected, JSON.stringify(value) ?? '')
  const walk = newWalk()
  return { object: decodeTop(value, expected, walk), problems: problemsOf(walk) }
}

/**
 * Reads a value of our own storage or of a patch: no check of apiVersion and kind. `wraps` where upstream converts untyped values (strategic
 * patches, applied configurations). Throws DecodeError.
 */
export function decodeMessage<T>(value: unknown, schema: z.ZodType<T>, { wraps = false } = {}): Decoded<T> {
  const walk: Walk = { ...newWalk(), ...(wraps ? { wraps: true } : {}) }
  try {
    const { structural } = treeOf(schema)
    if (structural !== undefined) {
      const { object, unknown } = settleCustom(value as Plain, structural, decodeObjectMeta)
      return { object: object as T, problems: unknown.map((path) => `unknown field "${path}"`) }
    }
    const object = message(treeOf(schema), value, walk) as T
    // upstream's converter of untyped values sorts what it finds
    return { object, problems: wraps ? problemsOf(walk).sort() : problemsOf(walk) }
  } catch (error) {
    if (error instanceof WrongType) throw new DecodeError(`json: ${error.message}`)
    throw error
  }
}

/** Metadata as a custom resource's own decoder reads it: unknown fields are named from the metadata on. */
export function decodeObjectMeta(value: unknown): { metadata: Plain; unknown: readonly string[] } {
  const walk = newWalk()
  if (value === null) return { metadata: {}, unknown: [] }
  try {
    return { metadata: canonical(message(treeOf(objectMetaSchema), value, walk) as ObjectMeta, objectMetaSchema), unknown: walk.unknown }
  } catch (error) {
    if (error instanceof WrongType) throw new DecodeError(`json: cannot unmarshal ${error.got} into Go value of type ${error.wanted}`)
    throw error
  }
}

interface CustomBody {
  value: unknown
  text: string
  duplicates: readonly string[]
}

/** Values of wrong types are left to validation, as in upstream; only type meta and metadata are read strictly. */
function decodeCustom<T>({ value, text, duplicates }: CustomBody, structural: Structural, expected: Expected<T>): Decoded<T> {
  checkCustomTypeMeta(value, expected, text)
  try {
    const { object, unknown } = settleCustom(value as Plain, structural, decodeObjectMeta)
    const problems = [
      ...[...new Set(duplicates)].map((path) => `duplicate field "${path}"`),
      ...unknown.map((path) => `unknown field "${path}"`),
    ]
    return { object: object as T, problems }
  } catch (error) {
    if (error instanceof DecodeError || error instanceof EmbeddedMetaError) throw cannotBeHandled(expected, error.message)
    throw error
  }
}

function checkCustomTypeMeta<T>(value: unknown, expected: Expected<T>, text: string): void {
  if (value !== null) checkTypeMetaTypes(value, expected, text)
  const given = (value ?? {}) as Plain
  if (!own(given, 'kind')) throw kindMissing(text, expected)
  const apiVersion = String(own(given, 'apiVersion') ?? '')
  if (apiVersion === apiVersionOf(expected)) return
  throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(expected)})`)
}

function kindMissing(text: string, expected: { kind: string }): ApiError {
  const start = text.length > 30 ? `${text.slice(0, 30)} ...` : text
  const shown = /^\s*\{/.test(text) ? start : Buffer.from(text.slice(0, 1024)).toString('hex')
  return badRequest(
    `the object provided is unrecognized (must be of type ${expected.kind}): Object 'Kind' is missing in '${text}' (${shown})`,
  )
}

const newWalk = (): Walk => ({ keys: 0, path: [], unknown: [], raw: [], elements: 0 })

function problemsOf(walk: Walk, duplicates: readonly string[] = [], text = ''): string[] {
  // What stands twice inside an unknown field is not upstream's business.
  const closed = duplicates.length === 0 ? [] : [...walk.unknown, ...walk.raw]
  const known = [...new Set(duplicates)].filter(
    (path) => !closed.some((u) => path === u || path.startsWith(`${u}.`) || path.startsWith(`${u}[`)),
  )
  return inOrderOfText(text, walk.unknown, known).slice(0, MAX_PROBLEMS)
}

function decodeTop<T>(value: unknown, expected: Expected<T>, walk: Walk): T {
  try {
    const object = message(treeOf(expected.schema), value ?? {}, walk) as Plain
    object['apiVersion'] = expected.anyVersion === true && object['apiVersion'] !== '' ? object['apiVersion'] : apiVersionOf(expected)
    object['kind'] = expected.kind
    return object as T
  } catch (error) {
    if (error instanceof DecodeError) throw cannotBeHandled(expected, error.message)
    throw error
  }
}

/** A body of a known kind that cannot be read. */
export function cannotBeHandled(expected: Pick<Resource, 'kind' | 'version'>, why: string, found = expected): ApiError {
  return badRequest(`${found.kind} in version "${found.version}" cannot be handled as a ${expected.kind}: ${why}`)
}

function unrecognized(text: string, expected: { kind: string }, error: unknown): ApiError {
  return unrecognizedBytes(text, expected, `couldn't get version/kind; json parse error: ${goMessage(text, error)}`)
}

/** A body of which nothing is known; upstream shows its beginning, as text or in hexadecimal. */
export function unrecognizedBytes(body: Buffer | string, expected: { kind: string }, why: string): ApiError {
  const text = body.toString()
  const start = text === '' ? '<empty>' : text.length > 30 ? `${text.slice(0, 30)} ...` : text
  const shown = /^\s*\{/.test(text) || text === '' ? start : Buffer.from(body.slice(0, 1024)).toString('hex')
  return badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${shown})`)
}

/** JSON.parse words its errors its own way; the exact parser knows Go's. */
function goMessage(text: string, error: unknown): string {
  if (error instanceof JsonSyntaxError) return error.message
  try {
    parseExact(text)
  } catch (exact) {
    if (exact instanceof JsonSyntaxError) return exact.message
    throw exact
  }
  return error instanceof Error ? error.message : String(error)
}

const typeMetaStruct = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

function checkTypeMeta<T>(value: unknown, expected: Expected<T>, text: string): void {
  if (value === null || value === undefined) return
  const given = checkTypeMetaTypes(value, expected, text)
  const apiVersion = given['apiVersion'] || apiVersionOf(expected)
  const kind = given['kind'] || expected.kind
  if (kind === expected.kind && (expected.anyVersion === true || apiVersion === apiVersionOf(expected))) return
  throw otherKind(String(apiVersion), String(kind), expected)
}

function checkTypeMetaTypes(value: unknown, expected: { kind: string }, text: string): Plain {
  const shape = kindOfJson(value)
  if (shape !== 'object')
    throw unrecognized(text, expected, new JsonSyntaxError(`json: cannot unmarshal ${shape} into Go value of type ${typeMetaStruct}`))
  const given = value as Plain
  for (const key of ['apiVersion', 'kind']) {
    const found = Object.hasOwn(given, key) ? given[key] : undefined
    if (found === undefined || found === null || typeof found === 'string') continue
    throw unrecognized(
      text,
      expected,
      new JsonSyntaxError(`json: cannot unmarshal ${kindOfJson(found)} into Go struct field .${key} of type string`),
    )
  }
  return given
}

function otherKind<T>(apiVersion: string, kind: string, expected: Expected<T>): ApiError {
  const slash = apiVersion.indexOf('/')
  const version = apiVersion.slice(slash + 1)
  if (expected.isKnown?.(apiVersion, kind) === true) {
    const to = expected.group === '' ? 'core' : expected.group
    return cannotBeHandled(expected, `converting (${version}.${kind}) to (${to}.${expected.kind}): unknown conversion`, { kind, version })
  }
  return cannotBeHandled(expected, `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`, {
    kind,
    version,
  })
}

/**
 * What the fieldValidation parameter makes of problems: Strict refuses them (400), Warn hands them back as warnings, Ignore drops them.
 */
export function applyFieldValidation(
  problems: readonly string[],
  mode: FieldValidation,
  expected: Pick<Resource, 'kind' | 'version'>,
): readonly string[] {
  if (problems.length === 0 || mode === 'Ignore') return []
  if (mode === 'Warn') return problems
  throw cannotBeHandled(expected, `strict decoding error: ${problems.join(', ')}`)
}

function message(node: MessageNode, value: unknown, walk: Walk): Plain {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isWrittenNumber(value))
    throw new WrongType(kindOfJson(value), node.goType)
  const object = value as Plain
  let kept = object
  for (const key of Object.keys(object)) {
    walk.keys++
    const field = node.byName.get(key)
    const given = object[key]
    if (field === undefined) unknownField(key, given, walk)
    const decoded = field === undefined || given === null ? undefined : decodeField(node, field, given, walk)
    if (decoded === undefined) {
      // The object is rebuilt once, without the keys that go: deleting them one by one would slow every later reader down.
      if (kept === object) kept = { ...object }
      delete kept[key]
    } else if (decoded !== given) kept[key] = decoded
  }
  const result = kept === object ? object : { ...kept }
  for (const field of node.always) if (result[field.name] === undefined) result[field.name] = zeroValue(field)
  return result
}

/** Go's zero value of an `always` field as our programs hold it: lists and maps empty, messages with their own `always` fields. */
function zeroValue(field: FieldNode): unknown {
  if (field.shape === 'list') return nilList()
  if (field.shape === 'map') return {}
  return field.message === undefined ? zeroOf(field.scalar as never) : zeroMessage(field.message)
}

function zeroMessage(node: MessageNode): Plain {
  const zero: Plain = {}
  for (const field of node.always) zero[field.name] = zeroValue(field)
  return zero
}

function decodeField(owner: MessageNode, field: FieldNode, value: unknown, walk: Walk): unknown {
  walk.path.push(field)
  if (field.choice !== undefined) walk.holder = owner
  try {
    const decoded = shaped(field, value, walk)
    walk.path.pop()
    return decoded
  } catch (error) {
    if (error instanceof WrongType) throw located(owner, error, walk)
    if (error instanceof Malformed) throw new DecodeError(error.message)
    throw error
  }
}

function shaped(field: FieldNode, value: unknown, walk: Walk): unknown {
  if (field.shape === 'list') return list(field, value, walk)
  return field.shape === 'map' ? map(field, value, walk) : single(field, value, walk)
}

/** Upstream names the innermost struct and the path of fields from the top, embedded structs included, without indexes. */
function located(owner: MessageNode, error: WrongType, walk: Walk): DecodeError {
  const fields = walk.path.filter((part) => typeof part === 'object')
  // apiVersion and kind, which have no number, stand in a struct of their own
  const names = fields.flatMap((part) => [...(part.number === 0 ? ['TypeMeta'] : part.inlinedAs), part.name])
  const last = fields.at(-1)
  const { got, wanted } = error
  const named = namedGoType(last?.goType, wanted)
  return new DecodeError(`json: cannot unmarshal ${got} into Go struct field ${owner.goName}.${names.join('.')} of type ${named}`, {
    got,
    wanted,
    named,
    ...(last !== undefined && readsItself.has(last.scalar) && goNames[last.scalar as Scalar] === wanted ? { ownCodec: true } : {}),
  })
}

const readsItself: ReadonlySet<string> = new Set<Scalar>(['time', 'microTime', 'duration', 'intOrString'])

function single(field: FieldNode, value: unknown, walk: Walk): unknown {
  if (field.nested !== undefined) return shaped(field.nested, value, walk)
  if (field.scalar === 'raw' || field.scalar === 'json') {
    walk.keys += keysIn(value)
    walk.raw.push(pathText(walk))
  }
  if (field.message !== undefined) return message(field.message, value, walk)
  if (field.choice !== undefined) return chosen(field.choice, value, walk)
  if (walk.wraps && field.scalar === 'int32' && Number.isSafeInteger(value)) return Number(BigInt.asIntN(32, BigInt(value as number)))
  return decodeScalar(field.scalar as never, value)
}

/**
 * A union that upstream reads with a codec of its own (a schema, or a list of them, or a boolean). Unknown fields below it are not told of; where
 * there is no boolean among the choices, other scalars are nothing.
 */
function chosen(choice: Choice, value: unknown, walk: Walk): unknown {
  const { holder } = walk
  const look = (part: unknown): unknown =>
    holder === undefined || kindOfJson(part) !== 'object' ? part : message(holder, part, { ...newWalk(), path: walk.path })
  if (kindOfJson(value) === 'object') return look(value)
  if (choice.bool !== undefined) {
    if (typeof value !== 'boolean') throw new Malformed('boolean or JSON schema expected')
    return value
  }
  return Array.isArray(value) ? value.map(look) : undefined
}

function elementType(field: FieldNode): string {
  if (field.nested !== undefined) return `${field.nested.shape === 'list' ? '[]' : 'map[string]'}${elementType(field.nested)}`
  return field.message?.goType ?? goNames[field.scalar as keyof typeof goNames]
}

function zeroElement(field: FieldNode): unknown {
  if (field.nested !== undefined) return zeroValue(field.nested)
  return field.message === undefined ? zeroOf(field.scalar as never) : zeroMessage(field.message)
}

function list(field: FieldNode, value: unknown, walk: Walk): unknown {
  if (!Array.isArray(value)) throw new WrongType(kindOfJson(value), `[]${elementType(field)}`)
  walk.elements += value.length
  if (walk.elements > MAX_ELEMENTS) throw new DecodeError(`more than ${MAX_ELEMENTS} elements in lists`)
  for (let i = 0; i < value.length; i++) {
    walk.path.push(i)
    const given: unknown = value[i]
    value[i] = given === null ? zeroElement(field) : single(field, given, walk)
    walk.path.pop()
  }
  return value
}

function map(field: FieldNode, value: unknown, walk: Walk): unknown {
  const shape = kindOfJson(value)
  if (shape !== 'object') throw new WrongType(shape, `map[string]${elementType(field)}`)
  const given = value as Plain
  for (const key of Object.keys(given)) {
    walk.keys++
    const item = given[key]
    if (typeof item === 'string' && field.scalar === 'string') continue
    walk.path.push(key)
    // The key exists as the object's own, so that this never reaches a setter of Object.prototype.
    given[key] = item === null ? zeroElement(field) : single(field, item, walk)
    walk.path.pop()
  }
  return given
}

function pathText(walk: Walk): string {
  let text = ''
  for (const part of walk.path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += `${text === '' ? '' : '.'}${typeof part === 'string' ? part : part.name}`
  }
  return text
}

function unknownField(key: string, value: unknown, walk: Walk): void {
  const owner = pathText(walk)
  if (walk.unknown.length < MAX_PROBLEMS) walk.unknown.push(owner === '' ? key : `${owner}.${key}`)
  walk.keys += keysIn(value)
}
