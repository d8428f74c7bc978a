import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isShimOf } from './unknown-starts.ts'

test('whose shim a process is', () => {
  const id = 'ab'.repeat(32)
  const shim = ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'moby', '-id', id, '-address', '/run/containerd.sock']
  for (const [line, isIts] of [
    [shim, true],
    [['containerd-shim', ...shim.slice(1)], true],
    [shim.with(4, 'cd'.repeat(32)), false],
    [['grep', 'containerd-shim', '-id', id], false],
    [['containerd-shim-runc-v2', `--bundle=${id}`], false],
    [[''], false],
  ] as const)
    assert.equal(isShimOf(id, line), isIts, line.join(' '))
})
