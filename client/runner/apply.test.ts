// Plans that are stopped half-way: what was sent is waited for, nothing more is begun.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigMap, ConfigMaps } from '#api/core/config-map.ts'
import { FakeApi } from '#client/fake.ts'
import { type ApplyContext, applyPlan, executors, outlasting } from './apply.ts'
import type { Action } from './plan.ts'

const create = (name: string): Action => ({
  verb: 'create',
  type: ConfigMaps,
  object: { metadata: { name, namespace: 'ns' } },
  reason: 'wanted',
})

function stopped(graceMs: number) {
  const stop = new AbortController()
  const sent = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  const done: string[] = []
  const failed: unknown[] = []
  const context: ApplyContext = {
    client: new FakeApi().client(),
    stop: stop.signal,
    signal: outlasting(stop.signal, graceMs),
    executors: {
      ...executors,
      create: async (action, { signal }) => {
        sent.resolve()
        const broken = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
        await Promise.race([answered.promise, broken])
        return { written: action.object as ConfigMap, type: action.type }
      },
    },
    done: (action) => void done.push(action.verb === 'create' ? (action.object.metadata.name ?? '') : action.verb),
    failed: (_, error) => void failed.push(error),
  }
  return {
    stop,
    sent: sent.promise,
    answer: answered.resolve,
    done,
    failed,
    applied: applyPlan({ actions: [create('a'), create('b')] }, context),
  }
}

test('a stop waits for the answer to what was sent and begins nothing more', async () => {
  const t = stopped(60_000)
  await t.sent
  t.stop.abort()
  t.answer()
  await assert.rejects(t.applied, { name: 'AbortError' })
  assert.deepEqual([t.done, t.failed], [['a'], []])
})

test('a server that does not answer is not waited for longer than the grace', async () => {
  const t = stopped(10)
  await t.sent
  t.stop.abort()
  // The grace keeps no process alive, so something else must while it runs.
  const alive = setInterval(() => undefined, 1000)
  await assert.rejects(t.applied, { name: 'AbortError' })
  clearInterval(alive)
  assert.deepEqual([t.done, t.failed], [[], []])
})
