import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bindMountsOf, escaped, mount, parseMountPoints, unswapped } from './mounts.ts'

const mountinfo = [
  '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
  '30 22 8:16 / /mnt/disk rw - ext4 /dev/sdb rw',
  '31 22 254:0 /data/one /pods/u1/vol rw - ext4 /dev/vda rw',
  '32 22 8:16 / /pods/u2/vol rw - ext4 /dev/sdb rw',
  '33 22 8:16 /sub /pods/u3/with\\040blank rw - ext4 /dev/sdb rw',
  '',
].join('\n')

test('mount points, with blanks in their names', () => {
  assert.deepEqual(parseMountPoints(mountinfo), ['/', '/mnt/disk', '/pods/u1/vol', '/pods/u2/vol', '/pods/u3/with blank'])
})

test('a place is looked for as the kernel writes it', () => {
  for (const path of ['/pods/u3/with blank', '/a\\b', '/tab\tand\nline', '/plain#1'])
    assert.deepEqual(parseMountPoints(`1 2 0:1 / ${escaped(path)} rw - tmpfs none rw`), [path])
  assert.ok(mountinfo.includes(escaped('/pods/u3/with blank')))
})

test('where a directory is mounted elsewhere as a whole', () => {
  assert.deepEqual(bindMountsOf('/data/one', mountinfo), ['/pods/u1/vol'])
  assert.deepEqual(bindMountsOf('/data/two', mountinfo), [])
  assert.deepEqual(bindMountsOf('/mnt/disk', mountinfo), ['/mnt/disk', '/pods/u2/vol'])
  assert.deepEqual(bindMountsOf('/mnt/disk/sub', mountinfo), ['/pods/u3/with blank'])
})

test('memory that is never swapped: a kernel that can, and no user namespace', () => {
  const whole = '         0          0 4294967295\n'
  assert.deepEqual(unswapped('6.4.0-1', whole), ['noswap'])
  assert.deepEqual(unswapped('7.0.0', whole), ['noswap'])
  for (const [release, map] of [
    ['6.3.12', whole],
    ['5.10.0', whole],
    ['6.12.1', '0 100000 65536\n'],
  ] as const)
    assert.deepEqual(unswapped(release, map), [])
})

test('what mount refuses is told in upstream’s words', async () => {
  await assert.rejects(mount(['--no-such-flag'], {}), {
    message: /^mount failed: exit status \d+\nMounting command: mount\nMounting arguments: --no-such-flag\nOutput: .+/,
  })
})
