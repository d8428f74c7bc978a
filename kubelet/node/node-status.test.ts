import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node, NodeStatus } from '#api/core/node.ts'
import { hasChanged, type NodeInputs, nodeStatus } from './node-status.ts'
import { planRoutes } from './routes.ts'

const inputs: NodeInputs = {
  machine: {
    cpus: 4,
    memoryBytes: 4 * 2 ** 30,
    diskBytes: 100 * 2 ** 30,
    inodes: 1000,
    hugePages: new Map([['hugepages-2Mi', 0]]),
    machineId: 'm',
    systemUuid: 's',
    bootId: 'b',
    kernelVersion: '6.1',
    osImage: 'Debian',
    architecture: 'amd64',
    swapBytes: 0,
    apparmor: false,
  },
  pressure: [],
  runtime: { ready: true, problems: [], version: 'docker://20.10', handlers: [] },
  images: [
    { id: 'a', repoTags: ['small:1'], repoDigests: [], sizeBytes: 1, user: '' },
    { id: 'b', repoTags: ['big:1'], repoDigests: ['big@sha256:x'], sizeBytes: 2, user: '' },
  ],
  addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
  port: 10250,
  maxPods: 110,
  maxImages: 1,
  stated: new Map([['cpu', '2']]),
  reserved: [{ cpu: '500m', memory: '1Gi' }, { cpu: '100m' }],
  evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '10%', 'nodefs.inodesFree': '5%' },
  previous: {},
  now: new Date('2026-11-21T12:00:00Z'),
}
const conditions = (status: NodeStatus) =>
  Object.fromEntries((status.conditions ?? []).map(({ type, status: value, reason }) => [type, `${value} ${reason}`]))

test('capacity as stated, less what is reserved and kept free', () => {
  const { capacity, allocatable } = nodeStatus(inputs)
  assert.deepEqual(capacity, { cpu: '2', 'ephemeral-storage': '104857600Ki', 'hugepages-2Mi': '0', memory: '4194304Ki', pods: '110' })
  assert.deepEqual(allocatable, {
    cpu: '1400m',
    // A tenth in single precision is a little more.
    'ephemeral-storage': '96636764000',
    'hugepages-2Mi': '0',
    memory: '2972Mi',
    pods: '110',
  })
})

test('extended resources: those of others stay, those of devices are as the plug-ins say', () => {
  const previous = { capacity: { 'example.com/foo': '5', 'example.com/gpu': '9', cpu: '99', gone: '1' } }
  const devices = { capacity: { 'example.com/gpu': '3' }, allocatable: { 'example.com/gpu': '2' } }
  const { capacity, allocatable } = nodeStatus({ ...inputs, previous, devices })
  assert.deepEqual([capacity?.['example.com/foo'], allocatable?.['example.com/foo']], ['5', '5'])
  assert.deepEqual([capacity?.['example.com/gpu'], allocatable?.['example.com/gpu']], ['3', '2'])
  assert.deepEqual([capacity?.['cpu'], capacity?.['gone']], ['2', undefined])
})

test('conditions, and the largest images first', () => {
  const good = nodeStatus(inputs)
  assert.deepEqual(conditions(good), {
    MemoryPressure: 'False KubeletHasSufficientMemory',
    DiskPressure: 'False KubeletHasNoDiskPressure',
    PIDPressure: 'False KubeletHasSufficientPID',
    Ready: 'True KubeletReady',
  })
  assert.deepEqual(good.images, [{ names: ['big@sha256:x', 'big:1'], sizeBytes: 2 }])
  const bad = nodeStatus({
    ...inputs,
    pressure: ['MemoryPressure', 'DiskPressure'],
    runtime: { ready: false, problems: ['container runtime is down', 'x'], version: '', handlers: ['', 'typernetes'] },
    previous: { conditions: [...(good.conditions ?? []), { type: 'NetworkUnavailable', status: 'False' }] },
    now: new Date('2026-11-21T12:01:00Z'),
  })
  assert.deepEqual(conditions(bad), {
    NetworkUnavailable: 'False undefined',
    MemoryPressure: 'True KubeletHasInsufficientMemory',
    DiskPressure: 'True KubeletHasDiskPressure',
    PIDPressure: 'False KubeletHasSufficientPID',
    Ready: 'False KubeletNotReady',
  })
  const ready = bad.conditions?.find(({ type }) => type === 'Ready')
  assert.equal(ready?.message, '[container runtime is down, x]')
  assert.equal(ready?.lastTransitionTime, '2026-11-21T12:01:00Z')
  assert.equal(bad.conditions?.find(({ type }) => type === 'PIDPressure')?.lastTransitionTime, '2026-11-21T12:00:00Z')
})

test('a heartbeat alone is no change', () => {
  const first = nodeStatus(inputs)
  const later = nodeStatus({ ...inputs, previous: first, now: new Date('2026-11-21T12:05:00Z') })
  assert.equal(hasChanged(first, later), false)
  assert.equal(hasChanged(first, nodeStatus({ ...inputs, images: [] })), true)
})

test('routes: what is missing is added, what nobody wants any more is removed', () => {
  const node = (name: string, podCIDR: string, address: string): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDR, podCIDRs: [podCIDR] },
    status: { addresses: [{ type: 'InternalIP', address }] },
  })
  const nodes = [node('a', '10.244.0.0/24', '10.0.0.1'), node('b', '10.244.1.0/24', '10.0.0.2'), node('c', '10.244.2.0/24', '10.0.0.3')]
  const present = [
    { to: '10.244.1.0/24', via: '10.0.0.2' },
    { to: '10.244.2.0/24', via: '10.0.0.99' },
    { to: '10.244.9.0/24', via: '10.0.0.9' },
  ]
  assert.deepEqual(planRoutes(nodes, 'a', present), {
    add: [{ to: '10.244.2.0/24', via: '10.0.0.3' }],
    remove: [{ to: '10.244.9.0/24', via: '10.0.0.9' }],
  })
})
