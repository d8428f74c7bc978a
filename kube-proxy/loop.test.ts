// The loop around the rules, with a kernel that only records.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Service } from '#api/core/service.ts'
import type { EndpointSlice } from '#api/discovery/endpoint-slice.ts'
import { createLogger } from '#component/logging.ts'
import { ProxyLoop } from './loop.ts'

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'shop', name: 'dns' },
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ports: [{ protocol: 'UDP', port: 53 }] },
  status: {},
}
const sliceOf = (ip: string): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'shop', name: 'dns-1', labels: { 'kubernetes.io/service-name': 'dns' } },
  addressType: 'IPv4',
  ports: [{ protocol: 'UDP', port: 53 }],
  endpoints: [{ addresses: [ip] }],
})

test('flows to an endpoint that went are deleted also where the first write of the rules failed', { timeout: 10_000 }, async () => {
  const deleted: string[] = []
  const restored = Promise.withResolvers<void>()
  const cleaned = Promise.withResolvers<void>()
  let failures = 0
  let slice = sliceOf('10.0.0.1')
  const loop = new ProxyLoop({
    services: { get: () => service, list: () => [], byIndex: () => [] },
    slices: { get: () => undefined, list: () => [], byIndex: () => [slice] },
    nodeName: 'n1',
    clusterCidr: '',
    masqueradeAll: false,
    syncPeriodMs: 60_000,
    minSyncPeriodMs: 0,
    kernel: {
      restore: () => (failures-- > 0 ? Promise.reject(new Error('the lock is taken')) : Promise.resolve()),
      ensureJumps: () => Promise.resolve(),
      chains: () => {
        restored.resolve()
        return Promise.resolve([])
      },
      has: () => Promise.resolve(true),
      deleteFlows: (argv) => {
        deleted.push(argv.join(' '))
        if (argv.includes('10.0.0.1')) cleaned.resolve()
        return Promise.resolve()
      },
    },
    log: createLogger({ name: 'test', verbosity: -1, format: 'text' }),
  })
  const stop = new AbortController()
  loop.touch('shop/dns')
  const ended = loop.run(stop.signal)
  await restored.promise
  failures = 1
  slice = sliceOf('10.0.0.2')
  loop.touch('shop/dns')
  await cleaned.promise
  assert.equal(failures, -1, 'one write failed, one did not')
  assert.ok(deleted.includes('-D --orig-dst 10.96.0.10 --dst-nat 10.0.0.1 -p udp'), deleted.join('\n'))
  stop.abort()
  await ended
})
