import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { dropDuplicateOwners, type Found } from './owner-references.ts'

const owner = (uid: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'Node', name: 'n', uid, ...more })

test('owners that stand twice', () => {
  const told = (metadata: ObjectMeta, found: Found = 'sent'): [number | undefined, string[]] => {
    const texts: string[] = []
    dropDuplicateOwners(metadata, found, (text) => texts.push(text))
    return [
      metadata.ownerReferences?.length,
      texts.map((text) => `${/after [\w ]+/.exec(text)?.[0] ?? ''} ${/observed: (.*)/.exec(text)?.[1]}`),
    ]
  }
  assert.deepEqual(told({}), [undefined, []])
  assert.deepEqual(told({ ownerReferences: [owner('a'), owner('b')] }), [2, []])
  assert.deepEqual(told({ ownerReferences: [owner('a'), owner('b'), owner('a'), owner('b'), owner('a')] }), [2, [' a, b, a']])
  assert.deepEqual(told({ ownerReferences: [owner('a'), owner('a', { name: 'm' })] }), [2, []])
  assert.deepEqual(told({ ownerReferences: [owner('a'), owner('a')] }, 'admitted'), [1, ['after mutating admission happens a']])
})
