import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeEvents, seldom } from './node-events.ts'

test('the same fault of a node is told once in five minutes', () => {
  const told: string[] = []
  let second = 0
  const recorder = {
    event: ({ metadata }: { metadata: { uid?: string } }, { reason }: { reason: string }) => told.push(`${metadata.uid} ${reason}`),
  }
  const event = seldom(nodeEvents(recorder as never, 'n1'), () => new Date(second * 1000))
  const words = (reason: string) => ({ type: 'Warning' as const, reason, message: '' })
  for (second of [0, 1, 299, 300, 301, 700]) event(words('A'))
  event(words('B'))
  assert.deepEqual(told, ['n1 A', 'n1 A', 'n1 A', 'n1 B'])
})
