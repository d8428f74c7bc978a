/** One stored object as bytes: where its resourceVersion stands, and the few fields that selectors and indexes need. */

import { parseJson } from '#api/json-scan.ts'
import type { Plain } from '#api/own.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { apiVersionOf } from '#api/resource.ts'
import { settleStored } from '#api/structural/decode.ts'
import { settleNumbers } from '#api/structural/values.ts'
import { structuralOf } from '#api/tree.ts'

export interface Entry {
  /** Key in the store. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly revision: number
  /** The object as JSON with its resourceVersion, in the stored group and version (one of several, if the kind keeps them), and a newline at its end. */
  readonly bytes: Buffer
  /** Where the `"resourceVersion":"…",` member begins and ends in `bytes`. */
  readonly slot: number
  readonly slotEnd: number
  readonly labels: Readonly<Record<string, string>> | undefined
  /** Values of the resource's own selectable fields, in the order of `Shape.fieldNames`. */
  readonly fields: readonly string[]
}

/** What is the same for every entry of a resource. */
export interface Shape {
  readonly resource: Resource
  /** Every object's bytes begin with this: `{"kind":"Pod","apiVersion":"v1",`. */
  readonly head: Buffer
  readonly fieldNames: readonly string[]
  readonly fieldReaders: readonly ((object: KubeObject) => string)[]
  /** Brings an object that another program or another version stored into the stored version of today. */
  readonly upgrade: (object: KubeObject) => KubeObject
  /** Custom resources: brings an object into the form of today's definition, in place; whether anything changed. */
  readonly settle: ((object: KubeObject) => boolean) | undefined
}

export function shapeOf(
  resource: Resource,
  upgrade: (resource: Resource, object: KubeObject) => KubeObject = (_, object) => object,
): Shape {
  const selectable = Object.entries(resource.selectableFields ?? {})
  return {
    resource,
    head: Buffer.from(`${typeMetaText(resource)},`),
    fieldNames: selectable.map(([name]) => name),
    fieldReaders: selectable.map(([, read]) => read),
    upgrade: (object) => upgrade(resource, object),
    settle: settleOf(resource),
  }
}

function settleOf(resource: Resource): Shape['settle'] {
  const structural = structuralOf(resource.schema)
  return structural && ((object) => settleStored(object as unknown as Plain, structural))
}

const typeMetaText = (resource: Resource): string =>
  `{"kind":${JSON.stringify(resource.kind)},"apiVersion":${JSON.stringify(apiVersionOf(resource))}`

/** The value written to the store: kind and apiVersion first, no resourceVersion. */
export function storedBytesOf(resource: Resource, object: KubeObject, apiVersion = apiVersionOf(resource)): Buffer {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object
  const { resourceVersion: _resourceVersion, ...meta } = metadata
  return Buffer.from(JSON.stringify({ kind: resource.kind, apiVersion, metadata: meta, ...rest }))
}

/** Bytes that are not an object. */
export class Undecodable extends Error {}

/**
 * Takes what the store holds. Values in our own form are used as they are (one parse for the fields); anything else (another apiVersion, another order,
 * a stray resourceVersion) is upgraded and written anew. Throws `Undecodable`.
 */
export function entryFrom(shape: Shape, stored: { key: string; value: Buffer; revision: number }): Entry {
  const object = shape.settle === undefined ? decoded(stored) : exactly(decoded(stored), stored.value)
  if (isKeptAsStored(shape, object))
    return entryOf(shape, { ...stored, value: storedBytesOf(shape.resource, object, object.apiVersion) }, object)
  const isOurs = stored.value.indexOf(shape.head) === 0 && object.metadata.resourceVersion === undefined && shape.settle?.(object) !== true
  if (isOurs) return entryOf(shape, stored, object)
  const upgraded = upgradedOf(shape, stored.key, object)
  return entryOf(shape, { ...stored, value: storedBytesOf(shape.resource, upgraded) }, upgraded)
}

const isKeptAsStored = ({ resource }: Shape, { apiVersion }: KubeObject): boolean =>
  resource.keepsVersions === true && typeof apiVersion === 'string' && apiVersion !== apiVersionOf(resource)

/** Parsed anew where numbers stand in it that a double would change. */
function exactly(object: KubeObject, value: Buffer): KubeObject {
  return /[0-9]{16}/.test(value.toString('latin1')) ? (settleNumbers(parseJson(value.toString()).value) as KubeObject) : object
}

function upgradedOf(shape: Shape, key: string, object: KubeObject): KubeObject {
  try {
    return shape.upgrade(object)
  } catch (error) {
    throw new Undecodable(`${key} cannot be brought into today's form`, { cause: error })
  }
}

function decoded(stored: { key: string; value: Buffer }): KubeObject {
  let object: unknown
  try {
    object = JSON.parse(stored.value.toString())
  } catch (error) {
    throw new Undecodable(`${stored.key} does not hold JSON`, { cause: error })
  }
  if (
    typeof object !== 'object' ||
    object === null ||
    !('metadata' in object) ||
    typeof object.metadata !== 'object' ||
    object.metadata === null
  ) {
    throw new Undecodable(`${stored.key} does not hold an object`)
  }
  return object as KubeObject
}

