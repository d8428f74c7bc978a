// What becomes of addresses and ports that no service has.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Service, Services } from '#api/core/service.ts'
import { IPAddresses } from '#api/networking/ip-address.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { memoryCache, put, silentLog } from '#apiserver/cache/fixture.ts'
import { NodePorts } from './node-port.ts'
import { ServiceRepair } from './repair.ts'
import { serviceRange } from './service-range.ts'
import { ServiceAllocator } from './services.ts'

const of = (kind: unknown): Resource => kind as Resource
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'ns', name: 'web', uid: 'web' },
  spec: { type: 'NodePort', clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ports: [{ port: 80, nodePort: 30_001 }] },
  status: {},
} as Service
const gone = { ...service, metadata: { ...service.metadata, name: 'gone' } } as Service

test('a service gets what it has marked, what nobody has is freed, what others reserve is left alone', async () => {
  const nowMs = Date.parse('2026-01-01T01:00:00Z')
  let madeAtMs = nowMs - 3_600_000
  await using fixture = await memoryCache({ resources: [of(Services), of(IPAddresses), of(NodePorts)] })
  const { storage, store, cache } = fixture
  const allocator = new ServiceAllocator({
    store,
    cache,
    ranges: [serviceRange('10.0.0.0/24')],
    nodePorts: { from: 30_000, to: 30_100 },
    ids: { uid: () => 'uid', now: () => new Date(madeAtMs) },
    random: () => 0,
  })
  const reserve = (object: KubeObject): Promise<number> => put(storage, of(object.kind === 'IPAddress' ? IPAddresses : NodePorts), object)
  await put(storage, of(Services), service)
  await reserve(allocator.allocation(IPAddresses, gone, '10.0.0.2'))
  await reserve(allocator.allocation(NodePorts, gone, '30002'))
  const { labels: _, ...metadata } = allocator.allocation(IPAddresses, gone, '10.0.0.3').metadata
  const parentRef = { group: 'gateway.networking.k8s.io', resource: 'gateways', namespace: 'ns', name: 'edge' }
  await reserve({ ...allocator.allocation(IPAddresses, gone, '10.0.0.3'), metadata, spec: { parentRef } } as KubeObject)
  madeAtMs = nowMs - 1000
  await reserve(allocator.allocation(IPAddresses, gone, '10.0.0.4'))
  const repair = new ServiceRepair({
    store,
    allocator,
    ids: { now: () => new Date(nowMs) },
    log: { ...silentLog, debug: () => undefined } as never,
  })
  assert.deepEqual(await repair.once(), { made: 2, freed: 2 })
  await cache.fresh()
  const names = (kind: unknown): string[] =>
    cache
      .of(of(kind))
      .range()
      .map(({ name }) => name)
  assert.deepEqual(names(IPAddresses), ['10.0.0.1', '10.0.0.3', '10.0.0.4'])
  assert.deepEqual(names(NodePorts), ['30001'])
})
