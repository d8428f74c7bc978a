import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Pods } from '#api/core/pod.ts'
import { parseFieldSelector } from '#api/meta/field-selector.ts'
import { parseSelector } from '#api/meta/label-selector.ts'
import { keyOf, refOf } from '#apiserver/storage/keys.ts'
import { entryFrom, shapeOf, storedBytesOf } from './entry.ts'
import { made, RecordingSink } from './fixture.ts'
import { storedForm } from './form.ts'
import { predicateOf } from './predicate.ts'
import { ResourceCache } from './resource-cache.ts'
import { WatchGroups } from './watch-groups.ts'
import type { SessionOptions, WatchSession } from './watch-session.ts'

const shape = shapeOf(Pods)
const form = storedForm(shape)

class Bench {
  readonly cache: ResourceCache
  readonly groups: WatchGroups
  revision = 0

  constructor(changes = 10_000) {
    this.cache = new ResourceCache(shape, 0, { history: { changes, bytes: 1e9 }, indexedFields: ['spec.nodeName'] })
    this.groups = new WatchGroups(this.cache, () => this.revision)
  }

  change(name: string, more: Parameters<typeof made>[2] | undefined): void {
    const object = made(Pods, name, { namespace: 'ns', ...more })
    const key = keyOf(Pods, refOf(object))
    this.revision++
    const entry = more && entryFrom(shape, { key, value: storedBytesOf(Pods, object), revision: this.revision })
    const change = this.cache.apply(key, entry, this.revision)
    if (change !== undefined) this.groups.dispatch(change)
    this.groups.flushSoon()
  }

  watch(
    select: { namespace?: string; labels?: string; fields?: string },
    options: Partial<SessionOptions> = {},
  ): { sink: RecordingSink; session: WatchSession } {
    const sink = new RecordingSink()
    const { namespace, labels = '', fields = '' } = select
    const predicate = predicateOf({ namespace, labels: parseSelector(labels), fields: parseFieldSelector(fields) }, this.cache.fieldReader)
    const defaults = { revision: this.revision, initial: [], bookmarks: false, marksInitialEnd: false, now: 0, random: () => 0.5 }
    return { sink, session: this.groups.open({ form, predicate }, { ...defaults, ...options, sink }) }
  }
}

describe('a watch', () => {
  it('sees objects enter and leave what it selects', async () => {
    const bench = new Bench()
    const watches = {
      labels: bench.watch({ labels: 'app=x' }),
      node: bench.watch({ fields: 'spec.nodeName=n1' }),
      notNode: bench.watch({ fields: 'spec.nodeName!=n1' }),
      other: bench.watch({ namespace: 'other' }),
      name: bench.watch({ namespace: 'ns', fields: 'metadata.name=a' }),
      all: bench.watch({}),
    }
    bench.change('a', { labels: { app: 'x' } })
    bench.change('a', { labels: { app: 'x' }, spec: { nodeName: 'n1' } })
    bench.change('a', { labels: { app: 'y' }, spec: { nodeName: 'n2' } })
    bench.change('b', { labels: { app: 'x' } })
    bench.change('a', undefined)
    await turn()
    const lines = Object.fromEntries(Object.entries(watches).map(([what, { sink }]) => [what, sink.lines]))
    assert.deepEqual(lines, {
      labels: ['ADDED a@1', 'MODIFIED a@2', 'DELETED a@3', 'ADDED b@4'],
      node: ['ADDED a@2', 'DELETED a@3'],
      notNode: ['ADDED a@1', 'DELETED a@2', 'ADDED a@3', 'ADDED b@4', 'DELETED a@5'],
      other: [],
      name: ['ADDED a@1', 'MODIFIED a@2', 'MODIFIED a@3', 'DELETED a@5'],
      all: ['ADDED a@1', 'MODIFIED a@2', 'MODIFIED a@3', 'ADDED b@4', 'DELETED a@5'],
    })
    // What left the selection is shown as it was when it was selected.
    assert.deepEqual(watches.labels.sink.events[2]?.object.metadata.labels, { app: 'x' })
  })

  it('gets several events in one write, and the same bytes as the others', async () => {
    const bench = new Bench()
    const sinks = Array.from({ length: 5 }, () => bench.watch({ labels: 'app' }).sink)
    for (let n = 0; n < 20; n++) bench.change(`p${n}`, { labels: { app: 'x' } })
    await turn()
    assert.deepEqual(
      sinks.map((sink) => [sink.writes, sink.lines.length]),
      Array(5).fill([1, 20]),
    )
    assert.equal(new Set(sinks.map((sink) => sink.text)).size, 1)
  })

  it('resumes after any revision that is known', async () => {
    const bench = new Bench(50)
    for (let n = 1; n <= 60; n++) bench.change('p', { labels: { n: `${n}` } })
    assert.deepEqual(bench.watch({}, { revision: 57 }).sink.lines, ['MODIFIED p@58', 'MODIFIED p@59', 'MODIFIED p@60'])
    assert.equal(bench.watch({}, { revision: 10 }).sink.lines.length, 50)
    const { sink, session } = bench.watch({}, { revision: 9 })
    await session.ended
    assert.deepEqual(sink.events[0], {
      type: 'ERROR',
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'too old resource version: 9 (10)',
        reason: 'Expired',
        code: 410,
      },
    })
    assert.equal(sink.isEnded, true)
  })

  it('joins without losing or doubling what waits to be flushed', async () => {
    const bench = new Bench()
    const early = bench.watch({})
    bench.change('a', {})
    const late = bench.watch({}, { revision: 0 })
    bench.change('b', {})
    await turn()
    assert.deepEqual(early.sink.lines, ['ADDED a@1', 'ADDED b@2'])
    assert.deepEqual(late.sink.lines, ['ADDED a@1', 'ADDED b@2'])
  })

  it('sends the state first, then its end, then what came since', async () => {
    const bench = new Bench()
    for (let n = 0; n < 300; n++) bench.change(`p${String(n).padStart(3, '0')}`, { labels: { fill: 'x'.repeat(40) } })
    const initial = bench.cache.range()
    const sink = new RecordingSink()
    sink.isStuck = true
    const predicate = predicateOf({ labels: [], fields: [] }, bench.cache.fieldReader)
    bench.groups.open(
      { form, predicate },
      { sink, revision: bench.revision, initial, bookmarks: true, marksInitialEnd: true, now: 0, random: () => 0.5 },
    )
    assert.ok(sink.lines.length < 300, 'a client that does not read is not sent everything')
    bench.change('p000', { labels: { late: 'yes' } })
    await turn()
    sink.drain()
    assert.equal(sink.lines.length, 302)
    assert.deepEqual(sink.lines.slice(299), ['ADDED p299@300', 'BOOKMARK @300', 'MODIFIED p000@301'])
    assert.deepEqual(sink.events[300]?.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' })
  })
})

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'the condition does not come true')
    await turn()
  }
}

