// Informers over the fake API: what handlers and indexes see, through relists, broken watches and expired versions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigMap, ConfigMaps } from '#api/core/config-map.ts'
import { ApiError } from '#api/meta/status.ts'
import { FakeApi } from './fake.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { Informer } from './informer.ts'
import { ConnectionError } from './transport.ts'

const config = (name: string, color: string, namespace = 'ns'): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels: { color } },
})

async function started(api: FakeApi, errors: unknown[] = []) {
  const clock = new FakeClock()
  const seen: string[] = []
  const informer = new Informer(api.client(), ConfigMaps, {
    indexes: { color: (o) => [o.metadata.labels?.['color'] ?? ''] },
    clock,
    random: () => 0,
    onError: (error) => errors.push(error),
  })
  const text = (o: ConfigMap | undefined): string => (o ? `${o.metadata.name}:${o.metadata.labels?.['color']}` : '-')
  informer.onChange((now, was) => seen.push(`${text(was)}>${text(now)}`))
  const stop = new AbortController()
  const running = informer.run(stop.signal)
  await settle()
  const end = async (): Promise<void> => {
    stop.abort()
    await running
  }
  return { informer, seen, clock, end }
}

test('adds, updates and deletes reach store, indexes and handlers', async () => {
  const api = new FakeApi()
  api.seed(config('a', 'red'))
  const { informer, seen, end } = await started(api)
  await informer.synced
  const client = api.client()
  const b = await client.create(ConfigMaps, config('b', 'red'))
  await client.update(ConfigMaps, { ...b, metadata: { ...b.metadata, labels: { color: 'blue' } } })
  await client.delete(ConfigMaps, { namespace: 'ns', name: 'a' })
  await settle()
  assert.deepEqual(seen, ['->a:red', '->b:red', 'b:red>b:blue', 'a:red>-'])
  assert.deepEqual(informer.byIndex('color', 'red'), [])
  assert.equal(informer.byIndex('color', 'blue')[0]?.metadata.name, 'b')
  assert.equal(informer.resourceVersion, String(api.store.revision))
  assert.throws(() => Object.assign(informer.get('ns/b')?.metadata ?? {}, { name: 'x' }), TypeError)
  await end()
})

test('a watch that ends is resumed without a second list', async () => {
  const api = new FakeApi()
  const { seen, end, clock } = await started(api)
  api.endWatches()
  await api.client().create(ConfigMaps, config('a', 'red'))
  await clock.advance(2000)
  assert.deepEqual(seen, ['->a:red'])
  assert.equal(api.requests.filter((r) => r.method === 'GET').length, 1)
  await end()
})

test('an expired version lists again: gone objects are deleted, recreated ones are two objects', async () => {
  const api = new FakeApi()
  api.seed(config('stays', 'red'), config('goes', 'red'), config('again', 'red'))
  const { seen, end, clock } = await started(api)
  const client = api.client()
  seen.length = 0
  const unreachable = api.addRule(() => {
    throw new ConnectionError('down', 'ECONNREFUSED')
  })
  api.endWatches()
  await clock.advance(60_000)
  unreachable()
  await client.delete(ConfigMaps, { namespace: 'ns', name: 'goes' })
  await client.delete(ConfigMaps, { namespace: 'ns', name: 'again' })
  await client.create(ConfigMaps, config('again', 'blue'))
  api.store.compact()
  await clock.advance(2500)
  assert.deepEqual(seen.sort(), ['->again:blue', 'again:red>-', 'goes:red>-'])
  await end()
})

test('failures back off and never end the informer', async () => {
  const api = new FakeApi()
  api.seed(config('a', 'red'))
  let failures = 0
  const stopFailing = api.addRule(() => {
    failures++
    throw failures <= 7 ? new ConnectionError('down', 'ECONNREFUSED') : new ApiError(500, 'InternalError', 'boom')
  })
  const errors: unknown[] = []
  const { informer, clock, end } = await started(api, errors)
  await clock.advance(20_000)
  // Unreachable for 4 s (0.1, 0.2, … 1.6, 2 s between attempts), then refused (0.8, 1.6, 3.2, 6.4, 12.8 s): counted apart.
  assert.deepEqual([failures, errors.length], [12, 12])
  assert.equal(informer.isSynced, false)
  stopFailing()
  await clock.advance(60_000)
  await informer.synced
  assert.equal(informer.list().length, 1)
  await end()
})
