/**
 * Differential test of the protobuf codec with upstream's server: what it encodes is decoded and encoded to the same bytes, and what we
 * encode it takes. (Every field of every kind is checked against upstream's encoder by apiserver/protobuf/corpus.test.ts.)
 */
import assert from 'node:assert/strict'
import { request } from 'node:https'
import { describe, test } from 'node:test'
import { canonical } from '#api/canonical.ts'
import { decodeMessage as decodeJson } from '#api/decode.ts'
import { apiVersionOf, type KubeObject, type Resource } from '#api/resource.ts'
import { kindOf, resources } from '#api/scheme.ts'
import { decodeMessage, openEnvelope } from '#apiserver/protobuf/decode-object.ts'
import { encodeMessage, encodeObject } from '#apiserver/protobuf/encode-object.ts'
import { protobufType } from '#apiserver/protobuf/envelope.ts'
import { fieldsOf } from '#apiserver/protobuf/wire.ts'
import { kindCases } from './kind-corpus.ts'
import { upstream } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'

interface Reply {
  code: number
  type: string
  bytes: Buffer
}

function call(method: string, path: string, accept: string, body?: Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${upstream.token}`,
      accept,
      ...(body ? { 'content-type': protobufType, 'content-length': body.length } : {}),
    }
    const sent = request(`${upstream.origin}${path}`, { method, headers, rejectUnauthorized: false, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ code: response.statusCode ?? 0, type: String(response.headers['content-type']), bytes: Buffer.concat(chunks) }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function pathOf(resource: Resource, namespace?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${apiVersionOf(resource)}`
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${resource.plural}`
}

/** Through the plain object and back. */
function again(message: Buffer, resource: Resource): Buffer {
  const { object, unknownFields } = decodeMessage(message, resource.schema)
  assert.equal(unknownFields, 0, 'a field that no definition has')
  return encodeMessage(canonical(decodeJson(object, resource.schema).object, resource.schema) as never, resource.schema)
}

const field = (bytes: Buffer, number: number): Buffer[] => [...fieldsOf(bytes)].filter((f) => f.number === number).map((f) => f.bytes)

describe('protobuf', { skip }, () => {
  for (const resource of resources)
    test(`a list of ${resource.plural} in ${apiVersionOf(resource)}`, async (t) => {
      const { code, type, bytes } = await call('GET', `${pathOf(resource)}?limit=100`, protobufType)
      if (code === 404) return t.skip('not served')
      assert.equal(type, protobufType)
      const { apiVersion, kind, message } = openEnvelope(bytes)
      assert.deepEqual([apiVersion, kind], [apiVersionOf(resource), `${resource.kind}List`])
      for (const item of field(message, 2)) assert.deepEqual(again(item, resource), item)
    })
  for (const { name, object } of kindCases)
    test(`${name} as a body`, async () => {
      const { apiVersion, kind, metadata } = object as unknown as KubeObject
      const resource = kindOf(apiVersion, kind) as Resource
      const read = decodeJson(structuredClone(object) as object, resource.schema).object
      const body = encodeObject(read as never, resource.schema, { apiVersion, kind })
      const path = `${pathOf(resource, resource.scope === 'Namespaced' ? metadata.namespace : undefined)}?dryRun=All`
      const { code, bytes } = await call('POST', path, protobufType, body)
      const answer = openEnvelope(bytes)
      if (code !== 201) assert.equal(answer.kind, 'Status')
      else assert.deepEqual(again(answer.message, resource), answer.message)
      assert.notEqual(code, 400, answer.message.toString())
    })
  test('a watch', async () => {
    const query = 'watch=true&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const { type, bytes } = await call('GET', `/api/v1/namespaces?${query}`, `${protobufType};type=watch`)
    assert.equal(type, `${protobufType};stream=watch`)
    const types: string[] = []
    for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
      const event = bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at))
      types.push(field(event, 1)[0]?.toString() ?? '')
      const [object = Buffer.alloc(0)] = field(field(event, 2)[0] ?? Buffer.alloc(0), 1)
      const { kind, message } = openEnvelope(object)
      assert.equal(kind, 'Namespace')
      assert.deepEqual(again(message, kindOf('v1', 'Namespace') as Resource), message)
    }
    assert.equal(types[0], 'ADDED')
    assert.ok(types.includes('BOOKMARK'))
  })
})
