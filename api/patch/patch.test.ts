import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigMaps } from '#api/core/config-map.ts'
import { applyPatch, type PatchType, parsePatch } from './patch.ts'

const current = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'p', labels: { a: 'b' } }, data: { x: '1' } }

function patched(type: PatchType, body: unknown, mode: 'Strict' | 'Warn' | 'Ignore' = 'Warn') {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return applyPatch(current, parsePatch(type, text, mode), ConfigMaps, mode)
}

test('each kind of patch gives the decoded object', () => {
  assert.deepEqual(patched('merge', { data: { x: null, y: '2' } }).object.data, { y: '2' })
  assert.deepEqual(patched('strategic', { data: { $patch: 'replace', q: '1' } }).object.data, { q: '1' })
  assert.deepEqual(patched('json', [{ op: 'replace', path: '/data/x', value: '5' }]).object.data, { x: '5' })
  assert.deepEqual(patched('strategic', 'null').object.data, { x: '1' })
  assert.equal(patched('strategic', { kind: 'Pod' }).object.kind, 'ConfigMap')
})

test('unknown and duplicate fields are warned about or refused', () => {
  assert.deepEqual(patched('merge', { foo: 1 }).warnings, ['unknown field "foo"'])
  assert.deepEqual(patched('merge', '{"data":{"a":"1","a":"2"}}').warnings, ['duplicate field "data.a"'])
  assert.deepEqual(patched('json', [{ op: 'add', path: '/data/z', value: '5', foo: 1 }]).warnings, ['json patch unknown field "[0].foo"'])
  assert.deepEqual(patched('strategic', { foo: 1 }, 'Ignore').warnings, [])
  assert.throws(() => patched('strategic', { foo: 1 }, 'Strict'), {
    code: 422,
    reason: 'Invalid',
    message: ' "" is invalid: patch: Invalid value: "map[foo:1]": strict decoding error: unknown field "foo"',
  })
})

test('patches that do not apply are answered as upstream does', () => {
  const cases: [PatchType, unknown, number, RegExp][] = [
    ['json', '[{', 400, /^error decoding patch: unexpected end of JSON input$/],
    ['json', { op: 'add' }, 400, /^error decoding patch: json: cannot unmarshal object into Go value of type \[\]handlers.jsonPatchOp$/],
    ['json', [{ op: 'test', path: '/data/x', value: '2' }], 422, /^the server rejected our request due to an error in our request$/],
    ['json', Array.from({ length: 10_001 }, () => ({})), 413, /allowed maximum operations in a JSON patch is 10000, got 10001$/],
    ['merge', [], 400, /^error decoding patch: json: cannot unmarshal array into Go value of type map\[string\]interface {}$/],
    ['merge', 'null', 400, /^Invalid JSON Patch$/],
    ['merge', { data: { x: 5 } }, 422, /json: cannot unmarshal number into Go struct field ConfigMap.data of type string$/],
    ['merge', { apiVersion: 'apps/v1' }, 422, /no kind "ConfigMap" is registered for version "apps\/v1"/],
    ['strategic', [], 400, /^json: cannot unmarshal array into Go value/],
    ['strategic', { data: { x: 5 } }, 422, /patch: Invalid value: "map\[data:map\[x:5\]\]": cannot convert int64 to string$/],
    ['strategic', { metadata: { labels: 'x' } }, 422, /cannot restore map from string$/],
    ['strategic', { metadata: { finalizers: 'x' } }, 422, /cannot restore slice from string$/],
    ['strategic', { immutable: 'x' }, 422, /unrecognized type: bool$/],
    ['strategic', { data: { $patch: 'foo' } }, 500, /^unknown patch type: foo in map: map\[\$patch:foo\]$/],
  ]
  for (const [type, body, code, message] of cases)
    assert.throws(() => patched(type, body), { code, message }, `${type} ${JSON.stringify(body).slice(0, 60)}`)
})

test('a patch can be applied again, and the current object stays as it is', () => {
  const before = JSON.stringify(current)
  const patch = parsePatch('merge', '{"metadata":{"labels":{"c":null,"d":null}},"data":{"n":"x"}}', 'Strict')
  const first = applyPatch(current, patch, ConfigMaps, 'Strict')
  assert.deepEqual(applyPatch(current, patch, ConfigMaps, 'Strict'), first)
  assert.equal(JSON.stringify(current), before)
})
