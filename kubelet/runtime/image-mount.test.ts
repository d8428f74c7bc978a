import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mountArgv } from './image-mount.ts'

test('layers are named from the top, by the short names of the store', () => {
  const several = mountArgv({ top: '/d/overlay2/x/diff', link: 'AB', lower: 'l/CD:l/EF', target: '/t' })
  assert.deepEqual(several, ['mount', '-t', 'overlay', '-o', 'ro,lowerdir=l/AB:l/CD:l/EF', 'overlay', '/t'])
  assert.deepEqual(mountArgv({ top: '/d/overlay2/x/diff', link: 'AB', lower: '', target: '/t' }), [
    'mount',
    '-o',
    'bind,ro',
    '/d/overlay2/x/diff',
    '/t',
  ])
})
