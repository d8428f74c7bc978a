import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Service, ServiceSpec } from '#api/core/service.ts'
import { pickFree, staticBand } from './pool.ts'
import { fillFamilies, normalizeClusterIps } from './service-families.ts'
import { serviceRange } from './service-range.ts'
import { heldBy, keepAllocated } from './service-values.ts'

const service = (spec: ServiceSpec): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec, status: {} })

describe('ranges', () => {
  test('IPv4', () => {
    const range = serviceRange('10.96.0.0/16')
    assert.deepEqual(
      [range.family, range.size, range.band, range.at(0), range.at(255), range.at(65533)],
      ['IPv4', 65534, 256, '10.96.0.1', '10.96.1.0', '10.96.255.254'],
    )
    for (const [address, inside] of [
      ['10.96.0.1', true],
      ['10.96.0.0', false],
      ['10.96.255.255', false],
      ['10.97.0.1', false],
      ['fd00::1', false],
    ] as const)
      assert.equal(range.contains(address), inside, address)
  })
  test('small and IPv6', () => {
    assert.equal(serviceRange('10.0.0.0/30').size, 2)
    const six = serviceRange('fd00:10::/112')
    assert.deepEqual([six.family, six.size, six.at(0)], ['IPv6', 65535, 'fd00:10::1'])
    assert.throws(() => serviceRange('nonsense'))
  })
  test('lower bands are upstream’s', () => {
    assert.deepEqual(
      [65534, 254, 14].map((n) => staticBand(n, 'addresses')),
      [256, 16, 0],
    )
    assert.equal(staticBand(2768, 'ports'), 86)
  })
})

describe('picking', () => {
  const random = (): number => 0.999
  test('the upper band first, the lower one when that is full', () => {
    const taken = new Set<number>()
    const pick = (): number | undefined => pickFree({ size: 6, band: 2, random, isFree: (i) => !taken.has(i) })
    const order: number[] = []
    for (let i = pick(); i !== undefined; i = pick()) {
      taken.add(i)
      order.push(i)
    }
    assert.deepEqual(
      order.slice(0, 4).every((i) => i >= 2),
      true,
    )
    assert.deepEqual([...order].sort(), [0, 1, 2, 3, 4, 5])
  })
})

describe('families', () => {
  const filled = (spec: ServiceSpec, configured: readonly ('IPv4' | 'IPv6')[] = ['IPv4'], prev?: ServiceSpec): string => {
    const next = service(spec)
    normalizeClusterIps(next.spec, prev)
    const errors = fillFamilies(next, prev && service(prev), configured)
    return errors.length > 0
      ? errors.map((e) => `${e.field}: ${e.message}`).join()
      : `${next.spec.ipFamilyPolicy} ${next.spec.ipFamilies?.join()}`
  }
  const table: readonly [string, string, string][] = [
    ['plain', filled({ type: 'ClusterIP' }), 'SingleStack IPv4'],
    ['headless without selector', filled({ type: 'ClusterIP', clusterIP: 'None' }), 'RequireDualStack IPv4,IPv6'],
    ['prefer on one stack', filled({ type: 'ClusterIP', ipFamilyPolicy: 'PreferDualStack' }), 'PreferDualStack IPv4'],
    [
      'prefer on two stacks',
      filled({ type: 'ClusterIP', ipFamilyPolicy: 'PreferDualStack' }, ['IPv6', 'IPv4']),
      'PreferDualStack IPv6,IPv4',
    ],
    ['family of the address', filled({ type: 'ClusterIP', clusterIP: 'fd00::1' }, ['IPv4', 'IPv6']), 'SingleStack IPv6'],
    [
      'require on one stack',
      filled({ type: 'ClusterIP', ipFamilyPolicy: 'RequireDualStack' }),
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
    [
      'a family that is not there',
      filled({ type: 'ClusterIP', ipFamilies: ['IPv6'] }),
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    ],
    ['an external name has none', filled({ type: 'ExternalName' }), 'undefined undefined'],
  ]
  for (const [name, got, wanted] of table) test(name, () => assert.equal(got, wanted))

  test('one address of two is let go by SingleStack', () => {
    const prev: ServiceSpec = {
      type: 'ClusterIP',
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1', 'fd00::1'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'PreferDualStack',
    }
    const next = service({ ...structuredClone(prev), ipFamilyPolicy: 'SingleStack' })
    assert.deepEqual(fillFamilies(next, service(prev), ['IPv4', 'IPv6']), [])
    assert.deepEqual([next.spec.clusterIPs, next.spec.ipFamilies], [['10.0.0.1'], ['IPv4']])
  })
})

describe('what a service holds', () => {
  test('addresses and ports, each once', () => {
    const ports = [
      { name: 'a', port: 80, nodePort: 30001, protocol: 'TCP' },
      { name: 'b', port: 80, nodePort: 30001, protocol: 'UDP' },
    ]
    assert.deepEqual(heldBy(service({ type: 'NodePort', clusterIPs: ['10.0.0.1'], ports })), { addresses: ['10.0.0.1'], ports: [30001] })
    assert.deepEqual(heldBy(service({ type: 'ClusterIP', clusterIPs: ['None'], ports: [{ port: 1 }] })), { addresses: [], ports: [] })
    assert.deepEqual(heldBy(service({ type: 'ExternalName', clusterIPs: ['10.0.0.1'] })), { addresses: [], ports: [] })
    assert.deepEqual(heldBy(undefined), { addresses: [], ports: [] })
  })
  test('a manifest that does not name them keeps them', () => {
    const prev: ServiceSpec = {
      type: 'NodePort',
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1'],
      ports: [{ name: 'a', port: 80, nodePort: 30001 }],
    }
    const next: ServiceSpec = {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 81 },
        { name: 'b', port: 82 },
      ],
    }
    keepAllocated(next, prev)
    assert.deepEqual([next.clusterIP, next.clusterIPs, next.ports?.map((p) => p.nodePort)], ['10.0.0.1', ['10.0.0.1'], [30001, undefined]])
  })
})
