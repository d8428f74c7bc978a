/**
 * The forms in which an entry leaves the server in protobuf. An object is encoded once per revision, envelope included; lists and watch
 * events take their bytes out of the same buffer.
 */
import { listMetaSchema } from '#api/meta/list-meta.ts'
import { partialObjectMetadataSchema, statusSchema } from '#api/meta/wire-kinds.ts'
import { apiVersionOf, type Resource } from '#api/resource.ts'
import { listKindOf } from '#api/scheme.ts'
import { encodeMessage, encodeObject } from '#apiserver/protobuf/encode-object.ts'
import { envelopeHead, envelopeStartBytes, envelopeTail, protobufType, type TypeMeta } from '#apiserver/protobuf/envelope.ts'
import { withRevision } from '#apiserver/protobuf/splice-revision.ts'
import { watchEvent } from '#apiserver/protobuf/watch-event.ts'
import { WireWriter } from '#apiserver/protobuf/wire.ts'
import { type Entry, metadataMember, type Shape } from './entry.ts'
import { type Form, type JsonForm, type ListFacts, metadataEnd } from './form.ts'
import type { FormCache } from './form-cache.ts'

interface Parts {
  id: string
  type: TypeMeta
  list: TypeMeta
  /** An entry in its envelope. */
  encode(entry: Entry): Buffer
  /** A bookmark's object in its envelope. */
  bookmark(metadata: object): Buffer
  cache: FormCache
}

const initialEventsEnd = { 'k8s.io/initial-events-end': 'true' }
const statusType: TypeMeta = { apiVersion: 'v1', kind: 'Status' }

function protobufForm({ id, type, list, encode, bookmark, cache }: Parts): Form {
  const whole = (entry: Entry): Buffer => cache.get(entry, encode)
  return {
    id: `protobuf-${id}`,
    contentType: protobufType,
    watchType: `${protobufType};stream=watch`,
    body: (entry, revision = entry.revision) => (revision === entry.revision ? whole(entry) : withRevision(whole(entry), type, revision)),
    item: whole,
    // The envelope holds the message as field 2, and so does every list of upstream's; metadata is field 1 of objects and lists.
    itemStart: envelopeStartBytes(type),
    itemTail: envelopeTail.length,
    itemOpening: '',
    itemSeparator: '',
    list: (facts, itemBytes) => {
      const metadata = metadataField(encodeMessage(listMetaOf(facts), listMetaSchema))
      return { head: Buffer.concat([envelopeHead(list, metadata.length + itemBytes), metadata]), tail: envelopeTail }
    },
    event: watchEvent,
    bookmark: (revision, isInitialEnd) => {
      const metadata = { resourceVersion: String(revision), ...(isInitialEnd ? { annotations: initialEventsEnd } : {}) }
      return watchEvent('BOOKMARK', bookmark(metadata))
    },
    error: (status) => watchEvent('ERROR', encodeObject({ ...status }, statusSchema, statusType)),
  }
}

const listMetaOf = ({ revision, continue: token, remaining }: ListFacts): Record<string, unknown> => ({
  resourceVersion: String(revision),
  continue: token,
  remainingItemCount: remaining,
})

const metadataField = (metadata: Buffer): Buffer => {
  const writer = new WireWriter()
  writer.bytes(1, metadata)
  return writer.finish()
}

/** `json` is the object under the same group and version. */
export function protobufObjectForm(resource: Resource, json: JsonForm, cache: FormCache): Form {
  const apiVersion = apiVersionOf(resource)
  const type = { apiVersion, kind: resource.kind }
  return protobufForm({
    id: json.id,
    type,
    list: { apiVersion, kind: listKindOf(resource) },
    encode: (entry) => encodeObject(JSON.parse(json.body(entry).toString()), resource.schema, type),
    bookmark: (metadata) => encodeObject({ metadata }, resource.schema, type),
    cache,
  })
}

/** Metadata alone; `version` is that of meta.k8s.io. */
export function protobufPartialForm(shape: Shape, version: string, cache: FormCache): Form {
  const apiVersion = `meta.k8s.io/${version}`
  const type = { apiVersion, kind: 'PartialObjectMetadata' }
  const encode = (metadata: object): Buffer => encodeObject({ metadata }, partialObjectMetadataSchema, type)
  return protobufForm({
    id: `partial-${version}`,
    type,
    list: { apiVersion, kind: 'PartialObjectMetadataList' },
    encode: (entry) => encode(metadataOf(entry, shape)),
    bookmark: encode,
    cache,
  })
}

/** Only that part of the text is parsed. */
function metadataOf(entry: Entry, shape: Shape): object {
  const { bytes } = entry
  const start = metadataMember(entry, shape)
  const member = bytes.toString('utf8', start, metadataEnd(bytes, start))
  return (JSON.parse(`{${member}}`) as { metadata: object }).metadata
}
