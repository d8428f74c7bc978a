/** The forms in which an entry can leave the server as JSON: the object of some group and version, its metadata alone. Bytes in, bytes out. */
import type { Status } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { apiVersionOf } from '#api/resource.ts'
import { listKindOf } from '#api/scheme.ts'
import { treeOf } from '#api/tree.ts'
import { bytesAt, type Entry, metadataMember, objectOf, type Shape } from './entry.ts'
import type { FormCache } from './form-cache.ts'
import type { EventType } from './frames.ts'

/** What the head of a list says beside its items. */
export interface ListFacts {
  revision: number
  /** Token for the next page. */
  continue?: string
  remaining?: number
}

/** An item and what goes into it at the moment it is sent. */
export interface Gapped {
  item: Buffer
  /** Offset in the item. */
  at: number
  /** ASCII. */
  text: string
}

/** How the bytes of a form are put together; one for JSON, one for protobuf. */
export interface Form {
  /** Tells forms of one resource apart; frames are cached under it. */
  readonly id: string
  readonly contentType: string
  readonly watchType: string
  /** A single object's answer, at the entry's own or another resourceVersion. */
  body(entry: Entry, revision?: number): Buffer
  /** What stands for the entry in a list; `itemStart` and `itemTail` bytes of it are left out there. */
  item(entry: Entry): Buffer
  /** The item with a gap, for lists that fill it as they write; undefined where the item has none. */
  gapped?(entry: Entry): Gapped | undefined
  /** Type meta, which typed lists do not repeat. */
  readonly itemStart: number
  readonly itemTail: number
  /** Text before the first and before every other item. */
  readonly itemOpening: string
  readonly itemSeparator: string
  /** What stands around items of so many bytes, separators included. */
  list(facts: ListFacts, itemBytes: number): { head: Buffer; tail: Buffer }
  /** A watch event of a `body`. */
  event(type: EventType, body: Buffer): Buffer
  /** A bookmark event. */
  bookmark(revision: number, isInitialEnd: boolean): Buffer
  /** An ERROR event. */
  error(status: Status): Buffer
  /** What a client's first watch frame says more than others (tables: the columns). */
  firstFrame?(frame: Buffer): Buffer
  /** A single object's answer, where it says more than `body` (tables: the columns). */
  single?(entry: Entry): Buffer
}

/** What JSON forms differ in. */
export interface JsonParts {
  id: string
  body(entry: Entry, revision?: number): Buffer
  item(entry: Entry): Buffer
  gapped?(entry: Entry): Gapped | undefined
  itemStart: number
  /** Lists say so where no page follows, as upstream's lists of anything do, which those of custom resources are. */
  tellsNoMore?: boolean
  /** Kind and apiVersion of the list. */
  listHead: string
  /** Members of the list between metadata and items, with a comma at the end. */
  listMembers?: string
  itemsName?: 'items' | 'rows'
  /** A bookmark's object. `annotations` is text to be put after the resourceVersion. */
  bookmarkObject(revision: number, annotations: string): string
  firstFrame?(frame: Buffer): Buffer
  single?(entry: Entry): Buffer
}

export type JsonForm = Form & Pick<JsonParts, 'bookmarkObject'>

const heads: Readonly<Record<EventType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
}
const EVENT_TAIL = Buffer.from('}\n')
const LIST_TAIL = Buffer.from(']}\n')
const INITIAL_EVENTS_END = ',"annotations":{"k8s.io/initial-events-end":"true"}'

/** Everything that JSON forms have in common. */
export function jsonForm({ listHead, listMembers = '', itemsName = 'items', ...parts }: JsonParts): JsonForm {
  const separator = parts.itemStart === 0 ? ',' : ',{'
  return {
    ...parts,
    contentType: 'application/json',
    watchType: 'application/json',
    itemTail: 1,
    itemOpening: separator.slice(1),
    itemSeparator: separator,
    list: (facts) => ({
      head: Buffer.from(`{${listHead},"metadata":{${noMore(parts, facts)}${listMeta(facts)}},${listMembers}"${itemsName}":[`),
      tail: LIST_TAIL,
    }),
    event: jsonEvent,
    bookmark: (revision, isInitialEnd) =>
      Buffer.from(`{"type":"BOOKMARK","object":${parts.bookmarkObject(revision, isInitialEnd ? INITIAL_EVENTS_END : '')}}\n`),
    error: (status) => Buffer.from(`{"type":"ERROR","object":${JSON.stringify(status)}}\n`),
  }
}

