// Events: naming, counting, aggregation, the spam filter, and what happens when the server is away.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CoreEvents } from '#api/core/event.ts'
import { ApiError } from '#api/meta/status.ts'
import { EventRecorder } from './events.ts'
import { FakeApi } from './fake.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { ConnectionError } from './transport.ts'

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'ns', name: 'p', uid: 'u1', resourceVersion: '7' } }

function recording(delayMs = 0) {
  const clock = new FakeClock('2026-01-01T00:00:00Z')
  const api = new FakeApi({ now: clock.now })
  const dropped: unknown[] = []
  const recorder = new EventRecorder(api.client(), {
    component: 'kubelet',
    host: 'n1',
    now: clock.now,
    clock,
    delayMs,
    onError: (error) => dropped.push(error),
  })
  const stored = async () => (await api.client().list(CoreEvents)).items
  return { clock, api, recorder, dropped, stored }
}

test('an event carries what describe looks for', async () => {
  const { recorder, stored } = recording()
  recorder.event(pod, { type: 'Warning', reason: 'BackOff', message: 'again', fieldPath: 'spec.containers{c}' })
  await recorder.flushed()
  const [event] = await stored()
  assert.match(event?.metadata.name ?? '', /^p\.[0-9a-f]{16}$/)
  assert.deepEqual(event?.involvedObject, {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'ns',
    name: 'p',
    uid: 'u1',
    resourceVersion: '7',
    fieldPath: 'spec.containers{c}',
  })
  assert.deepEqual(
    [event?.source, event?.reportingComponent, event?.reportingInstance, event?.count, event?.firstTimestamp],
    [{ component: 'kubelet', host: 'n1' }, 'kubelet', 'n1', 1, '2026-01-01T00:00:00Z'],
  )
})

test('recorders that write of one object in the same millisecond lose nothing', async () => {
  const { recorder, api, clock, stored } = recording()
  const others = ['default-scheduler', 'replicaset-controller'].map(
    (component) => new EventRecorder(api.client(), { component, now: clock.now }),
  )
  const all = [recorder, ...others]
  for (const each of all) for (const reason of ['A', 'B']) each.event(pod, { type: 'Normal', reason, message: 'm' })
  await Promise.all(all.map((each) => each.flushed()))
  assert.equal((await stored()).length, 6)
})

test('events about cluster-scoped objects are in default', async () => {
  const { recorder, stored } = recording()
  recorder.event({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, { type: 'Normal', reason: 'R', message: 'm' })
  await recorder.flushed()
  assert.equal((await stored())[0]?.metadata.namespace, 'default')
})

test('the same again is counted', async () => {
  const { recorder, clock, stored } = recording()
  for (let i = 0; i < 3; i++) {
    recorder.event(pod, { type: 'Normal', reason: 'Pulled', message: 'same' })
    await recorder.flushed()
    await clock.advance(1000)
  }
  const events = await stored()
  assert.equal(events.length, 1)
  assert.deepEqual(
    [events[0]?.count, events[0]?.firstTimestamp, events[0]?.lastTimestamp],
    [3, '2026-01-01T00:00:00Z', '2026-01-01T00:00:02Z'],
  )
})

test('the tenth that differs only in its message becomes an aggregate', async () => {
  const { recorder, stored } = recording()
  for (let i = 1; i <= 12; i++) recorder.event(pod, { type: 'Normal', reason: 'Scaled', message: `to ${i}` })
  await recorder.flushed()
  const events = await stored()
  assert.equal(events.length, 10)
  const combined = events.filter((e) => e.message?.startsWith('(combined from similar events): '))
  assert.deepEqual(
    combined.map((e) => [e.message, e.count]),
    [['(combined from similar events): to 12', 3]],
  )
})

test('a source that says too much about one object is silenced for a while', async () => {
  const { recorder, clock, stored } = recording()
  for (let i = 1; i <= 30; i++) recorder.event(pod, { type: 'Normal', reason: `R${i}`, message: 'm' })
  await recorder.flushed()
  assert.equal((await stored()).length, 25)
  await clock.advance(300_000)
  for (let i = 31; i <= 33; i++) recorder.event(pod, { type: 'Normal', reason: `R${i}`, message: 'm' })
  await recorder.flushed()
  assert.equal((await stored()).length, 26)
})

test('an event that has expired is written anew with its count', async () => {
  const { recorder, api, stored } = recording()
  recorder.event(pod, { type: 'Normal', reason: 'R', message: 'm' })
  await recorder.flushed()
  await api.client().deleteCollection(CoreEvents, { namespace: 'ns' })
  recorder.event(pod, { type: 'Normal', reason: 'R', message: 'm' })
  await recorder.flushed()
  assert.deepEqual(
    (await stored()).map((e) => e.count),
    [2],
  )
})

test('a server that is away is waited for, a refusal is final', async () => {
  const { recorder, api, clock, dropped, stored } = recording()
  const away = api.addRule(() => {
    throw new ConnectionError('down', 'ECONNREFUSED')
  })
  recorder.event(pod, { type: 'Normal', reason: 'R', message: 'm' })
  await settle()
  away()
  await clock.advance(10_000)
  await recorder.flushed()
  assert.equal((await stored()).length, 1)
  api.addRule((request) => {
    if (request.method === 'POST') throw new ApiError(403, 'Forbidden', 'no')
  })
  recorder.event(pod, { type: 'Normal', reason: 'Other', message: 'm' })
  await recorder.flushed()
  assert.equal(dropped.length, 1)
})

test('a burst is over before its events are written, and yet none waits for ever', async () => {
  const { recorder, clock, stored } = recording(200)
  const tell = (i: number): void => recorder.event(pod, { type: 'Normal', reason: `R${i}`, message: 'm' })
  tell(0)
  await clock.advance(150)
  tell(1)
  await clock.advance(150)
  assert.equal((await stored()).length, 0)
  await clock.advance(200)
  assert.equal((await stored()).length, 2)
  for (let i = 2; i < 62; i++) {
    tell(i % 20)
    await clock.advance(180)
  }
  assert.ok((await stored()).length > 2)
})

test('who asks for what is left waits for no calm', async () => {
  const { recorder, stored } = recording(200)
  recorder.event(pod, { type: 'Normal', reason: 'R', message: 'm' })
  await recorder.flushed()
  assert.equal((await stored()).length, 1)
})
