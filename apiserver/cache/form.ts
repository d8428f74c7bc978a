/** The forms in which an entry can leave the server: the object of some group and version, its metadata alone. Bytes in, bytes out. */
import type { KubeObject, Resource } from '#api/resource.ts'
import { apiVersionOf } from '#api/resource.ts'
import { listKindOf } from '#api/scheme.ts'
import { bytesAt, type Entry, objectOf, type Shape } from './entry.ts'

export interface Form {
  /** Tells forms of one resource apart; frames are cached under it. */
  readonly id: string
  /** One object as JSON with a newline at its end, at the entry's own or another resourceVersion. */
  body(entry: Entry, revision?: number): Buffer
  /** What stands for the entry in a list, with a newline at its end. */
  item(entry: Entry): Buffer
  /** Where a list item begins in `item`: behind the type meta, which typed lists do not repeat. 0: at its start. */
  readonly itemStart: number
  /** Kind and apiVersion of the list. */
  readonly listHead: string
  /** Members of the list between metadata and items, with a comma at the end. */
  readonly listMembers: string
  readonly itemsName: 'items' | 'rows'
  /** A bookmark's object. `annotations` is text to be put after the resourceVersion. */
  bookmark(revision: number, annotations: string): string
  /** What a client's first watch frame, or a single object's answer, says more than others (tables: the columns). */
  firstFrame?(frame: Buffer): Buffer
}

export const typeMeta = (resource: Resource): string =>
  `"kind":${JSON.stringify(resource.kind)},"apiVersion":${JSON.stringify(apiVersionOf(resource))}`

const emptyMetadata = (revision: number, annotations: string): string => `"metadata":{"resourceVersion":"${revision}"${annotations}}`

/** The object as it is stored. */
export function storedForm(shape: Shape): Form {
  const { resource } = shape
  return {
    id: `${resource.version}`,
    body: (entry, revision = entry.revision) => bytesAt(entry, revision),
    item: (entry) => entry.bytes,
    itemStart: shape.head.length,
    listHead: `"kind":"${listKindOf(resource)}","apiVersion":"${apiVersionOf(resource)}"`,
    listMembers: '',
    itemsName: 'items',
    bookmark: (revision, annotations) => `{${typeMeta(resource)},${emptyMetadata(revision, annotations)}}`,
  }
}

/** The object under another group or version than the stored one; converted once per entry. */
export function faceForm(face: Resource, fromStored: (object: KubeObject) => KubeObject): Form {
  const converted = new WeakMap<Entry, Buffer>()
  const head = `{${typeMeta(face)},`
  const convert = (entry: Entry, revision: number): Buffer => {
    const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = fromStored(objectOf(entry))
    const members = JSON.stringify({ metadata: { ...metadata, resourceVersion: String(revision) }, ...rest })
    return Buffer.from(`${head}${members.slice(1)}\n`)
  }
  const item = (entry: Entry): Buffer => {
    let bytes = converted.get(entry)
    if (bytes === undefined) {
      bytes = convert(entry, entry.revision)
      converted.set(entry, bytes)
    }
    return bytes
  }
  return {
    id: `${face.group}/${face.version}`,
    body: (entry, revision = entry.revision) => (revision === entry.revision ? item(entry) : convert(entry, revision)),
    item,
    itemStart: Buffer.byteLength(head),
    listHead: `"kind":"${listKindOf(face)}","apiVersion":"${apiVersionOf(face)}"`,
    listMembers: '',
    itemsName: 'items',
    bookmark: (revision, annotations) => `{${typeMeta(face)},${emptyMetadata(revision, annotations)}}`,
  }
}

/** Metadata alone, cut out of the stored bytes. `version` is that of meta.k8s.io. */
export function partialForm(shape: Shape, version: string): Form {
  const head = Buffer.from(`{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}",`)
  const body = (entry: Entry, revision = entry.revision): Buffer => {
    const bytes = bytesAt(entry, revision)
    return Buffer.concat([head, bytes.subarray(shape.head.length, metadataEnd(bytes, shape.head.length)), CLOSE])
  }
  return {
    id: `partial-${version}`,
    body,
    item: (entry) => body(entry),
    itemStart: 0,
    listHead: `"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/${version}"`,
    listMembers: '',
    itemsName: 'items',
    bookmark: (revision, annotations) => `${head.toString()}${emptyMetadata(revision, annotations)}}`,
  }
}

const CLOSE = Buffer.from('}\n')

/** The offset behind the closing brace of the metadata member that begins at `start`. */
export function metadataEnd(bytes: Buffer, start: number): number {
  let depth = 0
  let isString = false
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]
    if (isString) {
      if (byte === 0x5c) at++
      else if (byte === 0x22) isString = false
    } else if (byte === 0x22) isString = true
    else if (byte === 0x7b || byte === 0x5b) depth++
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at + 1
  }
  throw new Error('metadata does not end')
}
