/** A client that speaks nothing but protobuf: every verb over HTTP against a server of our own. */
import assert from 'node:assert/strict'
import { request } from 'node:https'
import { after, before, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { ConfigMaps } from '#api/core/config-map.ts'
import { deleteOptionsSchema } from '#api/meta/options.ts'
import { statusSchema } from '#api/meta/wire-kinds.ts'
import { decodeMessage, openEnvelope } from '#apiserver/protobuf/decode-object.ts'
import { encodeMessage, encodeObject } from '#apiserver/protobuf/encode-object.ts'
import { enveloped, protobufType } from '#apiserver/protobuf/envelope.ts'
import { fieldsOf } from '#apiserver/protobuf/wire.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'

interface Reply {
  code: number
  type: string
  encoding: string
  bytes: Buffer
}

const path = '/api/v1/namespaces/default/configmaps'
const mapType = { apiVersion: 'v1', kind: 'ConfigMap' }
const configMap = (name: string, data: Record<string, string>): Buffer =>
  encodeObject({ metadata: { name }, data }, ConfigMaps.schema, mapType)
const field = (bytes: Buffer, number: number): Buffer[] => [...fieldsOf(bytes)].filter((f) => f.number === number).map((f) => f.bytes)

interface Map_ {
  metadata: { name: string; uid: string; resourceVersion: string }
  data?: Record<string, string>
}

function mapOf(bytes: Buffer): Map_ {
  const { apiVersion, kind, message } = openEnvelope(bytes)
  assert.deepEqual({ apiVersion, kind }, mapType)
  return decodeMessage(message, ConfigMaps.schema).object as unknown as Map_
}

describe('a client that speaks protobuf alone', () => {
  let server: TestApiServer
  let send: (method: string, path: string, body?: Buffer, headers?: Record<string, string>) => Promise<Reply>
  before(async () => {
    server = await startTestApiServer()
    const { certificate: cert, key } = await server.identity('admin', 'system:masters')
    send = (method, at, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const all = { accept: protobufType, ...(body ? { 'content-type': protobufType, 'content-length': body.length } : {}), ...headers }
        const sent = request(`${server.url}${at}`, { method, headers: all, ca: server.caPem, cert, key, agent: false }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const { 'content-type': type = '', 'content-encoding': encoding = '' } = response.headers
            resolve({ code: response.statusCode ?? 0, type, encoding, bytes: Buffer.concat(chunks) })
          })
        })
        sent.on('error', reject)
        sent.end(body)
      })
  })
  after(() => server[Symbol.asyncDispose]())

  test('creates, reads, patches and deletes', async () => {
    const created = await send('POST', path, configMap('a', { k: 'v' }))
    assert.deepEqual([created.code, created.type], [201, protobufType])
    const patch = { 'content-type': 'application/merge-patch+json' }
    const patched = await send('PATCH', `${path}/a`, Buffer.from('{"data":{"k":"w"}}'), patch)
    assert.deepEqual(mapOf(patched.bytes).data, { k: 'w' })
    const read = await send('GET', `${path}/a`)
    assert.deepEqual(read.bytes, patched.bytes)
    const options = (uid: string): Buffer =>
      enveloped({ apiVersion: 'v1', kind: 'DeleteOptions' }, encodeMessage({ preconditions: { uid } }, deleteOptionsSchema))
    assert.equal((await send('DELETE', `${path}/a`, options('another'))).code, 409)
    assert.equal((await send('DELETE', `${path}/a`, options(mapOf(read.bytes).metadata.uid))).code, 200)
    const gone = await send('GET', `${path}/a`)
    assert.deepEqual([gone.code, gone.type], [404, protobufType])
    const status = decodeMessage(openEnvelope(gone.bytes).message, statusSchema).object
    assert.equal(status['message'], 'configmaps "a" not found')
  })

  test('lists objects and metadata alone, the same bytes as each object has', async () => {
    for (const name of ['l1', 'l2']) await send('POST', path, configMap(name, { big: 'x'.repeat(100_000) }))
    const query = '?fieldSelector=metadata.namespace=default'
    const list = openEnvelope((await send('GET', `${path}${query}`)).bytes)
    assert.equal(list.kind, 'ConfigMapList')
    const [item] = field(list.message, 2).filter((message) => message.includes('l1'))
    assert.deepEqual(item, openEnvelope((await send('GET', `${path}/l1`)).bytes).message)
    const zipped = await send('GET', `${path}${query}`, undefined, { 'accept-encoding': 'gzip' })
    assert.equal(zipped.encoding, 'gzip')
    assert.deepEqual(openEnvelope(gunzipSync(zipped.bytes)).message, list.message)
    const accept = `${protobufType};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`
    const partial = openEnvelope((await send('GET', `${path}${query}`, undefined, { accept })).bytes)
    assert.deepEqual([partial.apiVersion, partial.kind], ['meta.k8s.io/v1', 'PartialObjectMetadataList'])
    assert.deepEqual(
      field(partial.message, 2).map((message) => field(message, 1)[0]),
      field(list.message, 2).map((message) => field(message, 1)[0]),
    )
    const table = await send('GET', path, undefined, { accept: `${protobufType};as=Table;g=meta.k8s.io;v=v1` })
    assert.deepEqual([table.code, table.type], [406, 'application/json'])
  })

  test('watches, and sees deletions at the revision where they happened', async () => {
    const made = mapOf((await send('POST', path, configMap('w', {}))).bytes)
    await send('DELETE', `${path}/w`)
    const query = `?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=w&resourceVersion=${Number(made.metadata.resourceVersion) - 1}`
    const { bytes, type } = await send('GET', `${path}${query}`, undefined, { accept: `${protobufType};type=watch` })
    assert.equal(type, `${protobufType};stream=watch`)
    const events: [string, Map_][] = []
    for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
      const event = bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at))
      const [object = Buffer.alloc(0)] = field(field(event, 2)[0] ?? Buffer.alloc(0), 1)
      events.push([field(event, 1)[0]?.toString() ?? '', mapOf(object)])
    }
    assert.deepEqual(
      events.map(([type_, { metadata }]) => `${type_} ${metadata.name}`),
      ['ADDED w', 'DELETED w'],
    )
    assert.ok(Number(events[1]?.[1].metadata.resourceVersion) > Number(made.metadata.resourceVersion))
  })

  test('is told what is wrong with a body, and unknown fields are counted', async () => {
    const bad = await send('POST', path, Buffer.concat([configMap('b', {}).subarray(0, 20)]))
    assert.equal(bad.code, 400)
    const other = await send(
      'POST',
      path,
      encodeObject({ metadata: { name: 'b' } }, ConfigMaps.schema, { apiVersion: 'v1', kind: 'Secret' }),
    )
    const { message } = decodeMessage(openEnvelope(other.bytes).message, statusSchema).object
    assert.equal(
      message,
      'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
    )
    const unknown = enveloped(
      mapType,
      Buffer.concat([encodeMessage({ metadata: { name: 'u' } }, ConfigMaps.schema), Buffer.from([0xfa, 0x06, 1, 0])]),
    )
    assert.equal((await send('POST', path, unknown)).code, 201)
    const metrics = (await send('GET', '/metrics')).bytes.toString()
    assert.match(metrics, /typernetes_protobuf_unknown_fields_total [1-9]/)
  })
})
