// Endpoints and EndpointSlices: services and pods in the world → slices written, with as few changes as possible.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoints } from '#api/core/endpoints.ts'
import type { Pod } from '#api/core/pod.ts'
import type { Endpoint, EndpointSlice } from '#api/discovery/endpoint-slice.ts'
import { controllerReference } from '#api/meta/owner.ts'
import type { KubeObject } from '#api/resource.ts'
import { worldOf } from '#client/runner/world.ts'
import { actionOf, lines, node, pod, service, text } from '#controller-manager/controllers/test-objects.ts'
import { endpointSliceController, reconcileEndpointSlices } from './endpoint-slice.ts'
import { endpointSliceMirroringController, reconcileMirror } from './endpoint-slice-mirroring.ts'
import { endpointsController, ownEndpoints, reconcileEndpoints } from './endpoints.ts'
import { packSlices } from './pack-slices.ts'

const nodes = [node('n1', 'True', { metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z1' } } })]
const web = (i: number, options: Parameters<typeof pod>[1] = {}): Pod => pod(`p${i}`, { node: 'n1', ip: `10.0.0.${i}`, ...options })
const plan = (objects: readonly KubeObject[], max = 100) =>
  reconcileEndpointSlices('ns/web', worldOf(endpointSliceController(100).watches, [...nodes, ...objects]), max)
const sliceLabels = { 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' }

function slice(name: string, endpoints: Endpoint[], more: Partial<EndpointSlice> = {}): EndpointSlice {
  const owner = { ...service('web'), apiVersion: 'v1' }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'ns', name, labels: sliceLabels, ownerReferences: [controllerReference(owner)], uid: `uid-${name}` },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints,
    ...more,
  }
}
const endpointOf = (p: Pod): Endpoint => {
  const created = actionOf(plan([service('web'), p]), 'create').object as unknown as EndpointSlice
  return created.endpoints[0] as Endpoint
}

test('a service without pods has one empty slice, once', () => {
  const p = plan([service('web')])
  assert.deepEqual(lines(p), ['create endpointslices ns/ (endpoints without a slice)'])
  const { endpoints, ports, metadata } = actionOf(p, 'create').object as unknown as EndpointSlice
  assert.deepEqual([endpoints, ports, metadata.annotations], [[], [], { 'endpoints.kubernetes.io/last-change-trigger-time': text(1) }])
  assert.deepEqual(lines(plan([service('web'), slice('s', [], { ports: [] })])), [])
})

test('an endpoint tells address, node, zone, pod and conditions', () => {
  assert.deepEqual(endpointOf(web(1)), {
    addresses: ['10.0.0.1'],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: 'n1',
    zone: 'z1',
    targetRef: { kind: 'Pod', namespace: 'ns', name: 'p1', uid: 'uid-p1' },
  })
})

const conditions: [story: string, options: Parameters<typeof pod>[1], publish: boolean, expect: [boolean, boolean, boolean]][] = [
  ['not ready', { ready: false }, false, [false, false, false]],
  ['ready and terminating', { deleting: true }, false, [false, true, true]],
  ['not ready but published', { ready: false }, true, [true, false, false]],
]
for (const [story, options, publishNotReadyAddresses, expect] of conditions) {
  test(`conditions: ${story}`, () => {
    const p = plan([service('web', { publishNotReadyAddresses }), web(1, options)])
    const { ready, serving, terminating } = (actionOf(p, 'create').object as unknown as EndpointSlice).endpoints[0]?.conditions ?? {}
    assert.deepEqual([ready, serving, terminating], expect)
  })
}

const left: [story: string, other: Pod][] = [
  ['no address yet', pod('x', { node: 'n1' })],
  ['it has ended', web(2, { phase: 'Succeeded' })],
  ['its node is not known', pod('x', { node: 'gone', ip: '10.0.0.9' })],
  ['another selector', web(2, { labels: { app: 'other' } })],
]
for (const [story, other] of left) {
  test(`left out: ${story}`, () => {
    const p = plan([service('web'), web(1), other])
    assert.equal((actionOf(p, 'create').object as unknown as EndpointSlice).endpoints.length, 1)
  })
}

test('named ports are looked up in each pod: different numbers live in different slices', () => {
  const named = (i: number, port: number): Pod =>
    web(i, { spec: { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: port }] }] } })
  const p = plan([
    service('web', { ports: [{ name: 'web', port: 80, targetPort: 'http' }] }),
    named(1, 8080),
    named(2, 9090),
    named(3, 8080),
  ])
  const made = p.actions.map((a) => ('object' in a ? (a.object as unknown as EndpointSlice) : undefined))
  assert.deepEqual(
    made.map((s) => [s?.ports?.[0]?.port, s?.endpoints.length]),
    [
      [8080, 2],
      [9090, 1],
    ],
  )
})