describe('a sending that takes long', () => {
  /** Each write takes 3 ms. */
  class SlowSink extends RecordingSink {
    override write(chunk: Buffer): boolean {
      const end = performance.now() + 3
      while (performance.now() < end);
      return super.write(chunk)
    }
  }

  it('lets others have their turn, and loses, doubles and disorders nothing', async () => {
    const bench = new Bench()
    const sinks = Array.from({ length: 20 }, () => new SlowSink())
    const predicate = predicateOf({ labels: [], fields: [] }, bench.cache.fieldReader)
    const options = { revision: 0, initial: [], bookmarks: true, marksInitialEnd: false, now: 0, random: () => 0.5 }
    const sessions = sinks.map((sink) => bench.groups.open({ form, predicate }, { ...options, sink }))
    const served = (): number => sinks.filter((sink) => sink.writes > 0).length
    bench.change('a', {})
    await until(() => served() > 0)
    assert.ok(served() < 20, 'the turn of the event loop came before all had it')
    bench.change('b', {})
    sinks[19]?.close()
    sessions[18]?.end(undefined)
    assert.deepEqual(sinks[18]?.lines, ['ADDED a@1', 'ADDED b@2', 'BOOKMARK @2'])
    const late = bench.watch({}, { revision: 1 }).sink
    bench.change('c', {})
    await until(() => sinks[17]?.lines.length === 3 && late.lines.length === 2)
    for (const sink of sinks.slice(0, 18)) assert.deepEqual(sink.lines, ['ADDED a@1', 'ADDED b@2', 'ADDED c@3'])
    assert.deepEqual([sinks[19]?.lines.length, late.lines], [0, ['ADDED b@2', 'ADDED c@3']])
  })

  it('is followed by another for what came meanwhile', async () => {
    const bench = new Bench()
    const sinks = Array.from({ length: 10 }, () => new SlowSink())
    const predicate = predicateOf({ labels: [], fields: [] }, bench.cache.fieldReader)
    const options = { revision: 0, initial: [], bookmarks: false, marksInitialEnd: false, now: 0, random: () => 0.5 }
    for (const sink of sinks) bench.groups.open({ form, predicate }, { ...options, sink })
    bench.change('a', {})
    await until(() => sinks.some((sink) => sink.writes > 0))
    bench.change('b', {})
    await until(() => sinks.every((sink) => sink.lines.length === 2))
  })
})

