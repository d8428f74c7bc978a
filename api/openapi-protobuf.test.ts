import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApiV2 } from './openapi.ts'
import { openApiV2Protobuf } from './openapi-protobuf.ts'
import type { Plain } from './own.ts'

/** The length-delimited fields of a message by number; booleans as 1. */
function fieldsOf(bytes: Buffer): Map<number, (Buffer | number)[]> {
  const found = new Map<number, (Buffer | number)[]>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = varint()
    const length = varint()
    const content = (key & 7) === 2 ? bytes.subarray(at, at + length) : length
    if (typeof content !== 'number') at += length
    found.set(key >> 3, [...(found.get(key >> 3) ?? []), content])
  }
  return found
}

const part = (bytes: Buffer, number: number): Buffer => fieldsOf(bytes).get(number)?.[0] as Buffer
const named = (bytes: Buffer, number: number): Map<string, Buffer> =>
  new Map((fieldsOf(bytes).get(number) as Buffer[]).map((entry) => [part(entry, 1).toString(), part(entry, 2)]))

test('the document survives as protobuf', () => {
  const document = JSON.parse(JSON.stringify(openApiV2())) as { definitions: Plain; paths: Plain }
  const bytes = openApiV2Protobuf(document)
  assert.equal(part(bytes, 1).toString(), '2.0')
  const definitions = named(part(bytes, 9), 1)
  assert.deepEqual([...definitions.keys()], Object.keys(document.definitions))
  assert.deepEqual([...named(part(bytes, 8), 2).keys()], Object.keys(document.paths))
  const container = definitions.get('io.k8s.api.core.v1.Container') ?? Buffer.alloc(0)
  assert.equal(part(container, 19).toString(), 'name')
  const env = named(part(container, 25), 1).get('env') ?? Buffer.alloc(0)
  assert.equal(part(part(part(env, 23), 1), 1).toString(), '#/definitions/io.k8s.api.core.v1.EnvVar')
  const extension = named(env, 31).get('x-kubernetes-list-map-keys') ?? Buffer.alloc(0)
  assert.equal(part(extension, 2).toString(), '["name"]')
})
