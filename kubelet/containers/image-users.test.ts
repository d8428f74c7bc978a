import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupsOfUser } from './image-users.ts'

const users = {
  passwd: 'root:x:0:0:root:/:/bin/sh\njoe:x:1001:1002:joe:/tmp:/bin/sh\nbroken\n',
  group: 'root:x:0:\njoe:x:1002:joe\nextra:x:50000:ann,joe\nothers:x:50001:joey\nodd:x:none:joe\nlast:x:50002:joe',
}

const table: [user: string, groups: number[]][] = [
  ['1001', [50000, 50002]],
  ['joe', [50000, 50002]],
  ['ann', [50000]],
  ['0', []],
  ['4711', []],
  ['', []],
]
for (const [user, groups] of table) test(`the groups of ${user || 'nobody'}`, () => assert.deepEqual(groupsOfUser(user, users), groups))

test('an image without such files gives none', () => assert.deepEqual(groupsOfUser('joe', { passwd: '', group: '' }), []))
