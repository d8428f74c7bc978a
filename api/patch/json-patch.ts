/**
 * JSON Patch (RFC 6902) with the leniencies of the library that upstream uses (evanphx/json-patch v4): `replace` sets a missing member,
 * the first segment of a path is ignored whatever it is, list indexes may be negative, `test` takes a missing member for null.
 */
import { clone } from '#api/clone.ts'
import { own, type Plain, sameJson, setOwn } from '#api/own.ts'

export interface JsonPatchOperation {
  op?: unknown
  path?: unknown
  from?: unknown
  value?: unknown
}

/** An operation that does not apply. Upstream keeps the reason to itself and answers one sentence for all. */
export class JsonPatchError extends Error {}

/** Copies may add so many bytes of JSON in all: each can double the document, and thirty of them would fill any memory. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024

interface Budget {
  copiedBytes: number
}

function copied(document: unknown, from: string, budget: Budget): unknown {
  const value = readAt(document, from) ?? null
  budget.copiedBytes += Buffer.byteLength(JSON.stringify(value))
  if (budget.copiedBytes > MAX_COPIED_BYTES) throw new JsonPatchError(`copies of more than ${MAX_COPIED_BYTES} bytes`)
  return clone(value)
}

type Container = Plain | unknown[]

interface Place {
  container: Container
  key: string
}

const unescapePart = (part: string): string => part.replace(/~1/g, '/').replace(/~0/g, '~')

function place(document: unknown, path: string): Place {
  const parts = path.split('/')
  if (parts.length < 2) throw new JsonPatchError(`path ${path} names no member`)
  let container = document
  for (const part of parts.slice(1, -1)) container = isContainer(container) ? read(container, unescapePart(part)) : undefined
  if (!isContainer(container)) throw new JsonPatchError(`missing path: ${path}`)
  return { container, key: unescapePart(parts[parts.length - 1] ?? '') }
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

/** A list position; negative ones count from the end. `size` is the number of positions there are. */
function indexOf(key: string, size: number): number {
  if (!/^[+-]?\d+$/.test(key)) throw new JsonPatchError(`invalid list index: ${key}`)
  const index = Number(key)
  if (index >= size || index < -size) throw new JsonPatchError(`list index out of range: ${key}`)
  return index < 0 ? index + size : index
}

function read(container: Container, key: string): unknown {
  return Array.isArray(container) ? container[indexOf(key, container.length)] : own(container, key)
}

function add({ container, key }: Place, value: unknown): void {
  if (!Array.isArray(container)) setOwn(container, key, value)
  else if (key === '-') container.push(value)
  else container.splice(indexOf(key, container.length + 1), 0, value)
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(indexOf(key, container.length), 1)
  else if (Object.hasOwn(container, key)) delete container[key]
  else throw new JsonPatchError(`missing member: ${key}`)
}

function replace({ container, key }: Place, value: unknown): void {
  if (Array.isArray(container)) container[indexOf(key, container.length)] = value
  else setOwn(container, key, value)
}

function test(document: unknown, path: string, value: unknown): void {
  const found = path === '' ? document : readAt(document, path)
  if (!sameJson(found ?? null, value ?? null)) throw new JsonPatchError(`testing value ${path} failed`)
}

function readAt(document: unknown, path: string): unknown {
  const { container, key } = place(document, path)
  return read(container, key)
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function applyOne(document: unknown, operation: JsonPatchOperation, budget: Budget): unknown {
  const path = textOf(operation.path)
  const value = operation.value === undefined ? null : clone(operation.value)
  switch (operation.op) {
    case 'add':
      add(place(document, path), value)
      return document
    case 'remove':
      remove(place(document, path))
      return document
    case 'replace':
      if (path === '') return value
      replace(place(document, path), value)
      return document
    case 'move': {
      const from = place(document, textOf(operation.from))
      const moved = read(from.container, from.key)
      remove(from)
      add(place(document, path), moved)
      return document
    }
    case 'copy':
      add(place(document, path), copied(document, textOf(operation.from), budget))
      return document
    case 'test':
      test(document, path, operation.value)
      return document
    default:
      throw new JsonPatchError(`unexpected operation: ${String(operation.op)}`)
  }
}

/** The document with all operations applied; it is not changed itself. Throws JsonPatchError. */
export function applyJsonPatch(document: unknown, operations: readonly (JsonPatchOperation | null)[]): unknown {
  const budget = { copiedBytes: 0 }
  let result = clone(document)
  for (const operation of operations) result = applyOne(result, operation ?? {}, budget)
  return result
}
