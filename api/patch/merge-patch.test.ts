import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyMergePatch, createMergePatch, createThreeWayMergePatch } from './merge-patch.ts'

// The examples of RFC 7386, appendix A.
const examples: [unknown, unknown, unknown][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
]

test('merge patches apply as the RFC says', () => {
  for (const [target, patch, expected] of examples) assert.deepEqual(applyMergePatch(target, patch), expected, JSON.stringify(patch))
})

test('a made patch leads from one object to the other', () => {
  const original = { a: 1, b: { c: 2, d: 3 }, e: [1] }
  const modified = { a: 1, b: { c: 4 }, e: [1, 2], f: {} }
  const patch = createMergePatch(original, modified)
  assert.deepEqual(patch, { b: { c: 4, d: null }, e: [1, 2], f: {} })
  assert.deepEqual(applyMergePatch(original, patch), modified)
})

test('a three-way patch keeps what only the server has', () => {
  const patch = createThreeWayMergePatch({ a: 1, b: 2, c: { x: 1 } }, { a: 3, c: {} }, { a: 1, b: 2, c: { x: 1, y: 2 }, d: 4 })
  assert.deepEqual(patch, { a: 3, b: null, c: { x: null } })
})

test('no prototype is reached', () => {
  const result = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}')) as { polluted?: boolean }
  assert.equal(Object.hasOwn(result, '__proto__'), true)
  assert.equal(result.polluted, undefined)
})
