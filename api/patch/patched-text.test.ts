import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patchedText, touchedBy } from './patched-text.ts'

const patched = { kind: 'A', apiVersion: 'v1', spec: { b: 1, a: { d: 1, c: 2 } }, status: { z: 1, y: { x: 1, w: 2 } } }

test('objects that a patch went into stand sorted, others as they were', () => {
  const sorted = '{"apiVersion":"v1","kind":"A",'
  assert.equal(
    patchedText(patched, { status: { y: { x: null } } }),
    `${sorted}"spec":{"b":1,"a":{"d":1,"c":2}},"status":{"y":{"w":2,"x":1},"z":1}}`,
  )
  const operations = [{ op: 'remove', path: '/spec/a/e~1f' }, { op: 'add', path: '' }, {}]
  assert.equal(patchedText(patched, touchedBy(operations)), `${sorted}"spec":{"a":{"c":2,"d":1},"b":1},"status":{"z":1,"y":{"x":1,"w":2}}}`)
})

test('names of members are taken as names', () => {
  assert.deepEqual(touchedBy([{ path: '/a~1b/~01/c' }, { path: '/a~1b/x/y' }]), { 'a/b': { '~1': {}, x: {} } })
  assert.equal(Object.getPrototypeOf(touchedBy([{ path: '/__proto__/polluted/x' }])), Object.prototype)
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
})
