import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pod } from '#kubelet/pods/pod-fixtures.ts'
import { checkedPath, configMapPayload, downwardPayload, type Payload, secretPayload } from './payload.ts'

const texts = (payload: Payload) =>
  Object.fromEntries([...payload].map(([path, { data, mode }]) => [path, `${data.toString('utf8')} ${mode.toString(8)}`]))
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c' },
  data: { a: '1', b: '2' },
  binaryData: { c: Buffer.from('3').toString('base64') },
}
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: Buffer.from('1').toString('base64') } }
const all = { mode: 0o644, optional: false }

test('all keys, or chosen ones under other names and modes', () => {
  assert.deepEqual(texts(configMapPayload(configMap, 'c', all)), { a: '1 644', b: '2 644', c: '3 644' })
  assert.deepEqual(
    texts(
      configMapPayload(configMap, 'c', {
        ...all,
        items: [
          { key: 'a', path: 'x/y', mode: 0o600 },
          { key: 'b', path: 'b' },
        ],
      }),
    ),
    { 'x/y': '1 600', b: '2 644' },
  )
  assert.deepEqual(texts(secretPayload(secret, 's', { ...all, mode: 0o400 })), { a: '1 400' })
})

test('what is missing', () => {
  assert.throws(() => configMapPayload(undefined, 'c', all), { message: 'configmap "c" not found' })
  assert.throws(() => secretPayload(undefined, 's', all), { message: 'secret "s" not found' })
  assert.throws(() => configMapPayload(configMap, 'c', { ...all, items: [{ key: 'z', path: 'z' }] }), {
    message: 'configmap references non-existent config key: z',
  })
  assert.equal(configMapPayload(undefined, 'c', { ...all, optional: true }).size, 0)
  assert.equal(secretPayload(secret, 's', { mode: 0o644, optional: true, items: [{ key: 'z', path: 'z' }] }).size, 0)
})

test('no path leaves the volume', () => {
  for (const path of ['', '/a', '../a', 'a/../../b', '..data', 'a//b']) assert.throws(() => checkedPath(path), /invalid path/, path)
  assert.equal(checkedPath('a/b.c'), 'a/b.c')
})

test('the downward API as files', () => {
  const facts = { podIps: [], hostIps: [], nodeName: 'n', allocatable: {} }
  const files = [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }]
  assert.deepEqual(texts(downwardPayload(pod({}, { labels: { z: 'a"b\n', a: '1' } }), files, 0o644, facts)), {
    labels: 'a="1"\nz="a\\"b\\n" 644',
  })
})
