import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { podSchema } from '#api/core/pod.ts'
import { decodeMessage, openEnvelope } from './decode-object.ts'
import { encodeOpenApiV2 } from './openapi-v2.ts'
import { fieldsOf, MalformedProtobuf, WireWriter } from './wire.ts'

/** Fields of one message: number and value. */
function message(...fields: readonly (readonly [number, string | number | Buffer])[]): Buffer {
  const writer = new WireWriter()
  for (const [number, value] of fields) {
    if (typeof value === 'number') writer.varint(number, value)
    else if (typeof value === 'string') writer.text(number, value)
    else writer.bytes(number, value)
  }
  return writer.finish()
}
const envelope = (raw: Buffer): Buffer => Buffer.concat([Buffer.from('k8s\0'), message([1, message([1, 'v1'], [2, 'Pod'])], [2, raw])])

function decoded(body: Buffer): Record<string, unknown> {
  const { apiVersion, kind, message: raw } = openEnvelope(body)
  return { apiVersion, kind, ...decodeMessage(raw, podSchema).object }
}

describe('objects in protobuf', () => {
  test('strings, maps, times, inlined probes, numbers or strings, quantities', () => {
    const metadata = message([1, 'p'], [8, message([1, 1_764_000_000])], [11, message([1, '__proto__'], [2, 'x'])])
    const get = message([1, '/'], [2, message([1, 1], [3, 'http'])])
    const probe = message([1, message([2, get])], [2, 5])
    const limits = message([1, 'cpu'], [2, message([1, '500m'])])
    const container = message([1, 'main'], [8, message([1, limits])], [10, probe])
    const pod = decoded(envelope(message([1, metadata], [2, message([2, container])])))
    const wanted =
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","creationTimestamp":"2025-11-24T16:00:00Z","labels":{"__proto__":"x"}},' +
      '"spec":{"containers":[{"name":"main","resources":{"limits":{"cpu":"500m"}},' +
      '"livenessProbe":{"httpGet":{"path":"/","port":"http"},"initialDelaySeconds":5}}]}}'
    assert.equal(JSON.stringify(pod), wanted)
  })
  test('what is no protobuf is refused, never read past its end', () => {
    const endless = Buffer.from([0x6b, 0x38, 0x73, 0, 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])
    for (const bytes of [Buffer.from('{}'), Buffer.from('k8s\0\x0a\xff'), endless, envelope(Buffer.from([0x0a, 9, 1]))])
      assert.throws(() => decoded(bytes), MalformedProtobuf)
  })
  test('unknown fields are skipped', () => {
    assert.deepEqual(decoded(envelope(message([99, 'x']))), { apiVersion: 'v1', kind: 'Pod' })
    assert.equal(decodeMessage(message([99, 'x'], [1, message([98, 1])]), podSchema).unknownFields, 2)
  })
})

test('OpenAPI v2 in protobuf: definitions and extensions stand where they belong', () => {
  const A = { type: 'object', properties: { b: { $ref: '#/definitions/B' } }, 'x-kubernetes-x': ['y'] }
  const numbers = (bytes: Buffer | undefined): number[] => [...fieldsOf(bytes ?? Buffer.alloc(0))].map((f) => f.number)
  const [swagger, definitions] = [...fieldsOf(encodeOpenApiV2({ swagger: '2.0', definitions: { A } }))]
  assert.deepEqual([swagger?.number, swagger?.bytes.toString(), definitions?.number], [1, '2.0', 9])
  const [entry] = [...fieldsOf(definitions?.bytes ?? Buffer.alloc(0))]
  const [name, schema] = [...fieldsOf(entry?.bytes ?? Buffer.alloc(0))]
  assert.equal(name?.bytes.toString(), 'A')
  assert.deepEqual(numbers(schema?.bytes), [22, 25, 31])
})
