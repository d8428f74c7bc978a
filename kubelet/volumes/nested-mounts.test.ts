import assert from 'node:assert/strict'
import { test } from 'node:test'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { nestedMountPoints } from './nested-mounts.ts'

const mounting = (...mounts: readonly (readonly [name: string, mountPath: string])[]) =>
  pod({ containers: [app('main', { volumeMounts: mounts.map(([name, mountPath]) => ({ name, mountPath })) })] })

test('what is mounted within a volume, at its outermost', () => {
  const nested = mounting(['a', '/dir'], ['b', '/dir/nested'], ['c', '/dir/nested/other'], ['d', '/dir/nested-vol/'], ['e', '/dirt/x'])
  assert.deepEqual(nestedMountPoints(nested, 'a'), ['nested', 'nested-vol'])
  assert.deepEqual(nestedMountPoints(nested, 'b'), ['other'])
  assert.deepEqual(nestedMountPoints(nested, 'c'), [])
  assert.deepEqual(nestedMountPoints(mounting(['a', 'etc/x'], ['b', '/etc/x/y/z']), 'a'), ['y/z'])
  assert.deepEqual(nestedMountPoints(mounting(['a', '/x'], ['a', '/x/../x/y']), 'a'), ['y'])
})
