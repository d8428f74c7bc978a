import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import type { PodStatus } from '#api/core/pod-status.ts'
import type { Client, Patch } from '#client/rest.ts'
import { createLogger } from '#component/logging.ts'
import { StatusWriter } from './status-writer.ts'

const pod = (resourceVersion: string, status: PodStatus): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'n', name: 'p', uid: 'u', resourceVersion },
  spec: { containers: [] },
  status,
})

/** An API that merges statuses; answers are held back until `release`. */
function heldApi() {
  let stored = pod('1', {})
  const waiting: (() => void)[] = []
  const client = {
    async patch(_type: unknown, _ref: unknown, patch: Patch): Promise<Pod> {
      const { status } = patch.body as { status: PodStatus }
      stored = pod(String(Number(stored.metadata.resourceVersion) + 1), { ...stored.status, ...status })
      const answer = stored
      await new Promise<void>((resolve) => waiting.push(resolve))
      return answer
    },
  } as unknown as Client
  return { client, stored: () => stored, release: () => waiting.shift()?.() }
}

const log = createLogger({ name: 'test', verbosity: 0, format: 'text', destination: { write: () => undefined } })
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a wish that comes while an older one is written is written too, even if the watch is faster than the answer', async () => {
  const api = heldApi()
  const writer = new StatusWriter(api.client, log)
  writer.publish(pod('1', {}), { phase: 'Pending' })
  await turn()
  writer.observe(api.stored()) // the watch tells of the write before its answer arrives
  writer.publish(pod('1', {}), { phase: 'Running' })
  api.release()
  await turn()
  api.release()
  await writer.flushed('u')
  assert.equal(api.stored().status.phase, 'Running')
})

test('a wish that comes in the very turn in which the writer finishes is written', async () => {
  const api = heldApi()
  const writer = new StatusWriter(api.client, log)
  writer.publish(pod('1', {}), { phase: 'Pending' })
  await turn()
  api.release()
  for (let microtask = 0; microtask < 10; microtask++) {
    await Promise.resolve()
    writer.publish(pod('1', {}), { phase: 'Running', message: String(microtask) })
  }
  for (let i = 0; i < 5; i++) {
    await turn()
    api.release()
  }
  await writer.flushed('u')
  assert.equal(api.stored().status.message, '9')
})

test('however many pods there are, few statuses are written at once, and a pod that is gone leaves its place', async () => {
  const under: (() => void)[] = []
  const written: string[] = []
  const client = {
    async patch(_type: unknown, { name }: { name: string }, patch: Patch): Promise<Pod> {
      const { status } = patch.body as { status: PodStatus }
      await new Promise<void>((resolve) => under.push(resolve))
      written.push(name)
      return { ...pod('2', status), metadata: { namespace: 'n', name, uid: name, resourceVersion: '2' } }
    },
  } as unknown as Client
  const writer = new StatusWriter(client, log)
  const names = Array.from({ length: 10 }, (_, i) => `p${i}`)
  for (const name of names) writer.publish({ ...pod('1', {}), metadata: { name, uid: name, resourceVersion: '1' } }, { phase: 'Running' })
  await turn()
  assert.equal(under.length, 4)
  writer.forget('p5')
  while (under.length > 0) {
    under.shift()?.()
    await turn()
    assert.ok(under.length <= 4)
  }
  assert.deepEqual(
    written,
    names.filter((name) => name !== 'p5'),
  )
})

test('a status that waits for its turn is written as it is then', async () => {
  const under: (() => void)[] = []
  const written: string[] = []
  const client = {
    async patch(_type: unknown, { name }: { name: string }, patch: Patch): Promise<Pod> {
      const { status } = patch.body as { status: PodStatus }
      written.push(`${name} ${status.phase}`)
      await new Promise<void>((resolve) => under.push(resolve))
      return { ...pod('2', status), metadata: { namespace: 'n', name, uid: name, resourceVersion: '2' } }
    },
  } as unknown as Client
  const writer = new StatusWriter(client, log)
  const publish = (name: string, phase: string): void =>
    writer.publish({ ...pod('1', {}), metadata: { name, uid: name, resourceVersion: '1' } }, { phase })
  for (const name of ['a', 'b', 'c', 'd', 'e']) publish(name, 'Pending')
  await turn()
  publish('e', 'Running')
  publish('e', 'Succeeded')
  while (under.length > 0) {
    under.shift()?.()
    await turn()
  }
  await writer.flushed('e')
  assert.deepEqual(written, ['a Pending', 'b Pending', 'c Pending', 'd Pending', 'e Succeeded'])
})
