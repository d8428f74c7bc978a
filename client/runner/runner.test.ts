// The runner over the fake API: order, slow start, the gate, conflicts, back-off, events, failures told to the next decision.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReplicaSets } from '#api/apps/replica-set.ts'
import { type ConfigMap, ConfigMaps } from '#api/core/config-map.ts'
import { CoreEvents } from '#api/core/event.ts'
import { ApiError, conflict } from '#api/meta/status.ts'
import { EventRecorder } from '#client/events.ts'
import { FakeApi } from '#client/fake.ts'
import { FakeClock, settle } from '#client/fake-clock.ts'
import { keyOf } from '#client/resource-path.ts'
import type { Controller } from './controller.ts'
import { InformerSet } from './informers.ts'
import type { Action, Plan } from './plan.ts'
import { ControllerRunner } from './runner.ts'
import { type World, watch } from './world.ts'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const config = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ns' },
  data,
})
const create = (name: string, more: Partial<Action> = {}): Action =>
  ({ verb: 'create', type: ConfigMaps, object: config(name), reason: 'wanted', ...more }) as Action

async function running(api: FakeApi, decide: (key: string, world: World) => Plan, guard?: () => void) {
  const clock = new FakeClock()
  const client = api.client()
  const decisions: string[] = []
  const controller: Controller = {
    name: 'test',
    watches: [watch(ConfigMaps, { keys: (o) => (o.metadata.name === 'main' ? [keyOf(o)] : []) })],
    reconcile: (key, world) => {
      decisions.push(key)
      return decide(key, world)
    },
  }
  const informers = new InformerSet(client)
  informers.want(controller.watches)
  const events = new EventRecorder(client, { component: 'test', now: clock.now })
  const runner = new ControllerRunner(controller, { client, informers, log: quiet, events, clock, ...(guard ? { guard } : {}) })
  const stop = new AbortController()
  const ended = Promise.all([informers.run(stop.signal), runner.run(stop.signal)])
  await settle()
  const end = async (): Promise<void> => {
    stop.abort()
    await ended
  }
  return { clock, client, decisions, events, end }
}
const writes = (api: FakeApi): string[] =>
  api.requests
    .filter((r) => r.method !== 'GET' && r.plural !== 'events')
    .map((r) => `${r.method} ${r.name ?? (r.body as ConfigMap).metadata.name}`)

test('actions run in order and stop at the first failure; the next decision is told of it', async () => {
  const api = new FakeApi()
  api.seed(config('main'))
  let refuse = true
  api.addRule((r) => {
    if (refuse && r.method === 'POST' && (r.body as ConfigMap).metadata.name === 'b') throw new ApiError(403, 'Forbidden', 'quota')
  })
  const failures: (string | undefined)[] = []
  const t = await running(api, (_, world) => {
    failures.push(world.failed?.message)
    const missing = ['a', 'b', 'c'].filter((name) => !world.of(ConfigMaps).get(`ns/${name}`))
    return { actions: missing.map((name) => create(name)) }
  })
  assert.deepEqual(writes(api), ['POST a', 'POST b'])
  refuse = false
  await t.clock.advance(100)
  assert.deepEqual(writes(api), ['POST a', 'POST b', 'POST b', 'POST c'])
  assert.deepEqual(failures.slice(0, 2), [undefined, 'quota'])
  await t.end()
})

test('batches grow from one and end with the batch that fails', async () => {
  const api = new FakeApi()
  api.seed(config('main'))
  api.addRule((r) => {
    if (r.method === 'POST' && (r.body as ConfigMap).metadata.name === 'x2') throw new ApiError(403, 'Forbidden', 'quota')
  })
  const t = await running(api, (_, world) =>
    world.failed ? { actions: [] } : { actions: [{ parallel: Array.from({ length: 10 }, (_, i) => create(`x${i}`)) }] },
  )
  assert.deepEqual(writes(api), ['POST x0', 'POST x1', 'POST x2'])
  await t.end()
})

test('a key waits until the cache shows what was written for it', async () => {
  const api = new FakeApi()
  api.seed(config('main'))
  const sizes: number[] = []
  const t = await running(api, (_, world) => {
    const others = world.of(ConfigMaps).list().length - 1
    sizes.push(others)
    if (others >= 3) return { actions: [] }
    const main = world.of(ConfigMaps).get('ns/main')
    const touch: Action = {
      verb: 'update',
      type: ConfigMaps,
      object: { ...main, data: { n: String(others) } } as ConfigMap,
      reason: 'count',
    }
    return { actions: [create(`made-${others}`), touch], recheckAfterMs: 1 }
  })
  await t.clock.advance(1000)
  // Each decision counts what the one before made: nothing is made twice.
  assert.deepEqual([...new Set(sizes)], [0, 1, 2, 3])
  assert.equal(writes(api).filter((w) => w.startsWith('POST')).length, 3)
  await t.end()
})

