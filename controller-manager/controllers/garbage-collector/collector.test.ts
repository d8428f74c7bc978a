// The garbage collector at work, on an API in memory.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigMaps } from '#api/core/config-map.ts'
import { notFoundError } from '#api/meta/status.ts'
import type { KubeObject } from '#api/resource.ts'
import type { DiscoveredResource } from '#client/discovery.ts'
import { FakeApi } from '#client/fake.ts'
import { FakeClock } from '#client/fake-clock.ts'
import { GarbageCollector } from './collector.ts'

const maps: DiscoveredResource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
  singular: 'configmap',
  shortNames: [],
  categories: [],
  verbs: ['delete', 'get', 'list', 'patch', 'watch'],
  subresources: [],
  preferred: true,
}
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

function map(name: string, owners: readonly KubeObject[] = []): KubeObject {
  const ownerReferences = owners.map(({ metadata }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
  }))
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ns', name, ...(owners.length > 0 ? { ownerReferences } : {}) } }
}

test('what the server does not find again and again is asked for ever less often', { timeout: 20_000 }, async () => {
  const api = new FakeApi()
  const clock = new FakeClock()
  api.seed(map('stays'))
  const stays = api.store.get({ ...ConfigMaps, namespace: 'ns' }, 'stays')
  api.seed(map('child', [stays, { ...map('gone'), metadata: { namespace: 'ns', name: 'gone', uid: 'gone' } }]))
  const isPatch = ({ method }: { method: string }): boolean => method === 'PATCH'
  const lift = api.addRule((request) => {
    if (isPatch(request)) throw notFoundError(ConfigMaps, 'child')
  })
  const collector = new GarbageCollector({
    client: api.client(),
    discovery: () => Promise.resolve({ resources: [maps], failures: [] }),
    log: quiet,
    onError: (_, error) => assert.fail(String(error)),
    workers: 1,
    syncPeriodMs: 30_000,
    clock,
  })
  const stop = new AbortController()
  const ended = collector.run(stop.signal)
  await clock.advance(60_000)
  const asked = api.requests.filter(isPatch).length
  assert.ok(asked >= 3 && asked <= 12, `${asked} times in a minute`)
  lift()
  await clock.advance(60_000)
  const owners = api.store.get({ ...ConfigMaps, namespace: 'ns' }, 'child').metadata.ownerReferences
  assert.deepEqual(
    owners?.map(({ name }) => name),
    ['stays'],
  )
  stop.abort()
  await ended
  api.close()
})