/** The entry of a value in our own form whose parsed object is at hand. */
export function entryOf(shape: Shape, stored: { key: string; value: Buffer; revision: number }, object: KubeObject): Entry {
  const { bytes, slot, slotEnd } = withVersion(stored.value, shape.head.length, stored.revision)
  const { metadata } = object
  return {
    key: stored.key,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    revision: stored.revision,
    bytes,
    slot,
    slotEnd,
    labels: metadata.labels,
    fields: shape.fieldReaders.map((read) => fieldOf(object, read)),
  }
}

/** A stored object may lack what today's kinds always have; it must not take the cache down. */
function fieldOf(object: KubeObject, read: (object: KubeObject) => string): string {
  try {
    return read(object)
  } catch {
    return ''
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const NEWLINE = 0x0a
const METADATA = Buffer.from('"metadata":{')
/** Members of metadata that stand before resourceVersion in upstream's order. */
const before: ReadonlySet<string> = new Set(['name', 'generateName', 'namespace', 'selfLink', 'uid'])

/** Puts the resourceVersion where upstream writes it, after the uid, and a newline at the end as upstream does. `head` is the length of the type meta, metadata follows it. */
export function withVersion(value: Buffer, head: number, revision: number): { bytes: Buffer; slot: number; slotEnd: number } {
  const start = value.indexOf(METADATA, head) === head ? head + METADATA.length : metadataStart(value)
  const slot = slotAt(value, start)
  const isLast = value[slot] !== QUOTE
  const isFirst = slot === start
  const member = `${isLast && !isFirst ? ',' : ''}"resourceVersion":"${revision}"${isLast ? '' : ','}`
  const bytes = Buffer.allocUnsafeSlow(value.length + member.length + 1)
  value.copy(bytes, 0, 0, slot)
  bytes.write(member, slot, 'latin1')
  value.copy(bytes, slot + member.length, slot)
  bytes[bytes.length - 1] = NEWLINE
  return { bytes, slot, slotEnd: slot + member.length }
}

/** Where the metadata member begins. */
export function metadataMember({ bytes }: Entry, { head }: Shape): number {
  return bytes.indexOf(METADATA, head.length) === head.length ? head.length : metadataStart(bytes) - METADATA.length
}

/** Where metadata begins in an object whose members stand in another order: only a nested `"metadata":{` could deceive, and ours comes first. */
function metadataStart(value: Buffer): number {
  const at = value.indexOf(METADATA)
  if (at < 0) throw new Undecodable('no metadata')
  return at + METADATA.length
}

function slotAt(value: Buffer, start: number): number {
  let at = start
  while (value[at] === QUOTE) {
    const keyEnd = stringEnd(value, at)
    if (!before.has(value.toString('latin1', at + 1, keyEnd - 1)) || value[keyEnd + 1] !== QUOTE) return at
    const valueEnd = stringEnd(value, keyEnd + 1)
    if (value[valueEnd] !== COMMA) return valueEnd
    at = valueEnd + 1
  }
  return at
}

/** The offset behind the closing quote of the string that begins at `start`. */
function stringEnd(value: Buffer, start: number): number {
  let at = start + 1
  while (value[at] !== QUOTE) at += value[at] === BACKSLASH ? 2 : 1
  return at + 1
}

/** The entry's bytes under another resourceVersion (a deletion reports the revision at which it happened). */
export function bytesAt(entry: Entry, revision: number): Buffer {
  if (revision === entry.revision) return entry.bytes
  const member = entry.bytes.toString('latin1', entry.slot, entry.slotEnd).replace(/\d+/, String(revision))
  return Buffer.concat([entry.bytes.subarray(0, entry.slot), Buffer.from(member), entry.bytes.subarray(entry.slotEnd)])
}

/** Whether a stored value still is what the entry was made of; undefined where the entry was upgraded and cannot be compared. */
export function isSameValue(entry: Entry, value: Buffer, shape: Shape): boolean | undefined {
  if (value.indexOf(shape.head) !== 0) return undefined
  const { bytes, slot, slotEnd } = entry
  const end = bytes.length - 1
  const isSame = slot + end - slotEnd === value.length && sameAround(entry, value)
  // A definition's defaults may have been added on the way in.
  return isSame || shape.settle === undefined ? isSame : undefined
}

function sameAround({ bytes, slot, slotEnd }: Entry, value: Buffer): boolean {
  const end = bytes.length - 1
  return value.compare(bytes, 0, slot, 0, slot) === 0 && value.compare(bytes, slotEnd, end, slot) === 0
}

/** The entry's object, parsed anew: the caller may change it. */
export const objectOf = (entry: Entry): KubeObject => JSON.parse(entry.bytes.toString()) as KubeObject

/** The same for a custom resource, with numbers as they were written where a double would change them. */
export const exactObjectOf = (entry: Entry): KubeObject => exactly(objectOf(entry), entry.bytes)