describe('a slow watcher', () => {
  it('costs a bounded number of bytes and loses nothing', async () => {
    const bench = new Bench()
    const { sink } = bench.watch({})
    const fast = bench.watch({}).sink
    sink.isStuck = true
    const fill = 'x'.repeat(60)
    for (let n = 0; n < 200; n++) {
      for (let i = 0; i < 20; i++) bench.change(`p${i}`, { labels: { fill, n: `${n}` } })
      await turn()
    }
    // What may wait, and the sending that went over it: how much that is hangs on the time between two.
    const most = (512 + 128 + 1) * 1024
    assert.ok(sink.pendingBytes() < most, `${sink.pendingBytes()} bytes wait`)
    assert.equal(bench.groups.lagged, 1)
    // events that come close together are written together, some moments later
    await until(() => fast.lines.length === 4000)
    sink.drain()
    assert.deepEqual(sink.lines, fast.lines)
    bench.change('p1', { labels: { fill } })
    await until(() => fast.lines.length === 4001 && sink.lines.length === 4001)
    assert.deepEqual(sink.lines.at(-1), fast.lines.at(-1))
  })

  it('is told that it is too late when the history does not reach back', async () => {
    const bench = new Bench(100)
    const { sink, session } = bench.watch({})
    sink.isStuck = true
    for (let n = 0; n < 3000; n++) {
      bench.change('p', { labels: { fill: 'x'.repeat(60), n: `${n}` } })
      if (n % 10 === 0) await turn()
    }
    await turn()
    sink.drain()
    await session.ended
    assert.match(sink.lines.at(-1) ?? '', /^ERROR/)
    const versions = sink.events.slice(0, -1).map(({ object }) => Number(object.metadata.resourceVersion))
    assert.deepEqual(
      versions,
      versions.map((_, i) => i + 1),
    )
  })
})

describe('bookmarks', () => {
  it('come about every minute and at the end, with the newest revision', async () => {
    const bench = new Bench()
    const { sink, session } = bench.watch({ labels: 'app=none' }, { bookmarks: true })
    bench.change('a', {})
    await turn()
    bench.groups.tick(1000)
    assert.deepEqual(sink.lines, [])
    bench.groups.tick(60_000)
    assert.deepEqual(sink.lines, ['BOOKMARK @1'])
    bench.groups.tick(61_000)
    bench.change('b', {})
    session.end(undefined)
    assert.deepEqual(sink.lines, ['BOOKMARK @1', 'BOOKMARK @2'])
    assert.equal(sink.isEnded, true)
  })

  it('never overtake an event', async () => {
    const bench = new Bench()
    const { sink } = bench.watch({}, { bookmarks: true })
    bench.change('a', {})
    bench.groups.tick(60_000)
    assert.deepEqual(sink.lines, ['ADDED a@1', 'BOOKMARK @1'])
  })
})

it('an object that cannot be shown ends the watches of its form, and only those', async () => {
  const bench = new Bench()
  const good = bench.watch({})
  const sink = new RecordingSink()
  const broken = { ...form, id: 'broken', body: () => assert.fail('not to be shown') }
  const predicate = predicateOf({ labels: [], fields: [] }, bench.cache.fieldReader)
  const options = { sink, revision: 0, initial: [], bookmarks: false, marksInitialEnd: false, now: 0, random: () => 0.5 }
  bench.groups.open({ form: broken, predicate }, options)
  bench.change('a', {})
  await turn()
  assert.deepEqual([sink.isEnded, sink.events[0]?.type, good.sink.lines], [true, 'ERROR', ['ADDED a@1']])
  const late = new RecordingSink()
  bench.groups.open({ form: broken, predicate }, { ...options, sink: late })
  assert.deepEqual([late.isEnded, late.events[0]?.type], [true, 'ERROR'])
})

it('groups are forgotten with their last watcher', () => {
  const bench = new Bench()
  const sinks = [{}, { namespace: 'ns' }, { fields: 'spec.nodeName=n1' }, { namespace: 'ns', fields: 'metadata.name=a' }].map(
    (select) => bench.watch(select).sink,
  )
  assert.equal(bench.groups.size, 4)
  for (const sink of sinks) sink.close()
  assert.equal(bench.groups.size, 0)
  bench.change('a', { spec: { nodeName: 'n1' } })
  assert.deepEqual(
    sinks.map((sink) => sink.writes),
    [0, 0, 0, 0],
  )
})

it('the first event after a calm goes out before its writer goes on; what comes together shares a write', async () => {
  const bench = new Bench()
  const { sink } = bench.watch({})
  bench.change('a', {})
  await Promise.resolve()
  assert.deepEqual(sink.lines, ['ADDED a@1'])
  await turn()
  bench.change('b', {})
  bench.change('c', {})
  await turn()
  assert.deepEqual([sink.writes, sink.lines], [2, ['ADDED a@1', 'ADDED b@2', 'ADDED c@3']])
})