test('headless and labelled services say so', () => {
  const headless = service('web', { clusterIP: 'None' })
  headless.metadata.labels = { team: 'a', 'kubernetes.io/service-name': 'lie' }
  const { metadata } = actionOf(plan([headless, web(1)]), 'create').object
  assert.deepEqual(metadata.labels, { team: 'a', 'service.kubernetes.io/headless': '', ...sliceLabels })
})

test('nothing is written where all is said', () => {
  assert.deepEqual(lines(plan([service('web'), web(1), slice('s', [endpointOf(web(1))])])), [])
})

test('one change is one update, with the time of the change', () => {
  const before = endpointOf(web(1))
  const p = plan([service('web'), web(1, { ready: false, readySince: 42 }), slice('s', [before])])
  assert.deepEqual(lines(p), ['update endpointslices ns/s (endpoints changed)'])
  assert.equal(actionOf(p, 'update').object.metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time'], text(42))
})

test('the last endpoint that goes leaves an empty slice in place of its own', () => {
  const p = plan([service('web'), slice('s', [endpointOf(web(1))])])
  assert.deepEqual(lines(p), ['update endpointslices ns/s (endpoints changed)'])
  const { endpoints, ports } = actionOf(p, 'update').object as EndpointSlice
  assert.deepEqual([endpoints, ports], [[], []])
})

test('slices of another owner or family are deleted', () => {
  const foreign = slice('old', [], { metadata: { namespace: 'ns', name: 'old', labels: sliceLabels, uid: 'o' } })
  const six = slice('six', [], { addressType: 'IPv6' })
  assert.deepEqual(lines(plan([service('web'), web(1), slice('s', [endpointOf(web(1))]), foreign, six])), [
    'delete endpointslices ns/old (no endpoints left for it)',
    'delete endpointslices ns/six (address type is not the service’s)',
  ])
})

test('services without a selector and mere names are not ours', () => {
  assert.deepEqual(lines(plan([service('web', { selector: {} })])), [])
  assert.deepEqual(lines(plan([service('web', { type: 'ExternalName' })])), [])
})

test('near traffic is hinted at where it is asked for', () => {
  const hints = (trafficDistribution: string) =>
    (actionOf(plan([service('web', { trafficDistribution }), web(1)]), 'create').object as unknown as EndpointSlice).endpoints[0]?.hints
  assert.deepEqual(hints('PreferSameZone'), { forZones: [{ name: 'z1' }] })
  assert.deepEqual(hints('PreferSameNode'), { forZones: [{ name: 'z1' }], forNodes: [{ name: 'n1' }] })
})

const bare = (i: number): Endpoint => ({ addresses: [`10.0.${i >> 8}.${i & 255}`] })
const bares = (from: number, to: number): Endpoint[] => Array.from({ length: to - from }, (_, i) => bare(from + i))

test('packing: new slices are filled to the limit', () => {
  const packed = packSlices([], bares(0, 250), 100)
  assert.deepEqual(
    packed.create.map((e) => e.length),
    [100, 100, 50],
  )
})

test('packing: one more endpoint goes where it fits best', () => {
  const slices = [
    { name: 'a', endpoints: bares(0, 40) },
    { name: 'b', endpoints: bares(100, 199) },
    { name: 'c', endpoints: bares(200, 300) },
  ]
  const packed = packSlices(slices, [...slices.flatMap((s) => s.endpoints), bare(999)], 100)
  assert.deepEqual(
    [...packed.update].map(([s, e]) => [s.name, e.length]),
    [['b', 100]],
  )
  assert.deepEqual([packed.create, packed.delete], [[], []])
})

test('packing: slices that change anyway take what is new', () => {
  const slices = [
    { name: 'a', endpoints: bares(0, 50) },
    { name: 'b', endpoints: bares(100, 190) },
  ]
  const desired = [...bares(1, 50), ...bares(100, 190), ...bares(300, 310)]
  const packed = packSlices(slices, desired, 100)
  assert.deepEqual(
    [...packed.update].map(([s, e]) => [s.name, e.length]),
    [['a', 59]],
  )
})

test('packing, at random: every endpoint once, no slice over its limit, untouched slices as they were', () => {
  let seed = 7
  const random = (n: number): number => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    return seed % n
  }
  let slices: { endpoints: readonly Endpoint[] }[] = []
  for (let round = 0; round < 200; round++) {
    const desired = bares(0, 400).filter(() => random(3) > 0)
    const packed = packSlices(slices, desired, 50)
    const kept = slices.filter((s) => !packed.delete.includes(s)).map((s) => packed.update.get(s) ?? s.endpoints)
    const after = [...kept, ...packed.create]
    const addresses = after.flat().map((e) => e.addresses[0])
    assert.ok(after.every((e) => e.length <= 50 && e.length > 0))
    assert.equal(new Set(addresses).size, addresses.length)
    assert.deepEqual(addresses.sort(), desired.map((e) => e.addresses[0]).sort())
    slices = after.map((endpoints) => ({ endpoints }))
  }
})

