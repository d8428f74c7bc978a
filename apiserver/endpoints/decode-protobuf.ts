/** Protobuf bodies to objects, with upstream's complaints; fields that nobody knows are counted. */
import { Counter } from 'prom-client'
import { cannotBeHandled, decodeValue, type Expected, unrecognizedBytes } from '#api/decode.ts'
import { apiVersionOf } from '#api/resource.ts'
import { decodeMessage, type Envelope, openEnvelope } from '#apiserver/protobuf/decode-object.ts'
import { MalformedProtobuf } from '#apiserver/protobuf/wire.ts'

const unknownFields = new Counter({
  name: 'typernetes_protobuf_unknown_fields_total',
  help: 'Fields of protobuf request bodies that no definition has and that were dropped.',
})

/** Throws ApiError 400. */
export function decodeProtobufBody<T>(body: Buffer, expected: Expected<T>): T {
  const { apiVersion, kind, message } = opened(body, expected)
  const typeMeta = { ...(apiVersion === '' ? {} : { apiVersion }), ...(kind === '' ? {} : { kind }) }
  // Of another kind: the check of the type alone says what upstream says.
  if ((kind || expected.kind) !== expected.kind || (apiVersion || apiVersionOf(expected)) !== apiVersionOf(expected))
    decodeValue({ ...typeMeta }, expected)
  const decoded = read(message, expected)
  if (decoded.unknownFields > 0) unknownFields.inc(decoded.unknownFields)
  return decodeValue({ ...typeMeta, ...decoded.object }, expected).object
}

function opened<T>(body: Buffer, expected: Expected<T>): Envelope {
  try {
    return openEnvelope(body)
  } catch (error) {
    if (error instanceof MalformedProtobuf) throw unrecognizedBytes(body, expected, error.message)
    throw error
  }
}

function read<T>(message: Buffer, expected: Expected<T>): ReturnType<typeof decodeMessage> {
  try {
    return decodeMessage(message, expected.schema)
  } catch (error) {
    if (error instanceof MalformedProtobuf) throw cannotBeHandled(expected, error.message)
    throw error
  }
}