test('what may wait is done in time, or beside what may not', async () => {
  const api = new FakeApi()
  api.seed(config('main'))
  let wanted: Action[] = [create('late', { mayWaitMs: 500 })]
  const t = await running(api, () => ({ actions: wanted, recheckAfterMs: 100 }))
  await t.clock.advance(450)
  assert.deepEqual(writes(api), [])
  await t.clock.advance(100)
  assert.deepEqual(writes(api), ['POST late'])
  wanted = [create('more', { mayWaitMs: 500 })]
  await t.clock.advance(150)
  wanted = [...wanted, create('now')]
  await t.clock.advance(100)
  assert.deepEqual(writes(api).slice(1, 3), ['POST more', 'POST now'])
  await t.end()
})

test('a conflict is looked at again, without an event', async () => {
  const api = new FakeApi()
  api.seed(config('main'))
  let conflicts = 2
  api.addRule((r) => {
    if (r.method === 'POST' && r.plural === 'configmaps' && conflicts-- > 0)
      throw conflict({ group: '', plural: 'configmaps', kind: 'ConfigMap' }, 'a', 'stale')
  })
  const t = await running(api, (_, world) => (world.of(ConfigMaps).get('ns/a') ? { actions: [] } : { actions: [create('a')] }))
  await t.clock.advance(100)
  assert.deepEqual(writes(api), ['POST a', 'POST a', 'POST a'])
  await t.end()
})

test('events follow what was done and what failed', async () => {
  const api = new FakeApi()
  api.seed(config('main'))
  const about = { ...config('main'), metadata: { name: 'main', namespace: 'ns', uid: 'u' } }
  const text = (reason: string, message: string) => ({ about, type: 'Normal' as const, reason, message })
  const made = create('', { object: { metadata: { namespace: 'ns', generateName: 'g-' } }, event: text('Made', 'made {name}') } as never)
  const refused = create('no', { failureEvent: text('Refused', 'error: {error}') } as never)
  api.addRule((r) => {
    if (r.method === 'POST' && (r.body as ConfigMap).metadata.name === 'no') throw new ApiError(403, 'Forbidden', 'quota')
  })
  const t = await running(api, (_, world) => (world.failed ? { actions: [] } : { actions: [made, refused] }))
  await t.events.flushed()
  const { items } = await t.client.list(CoreEvents)
  assert.deepEqual(items.map((e) => e.message).sort(), ['error: quota', 'made g-xxxx1'])
  await t.end()
})

test('who may not write does not', async () => {
  const api = new FakeApi()
  api.seed(config('main'))
  const t = await running(
    api,
    () => ({ actions: [create('a')] }),
    () => {
      throw new Error('the lease is lost')
    },
  )
  assert.deepEqual(writes(api), [])
  await t.end()
})

test('a create in a namespace that is being deleted, and a delete of what is gone, are done', async () => {
  const api = new FakeApi()
  api.seed(config('main'))
  api.addRule((r) => {
    if (r.method === 'POST') throw new ApiError(403, 'Forbidden', 'no', { causes: [{ reason: 'NamespaceTerminating' }] })
  })
  const t = await running(api, () => ({
    actions: [create('a'), { verb: 'delete', type: ConfigMaps, ref: { namespace: 'ns', name: 'gone' }, reason: 'not wanted' }],
  }))
  await t.clock.advance(1000)
  assert.deepEqual(writes(api), ['POST a', 'DELETE gone'])
  assert.equal(t.decisions.length, 1)
  await t.end()
})

test('a scale goes to its subresource, and what stands behind its failure is not done', async () => {
  const api = new FakeApi()
  api.seed(config('main'))
  const t = await running(api, (_, world) =>
    world.failed
      ? { actions: [] }
      : {
          actions: [
            {
              verb: 'updateScale',
              type: ReplicaSets,
              ref: { namespace: 'ns', name: 'rs' },
              replicas: 3,
              preconditions: { resourceVersion: '7' },
              reason: 'load',
            },
            { verb: 'evict', ref: { namespace: 'ns', name: 'p' }, preconditions: { uid: 'u' }, gracePeriodSeconds: 5, reason: 'drain' },
          ],
        },
  )
  // Nothing is there to be scaled: the conflict-like 404 stops the plan.
  const scale = api.requests.find((r) => r.subresource === 'scale')
  assert.deepEqual(
    [scale?.method, scale?.body],
    [
      'PUT',
      {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { namespace: 'ns', name: 'rs', resourceVersion: '7' },
        spec: { replicas: 3 },
      },
    ],
  )
  assert.equal(
    api.requests.some((r) => r.subresource === 'eviction'),
    false,
  )
  await t.end()
})

test('an eviction carries its preconditions; of a pod that is gone it is done', async () => {
  const api = new FakeApi()
  api.seed(config('main'))
  const evict: Action = {
    verb: 'evict',
    ref: { namespace: 'ns', name: 'p' },
    preconditions: { uid: 'u' },
    gracePeriodSeconds: 5,
    reason: 'drain',
  }
  const t = await running(api, () => ({ actions: [evict] }))
  const sent = api.requests.find((r) => r.subresource === 'eviction')
  assert.deepEqual(sent?.body, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { namespace: 'ns', name: 'p' },
    deleteOptions: { preconditions: { uid: 'u' }, gracePeriodSeconds: 5 },
  })
  await t.clock.advance(1000)
  assert.equal(t.decisions.length, 1)
  await t.end()
})
