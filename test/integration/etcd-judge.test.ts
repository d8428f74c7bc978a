// Our own client of etcd beside another one, the package etcd3: what one writes the other reads, and each sees the other's conflicts and changes.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Etcd3 } from 'etcd3'
import { EtcdStorage } from '#apiserver/storage/etcd.ts'
import { noEtcd, startEtcd, type TestEtcd } from '#test/harness/etcd.ts'

describe('etcd beside another client', { skip: noEtcd() }, () => {
  let etcd: TestEtcd
  let ours: EtcdStorage
  let judge: Etcd3
  before(async () => {
    etcd = await startEtcd()
    ours = new EtcdStorage({ endpoints: [etcd.endpoint] })
    judge = new Etcd3({ hosts: etcd.endpoint })
  })
  after(async () => {
    judge?.close()
    await ours?.close()
    await etcd?.[Symbol.asyncDispose]()
  })
  const key = '/registry/judge/a'
  /** Long enough for several frames, with bytes that are no text. */
  const value = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256))

  it('reads the bytes and the revision that we wrote', async () => {
    const { committed, revision } = await ours.commit([{ verb: 'put', key, value, expect: 'absent' }])
    assert.ok(committed)
    const { kvs } = await judge.get(key).exec()
    assert.equal(kvs.length, 1)
    assert.ok(kvs[0]?.value.equals(value))
    assert.equal(Number(kvs[0]?.mod_revision), revision)
    assert.equal(Number(kvs[0]?.version), 1)
  })

  it('is seen in our reads, and makes our writes conflict', async () => {
    const before = await ours.get(key)
    await judge.put(key).value('theirs')
    const now = await ours.get(key)
    assert.equal(now.item?.value.toString(), 'theirs')
    const outcome = await ours.commit([{ verb: 'put', key, value, expect: { revision: before.item?.revision ?? 0 } }])
    assert.deepEqual(outcome, { committed: false, current: [now.item], revision: now.revision })
    assert.equal(await judge.get(key).string(), 'theirs')
  })

  it('is told of our changes as we are of its', async () => {
    const theirs: string[] = []
    const watcher = await judge.watch().prefix('/registry/judge/').create()
    watcher.on('put', ({ key: changed, mod_revision: revision }) => theirs.push(`${changed} ${revision}`))
    const own: string[] = []
    const last = Promise.withResolvers<void>()
    await using _watch = await ours.watch('/registry/judge/', await ours.currentRevision(), (events) => {
      for (const { key: changed, revision } of events) own.push(`${changed} ${revision}`)
      if (events.some(({ key: changed }) => changed.endsWith('/last'))) last.resolve()
    })
    for (let i = 0; i < 20; i++) {
      if (i % 2 === 0) await ours.commit([{ verb: 'put', key: `/registry/judge/${i}`, value: Buffer.from('x'), expect: 'absent' }])
      else await judge.put(`/registry/judge/${i}`).value('x')
    }
    const done = new Promise<void>((resolve) => watcher.on('put', ({ key: changed }) => void (`${changed}`.endsWith('/last') && resolve())))
    await judge.put('/registry/judge/last').value('x')
    await Promise.all([last.promise, done])
    assert.equal(own.length, 21)
    assert.deepEqual(theirs, own)
    await watcher.cancel()
  })
})
