import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyJsonPatch, JsonPatchError, type JsonPatchOperation } from './json-patch.ts'

const document = { data: { x: '1' }, list: ['a', 'b'], nested: { 'a/b': { '~': 1 } } }

test('operations change the document as upstream does', () => {
  const cases: [JsonPatchOperation[], unknown][] = [
    [[{ op: 'add', path: '/data/y', value: 2 }], { ...document, data: { x: '1', y: 2 } }],
    [[{ op: 'add', path: '/list/0', value: 'z' }], { ...document, list: ['z', 'a', 'b'] }],
    [[{ op: 'add', path: '/list/-', value: 'z' }], { ...document, list: ['a', 'b', 'z'] }],
    [[{ op: 'remove', path: '/list/-1' }], { ...document, list: ['a'] }],
    [[{ op: 'remove', path: '/data/x' }], { ...document, data: {} }],
    [[{ op: 'replace', path: '/data/new', value: 1 }], { ...document, data: { x: '1', new: 1 } }],
    [[{ op: 'replace', path: '', value: { a: 1 } }], { a: 1 }],
    [[{ op: 'replace', path: '/nested/a~1b/~0', value: 2 }], { ...document, nested: { 'a/b': { '~': 2 } } }],
    [[{ op: 'move', from: '/data/x', path: '/list/1' }], { ...document, data: {}, list: ['a', '1', 'b'] }],
    [[{ op: 'copy', from: '/list', path: '/data/l' }], { ...document, data: { x: '1', l: ['a', 'b'] } }],
    [[{ op: 'add', path: '/data/y' }], { ...document, data: { x: '1', y: null } }],
    [[{ op: 'add', path: 'ignored/z', value: 1 }], { ...document, z: 1 }],
    [[{ op: 'test', path: '/data', value: { x: '1' } }], document],
    [[{ op: 'test', path: '/data/none' }], document],
  ]
  for (const [operations, expected] of cases) assert.deepEqual(applyJsonPatch(document, operations), expected, JSON.stringify(operations))
})

test('operations that do not apply are refused', () => {
  const bad: JsonPatchOperation[] = [
    { op: 'remove', path: '/data/y' },
    { op: 'add', path: '/none/y', value: 1 },
    { op: 'add', path: '/list/3', value: 1 },
    { op: 'add', path: '/list/x', value: 1 },
    { op: 'test', path: '/data/x', value: '2' },
    { op: 'move', from: '/data/y', path: '/data/z' },
    { op: 'foo', path: '/data/x' },
    { op: 'add', path: '', value: {} },
  ]
  for (const operation of bad) assert.throws(() => applyJsonPatch(document, [operation]), JsonPatchError, JSON.stringify(operation))
})

test('copies of copies come to an end before memory does', () => {
  const doubling = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '/a', path: `/a/n${i}` }))
  assert.throws(() => applyJsonPatch({ a: { text: 'x'.repeat(1000) } }, doubling), JsonPatchError)
  applyJsonPatch({ a: { text: 'x'.repeat(1000) } }, doubling.slice(0, 10))
})

test('neither document nor patch is changed, and values are not shared', () => {
  const before = JSON.stringify(document)
  const value = { deep: [] as number[] }
  const result = applyJsonPatch(document, [
    { op: 'add', path: '/a', value },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'add', path: '/a/deep/-', value: 1 },
  ]) as { a: unknown; b: unknown }
  assert.equal(JSON.stringify(document), before)
  assert.deepEqual(value, { deep: [] })
  assert.deepEqual([result.a, result.b], [{ deep: [1] }, { deep: [] }])
})

test('no prototype is reached', () => {
  const result = applyJsonPatch({ data: {} }, [{ op: 'add', path: '/data/__proto__', value: { polluted: true } }]) as { data: object }
  assert.equal(Object.hasOwn(result.data, '__proto__'), true)
  assert.equal((result.data as { polluted?: boolean }).polluted, undefined)
  assert.throws(() => applyJsonPatch({}, [{ op: 'add', path: '/constructor/prototype/x', value: 1 }]), JsonPatchError)
})
