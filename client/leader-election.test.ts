// Leader election on the fake API and clock: one leader, hand-over on release, take-over on silence, no writes past the deadline.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Leases } from '#api/coordination/lease.ts'
import { FakeApi } from './fake.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { LeaderElector, LeadershipLostError } from './leader-election.ts'
import { ConnectionError } from './transport.ts'

const ref = { namespace: 'kube-system', name: 'kcm' }

function candidate(api: FakeApi, clock: FakeClock, identity: string) {
  const stop = new AbortController()
  const elector = new LeaderElector(api.client(), { ...ref, identity, clock, random: () => 0 })
  let leads = 0
  const ended = elector.run(stop.signal, async (signal) => {
    leads++
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    leads--
  })
  const outcome = ended.then(
    () => 'ended',
    (error: Error) => error.name,
  )
  return { elector, stop, outcome, leads: () => leads }
}

test('one leads; released, the next one leads within its retry period', async () => {
  const [api, clock] = [new FakeApi(), new FakeClock()]
  const a = candidate(api, clock, 'a')
  await settle()
  const b = candidate(api, clock, 'b')
  await clock.advance(60_000)
  assert.deepEqual([a.leads(), b.leads(), a.elector.mayWrite(), b.elector.mayWrite()], [1, 0, true, false])
  assert.throws(() => b.elector.guard(), LeadershipLostError)
  a.stop.abort()
  await settle()
  assert.equal(await a.outcome, 'ended')
  await clock.advance(2100)
  assert.equal(b.leads(), 1)
  const lease = await api.client().get(Leases, ref)
  assert.deepEqual([lease.spec.holderIdentity, lease.spec.leaseTransitions, lease.spec.leaseDurationSeconds], ['b', 1, 15])
  b.stop.abort()
  await settle()
  assert.equal(await b.outcome, 'ended')
})

test('is released although the stop aborted a renewal that was written all the same', async () => {
  const [api, clock] = [new FakeApi(), new FakeClock()]
  const a = candidate(api, clock, 'a')
  await settle()
  const lease = await api.client().get(Leases, ref)
  await api.client().update(Leases, { ...lease, spec: { ...lease.spec, renewTime: '2026-01-01T00:00:07.000000Z' } })
  a.stop.abort()
  await settle()
  assert.equal(await a.outcome, 'ended')
  assert.equal((await api.client().get(Leases, ref)).spec.holderIdentity, '')
})

test('a silent leader may not write after 10 s and is followed after 15 s', async () => {
  const [api, clock] = [new FakeApi(), new FakeClock()]
  const a = candidate(api, clock, 'a')
  await settle()
  const b = candidate(api, clock, 'b')
  await clock.advance(4000)
  // a cannot reach the server any more, b can.
  api.addRule((request) => {
    const body = request.body as { spec?: { holderIdentity?: string } } | undefined
    if (request.method === 'PUT' && body?.spec?.holderIdentity === 'a') throw new ConnectionError('cut', 'ECONNRESET')
  })
  await clock.advance(8000)
  assert.deepEqual([a.elector.mayWrite(), b.leads()], [true, 0])
  await clock.advance(3000)
  assert.equal(a.elector.mayWrite(), false)
  assert.equal(await a.outcome, 'LeadershipLostError')
  assert.equal(b.leads(), 0)
  await clock.advance(8000)
  assert.equal(b.leads(), 1)
  b.stop.abort()
  await settle()
})

test('a process that stood still learns of its deadline before it writes', async () => {
  const [api, clock] = [new FakeApi(), new FakeClock()]
  const a = candidate(api, clock, 'a')
  await settle()
  assert.doesNotThrow(() => a.elector.guard())
  // Time passes without a turn of the event loop, as under SIGSTOP.
  const frozen = clock.advance(20_000)
  const standsStill = api.addRule(() => {
    throw new ConnectionError('stopped', 'ECONNRESET')
  })
  await frozen
  assert.throws(() => a.elector.guard(), LeadershipLostError)
  standsStill()
  a.stop.abort()
  await settle()
})

test('times that cannot work are refused', () => {
  const client = new FakeApi().client()
  assert.throws(() => new LeaderElector(client, { ...ref, identity: 'a', leaseDurationMs: 10_000 }), /leaseDuration must be greater/)
  assert.throws(() => new LeaderElector(client, { ...ref, identity: 'a', retryPeriodMs: 9_000 }), /renewDeadline must be greater/)
})
