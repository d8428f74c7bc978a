import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { jsonSchemaPropsSchema } from '#api/apiextensions/json-schema.ts'
import { podSchema } from '#api/core/pod.ts'
import { decodeMessage, openEnvelope } from './decode-object.ts'
import { encodeMessage } from './encode-object.ts'
import { corpusOf } from './field-corpus.ts'
import { MalformedProtobuf, WireWriter } from './wire.ts'

const [, wholePod = {}] = corpusOf({ group: '', version: 'v1', kind: 'Pod', schema: podSchema })
const pod = encodeMessage(wholePod, podSchema)

/** Either an object or the one error: never another exception, never an endless loop. */
function isReadOrRefused(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof MalformedProtobuf, String((error as Error).stack))
  }
}

describe('hostile protobuf', () => {
  test('any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        isReadOrRefused(() => decodeMessage(Buffer.from(bytes), podSchema))
        isReadOrRefused(() => openEnvelope(Buffer.concat([Buffer.from('k8s\0'), bytes])))
      }),
      { numRuns: 2000 },
    )
  })
  test('so is a pod with some bytes changed or cut off', () => {
    const change = fc.record({ at: fc.nat(pod.length - 1), byte: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(pod.length), (changes, length) => {
        const bytes = Buffer.from(pod)
        for (const { at, byte } of changes) bytes[at] = byte
        isReadOrRefused(() => decodeMessage(bytes, podSchema))
        isReadOrRefused(() => decodeMessage(bytes.subarray(0, length), podSchema))
      }),
      { numRuns: 200 },
    )
  })
  test('texts, numbers and keys come back as they were', () => {
    const text = fc.string({ unit: 'binary' })
    const fields = {
      name: text,
      annotations: fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'constructor')), text, { minKeys: 1, noNullPrototype: true }),
      generation: fc.maxSafeInteger(),
      deletionGracePeriodSeconds: fc.maxSafeInteger(),
    }
    const object = fc.record(fields, { noNullPrototype: true })
    fc.assert(
      fc.property(object, (metadata) => {
        const { object: read } = decodeMessage(encodeMessage({ metadata }, podSchema), podSchema)
        const { name = '', generation = 0, ...rest } = (read as { metadata: Partial<typeof metadata> }).metadata
        assert.deepEqual({ ...rest, name, generation }, metadata)
      }),
    )
  })
  test('messages inside of messages without end are refused', () => {
    let schema = Buffer.alloc(0)
    for (let i = 0; i < 1500; i++) {
      const outer = new WireWriter()
      outer.bytes(28, schema)
      schema = outer.finish() as typeof schema
    }
    assert.throws(() => decodeMessage(schema, jsonSchemaPropsSchema), /exceeded max depth/)
  })
  test('lists of nothing end somewhere', () => {
    const podWith = (containers: number): Buffer => {
      const spec = new WireWriter()
      spec.bytes(2, Buffer.alloc(containers * 2, Buffer.from([0x12, 0])))
      return spec.finish()
    }
    const { object } = decodeMessage(podWith(1000), podSchema)
    assert.equal((object as { spec: { containers: unknown[] } }).spec.containers.length, 1000)
    assert.throws(() => decodeMessage(podWith(400_000), podSchema), MalformedProtobuf)
  })
})
