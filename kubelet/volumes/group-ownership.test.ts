import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOwned } from './group-ownership.ts'

const root = (mode: number, gid = 1000) => ({ gid, mode, isDirectory: () => true })

test('the root of a volume tells whether its group was applied', () => {
  assert.equal(isOwned(root(0o42770), 1000, false), true)
  assert.equal(isOwned(root(0o42775), 1000, false), true)
  assert.equal(isOwned(root(0o42750), 1000, false), false, 'the group may not write')
  assert.equal(isOwned(root(0o42750), 1000, true), true, 'nobody may')
  assert.equal(isOwned(root(0o40770), 1000, false), false, 'new files would not belong to the group')
  assert.equal(isOwned(root(0o42770), 1001, false), false)
  assert.equal(isOwned({ ...root(0o102770), isDirectory: () => false }, 1000, false), false)
})