const whole = (objects: readonly KubeObject[]) => reconcileEndpoints('ns/web', worldOf(endpointsController.watches, objects))
test('Endpoints: ready and not ready addresses by port, in a stable order', () => {
  const p = whole([service('web'), web(2), web(1), web(3, { ready: false }), web(4, { deleting: true })])
  const made = actionOf(p, 'create').object as unknown as Endpoints
  const target = (i: number) => ({
    ip: `10.0.0.${i}`,
    nodeName: 'n1',
    targetRef: { kind: 'Pod', namespace: 'ns', name: `p${i}`, uid: `uid-p${i}` },
  })
  assert.deepEqual(made.subsets, [
    { addresses: [target(1), target(2)], notReadyAddresses: [target(3)], ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] },
  ])
  assert.equal(made.metadata.name, 'web')
  assert.deepEqual(made.metadata.labels, { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' })
  const current = { ...made, apiVersion: 'v1', kind: 'Endpoints' } as Endpoints
  assert.deepEqual(lines(whole([service('web'), web(1), web(2), web(3, { ready: false }), current])), [])
  assert.deepEqual(lines(whole([service('web'), web(1), web(2), web(3), current])), ['update endpoints ns/web (endpoints changed)'])
  assert.deepEqual(lines(whole([current])), ['delete endpoints ns/web (service is gone)'])
})

test('Endpoints hold 1000 addresses, ready ones first', () => {
  const many = Array.from({ length: 1100 }, (_, i) => pod(`p${i}`, { node: 'n1', ip: `10.1.${i >> 8}.${i & 255}`, ready: i < 990 }))
  const made = actionOf(whole([service('web'), ...many]), 'create').object as unknown as Endpoints
  assert.deepEqual([made.subsets?.[0]?.addresses?.length, made.subsets?.[0]?.notReadyAddresses?.length], [990, 10])
  assert.equal(made.metadata.annotations?.['endpoints.kubernetes.io/over-capacity'], 'truncated')
})

test('Endpoints of a service without selector are mirrored, by family and readiness', () => {
  const own: Endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      namespace: 'ns',
      name: 'web',
      uid: 'e',
      labels: { team: 'a' },
      annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    },
    subsets: [
      {
        addresses: [{ ip: '192.0.2.1' }, { ip: 'fd00::1' }],
        notReadyAddresses: [{ ip: '192.0.2.2' }],
        ports: [{ name: 'db', port: 5432, protocol: 'TCP' }],
      },
    ],
  }
  const mirror = (...objects: readonly KubeObject[]) =>
    reconcileMirror('ns/web', worldOf(endpointSliceMirroringController.watches, objects))
  const plain = service('web', { selector: {} })
  const p = mirror(plain, own)
  const made = p.actions.map((a) => ('object' in a ? (a.object as unknown as EndpointSlice) : assert.fail()))
  assert.deepEqual(
    made.map((s) => [s.addressType, s.endpoints.map((e) => [e.addresses[0], e.conditions?.ready])]),
    [
      [
        'IPv4',
        [
          ['192.0.2.1', true],
          ['192.0.2.2', false],
        ],
      ],
      ['IPv6', [['fd00::1', true]]],
    ],
  )
  assert.deepEqual(made[0]?.metadata.annotations, { note: 'x' })
  assert.deepEqual(made[0]?.metadata.labels, {
    team: 'a',
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
  })
  const stored = made.map(
    (s, i): EndpointSlice => ({
      ...s,
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...s.metadata, name: `m${i}` },
    }),
  )
  assert.deepEqual(lines(mirror(plain, own, ...stored)), [])
  assert.deepEqual(lines(mirror(plain, ...stored)), [
    'delete endpointslices ns/m0 (nothing to mirror)',
    'delete endpointslices ns/m1 (nothing to mirror)',
  ])
  assert.deepEqual(lines(mirror(service('web'), own)), [])
  const skipped = { ...own, metadata: { ...own.metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } } }
  assert.deepEqual(lines(mirror(plain, skipped)), [])
})

test('Endpoints that somebody wrote before their service are left alone', () => {
  const foreign: Endpoints = { apiVersion: 'v1', kind: 'Endpoints', metadata: { namespace: 'ns', name: 'web' } }
  const own = { ...foreign, metadata: { ...foreign.metadata, labels: { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' } } }
  assert.deepEqual(ownEndpoints(foreign), [])
  assert.deepEqual(ownEndpoints(own), ['ns/web'])
})
