import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharedLibraries } from './image.ts'
import { podOf, tookTurns } from './turns.ts'

test('strict turns are a sequence that repeats itself', () => {
  for (const [pods, expected] of [
    ['a b c a b c', true],
    ['b a b a', true],
    ['a a a', true],
    ['a b c a c b', false],
    ['a a b b', false],
    ['a b a c', false],
  ] as const) {
    assert.equal(tookTurns(pods.split(' ')), expected, pods)
  }
})

test('the pod is read from the answer', () => {
  assert.equal(podOf('Hello from hello-5c7b9-x2x4z on node-1'), 'hello-5c7b9-x2x4z')
})

test('libraries of a dynamic program are found, a static one has none', () => {
  const output =
    '\tlinux-vdso.so.1 (0x00007ffd)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n'
  assert.deepEqual(sharedLibraries(output), ['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2'])
  assert.deepEqual(sharedLibraries('\tnot a dynamic executable\n'), [])
})