const noMore = ({ tellsNoMore }: Pick<JsonParts, 'tellsNoMore'>, { continue: token }: ListFacts): string =>
  tellsNoMore && token === undefined ? '"continue":"",' : ''

function listMeta({ revision, continue: token, remaining }: ListFacts): string {
  const more = token === undefined ? '' : `,"continue":"${token}"`
  return `"resourceVersion":"${revision}"${more}${remaining === undefined ? '' : `,"remainingItemCount":${remaining}`}`
}

/** `body` ends in a newline, which moves behind the closing brace. */
function jsonEvent(type: EventType, body: Buffer): Buffer {
  const head = heads[type]
  const frame = Buffer.allocUnsafe(head.length + body.length - 1 + EVENT_TAIL.length)
  head.copy(frame)
  body.copy(frame, head.length, 0, body.length - 1)
  EVENT_TAIL.copy(frame, head.length + body.length - 1)
  return frame
}

const typeMeta = (resource: Resource): string =>
  `"kind":${JSON.stringify(resource.kind)},"apiVersion":${JSON.stringify(apiVersionOf(resource))}`

const emptyMetadata = (revision: number, annotations: string): string => `"metadata":{"resourceVersion":"${revision}"${annotations}}`

/** Items of custom resources name their kind, as upstream's do: they are lists of anything there. */
const itemsOf = (resource: Resource, head: number): Pick<JsonParts, 'itemStart' | 'tellsNoMore'> =>
  treeOf(resource.schema).structural === undefined ? { itemStart: head } : { itemStart: 0, tellsNoMore: true }

/** The object as it is stored. */
export function storedForm(shape: Shape): JsonForm {
  const { resource } = shape
  return jsonForm({
    id: `${resource.version}`,
    body: (entry, revision = entry.revision) => bytesAt(entry, revision),
    item: (entry) => entry.bytes,
    ...itemsOf(resource, shape.head.length),
    listHead: `"kind":"${listKindOf(resource)}","apiVersion":"${apiVersionOf(resource)}"`,
    bookmarkObject: (revision, annotations) => `{${typeMeta(resource)},${emptyMetadata(revision, annotations)}}`,
  })
}

/** The object under another group or version than the stored one; converted once per entry. */
export function faceForm(face: Resource, fromStored: (object: KubeObject) => KubeObject, converted: FormCache): JsonForm {
  const head = `{${typeMeta(face)},`
  const convert = (entry: Entry, revision: number): Buffer => {
    const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = fromStored(objectOf(entry))
    const members = JSON.stringify({ metadata: { ...metadata, resourceVersion: String(revision) }, ...rest })
    return Buffer.from(`${head}${members.slice(1)}\n`)
  }
  const item = (entry: Entry): Buffer => converted.get(entry, () => convert(entry, entry.revision))
  return jsonForm({
    id: `${face.group}/${face.version}`,
    body: (entry, revision = entry.revision) => (revision === entry.revision ? item(entry) : convert(entry, revision)),
    item,
    ...itemsOf(face, Buffer.byteLength(head)),
    listHead: `"kind":"${listKindOf(face)}","apiVersion":"${apiVersionOf(face)}"`,
    bookmarkObject: (revision, annotations) => `{${typeMeta(face)},${emptyMetadata(revision, annotations)}}`,
  })
}

/** Metadata alone, cut out of the stored bytes and kept in `cut`. `version` is that of meta.k8s.io. */
export function partialForm(shape: Shape, version: string, cut?: FormCache): JsonForm {
  const head = Buffer.from(`{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}",`)
  const body = (entry: Entry, revision = entry.revision): Buffer => {
    const bytes = bytesAt(entry, revision)
    const start = metadataMember(entry, shape)
    return Buffer.concat([head, bytes.subarray(start, metadataEnd(bytes, start)), EVENT_TAIL])
  }
  const item = (entry: Entry): Buffer => cut?.get(entry, (of) => body(of)) ?? body(entry)
  return jsonForm({
    id: `partial-${version}`,
    body: (entry, revision = entry.revision) => (revision === entry.revision ? item(entry) : body(entry, revision)),
    item,
    itemStart: 0,
    listHead: `"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/${version}"`,
    bookmarkObject: (revision, annotations) => `${head.toString()}${emptyMetadata(revision, annotations)}}`,
  })
}

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
