import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container } from '#api/core/container.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { containerResources } from '#kubelet/containers/container-config.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { cgroupWrites, cpuWeight, hugePageFile, podCgroup, podLimits } from './cgroup-plan.ts'
import { oomScoreAdj } from './qos.ts'

type Amounts = Record<string, string>
const sized = (name: string, requests: Amounts | undefined, limits?: Amounts, extra: Partial<Container> = {}): Container =>
  app(name, { resources: { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) }, ...extra })
const limitsOf = (spec: Partial<PodSpec>) => podLimits(pod(spec))
const gi = 2 ** 30

test('a pod’s cgroup by its class', () => {
  assert.equal(podCgroup('/', pod()), '/kubepods/besteffort/poduid-1')
  assert.equal(podCgroup('/node', pod({ containers: [sized('a', { cpu: '1' })] })), '/node/kubepods/burstable/poduid-1')
  const both = { cpu: '1', memory: '1Gi' }
  assert.equal(podCgroup('/', pod({ containers: [sized('a', both, both)] })), '/kubepods/poduid-1')
  assert.equal(podCgroup('/', pod({ containers: [sized('a', undefined, both)] })), '/kubepods/poduid-1', 'a manifest that nobody defaulted')
})

test('a pod’s limits: a limit only where every container has one', () => {
  assert.deepEqual(limitsOf({}), { cpuShares: 2 })
  assert.deepEqual(limitsOf({ containers: [sized('a', { cpu: '500m', memory: '1Gi' }, { memory: '2Gi' }), sized('b', { cpu: '250m' })] }), {
    cpuShares: 768,
  })
  assert.deepEqual(
    limitsOf({ containers: [sized('a', { cpu: '1' }, { cpu: '2', memory: '1Gi' }), sized('b', undefined, { memory: '1Gi' })] }),
    {
      cpuShares: 1024,
      memoryBytes: 2 * gi,
    },
  )
  const once = sized('init', { cpu: '3' }, { cpu: '4', memory: '8Gi' })
  assert.deepEqual(limitsOf({ initContainers: [once], containers: [sized('a', { cpu: '1' }, { cpu: '2', memory: '1Gi' })] }), {
    cpuShares: 3072,
    cpuQuotaMicros: 400_000,
    memoryBytes: 8 * gi,
  })
  const side = sized('side', { cpu: '1' }, { cpu: '1', memory: '1Gi' }, { restartPolicy: 'Always' })
  assert.deepEqual(limitsOf({ initContainers: [side], containers: [sized('a', { cpu: '1' }, { cpu: '2', memory: '1Gi' })] }), {
    cpuShares: 2048,
    cpuQuotaMicros: 300_000,
    memoryBytes: 2 * gi,
  })
})

test('overhead counts, and what the pod as a whole asks for goes before its containers’ sum', () => {
  const overhead = { cpu: '250m', memory: '64Mi' }
  assert.deepEqual(limitsOf({ overhead, containers: [sized('a', { cpu: '1' }, { cpu: '1', memory: '64Mi' })] }), {
    cpuShares: 1280,
    cpuQuotaMicros: 125_000,
    memoryBytes: 128 * 2 ** 20,
  })
  const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } }
  assert.deepEqual(limitsOf({ resources, containers: [sized('a', { cpu: '100m' })] }), {
    cpuShares: 1024,
    cpuQuotaMicros: 200_000,
    memoryBytes: 2 * gi,
  })
})

test('a container without limits of its own has its pod’s', () => {
  const resources = { requests: { cpu: '1' }, limits: { cpu: '2', memory: '2Gi' } }
  const own = sized('own', { cpu: '500m' }, { cpu: '1', memory: '1Gi' })
  const of = pod({ resources, containers: [own, app('bare')] })
  const shown = (container: Container) => {
    const { oomScoreAdj: _, ...others } = containerResources(of, container, { nodeMemoryBytes: 8 * gi })
    return others
  }
  assert.deepEqual(shown(own), { cpuShares: 512, cpuQuotaMicros: 100_000, cpuPeriodMicros: 100_000, memoryLimitBytes: gi })
  assert.deepEqual(shown(app('bare')), { cpuShares: 2048, cpuQuotaMicros: 200_000, cpuPeriodMicros: 100_000, memoryLimitBytes: 2 * gi })
})

test('whom the kernel kills first', () => {
  const node = 10 * gi
  const of = (spec: Partial<PodSpec>, name = 'a') => {
    const whole = pod(spec)
    const all = [...(whole.spec?.containers ?? []), ...(whole.spec?.initContainers ?? [])]
    return oomScoreAdj(whole, all.find((each) => each.name === name) ?? app(name), node)
  }
  const both = { cpu: '1', memory: '1Gi' }
  assert.equal(of({}), 1000)
  assert.equal(of({ containers: [sized('a', both, both)] }), -997)
  assert.equal(of({ priority: 2_000_001_000 }), -997)
  assert.equal(of({ containers: [sized('a', { memory: '1Gi' })] }), 900)
  assert.equal(of({ containers: [sized('a', { cpu: '1' })] }), 999)
  assert.equal(of({ containers: [sized('a', { memory: '10Gi' })] }), 3)
  const side = sized('side', { memory: '1Gi' }, undefined, { restartPolicy: 'Always' })
  assert.equal(of({ initContainers: [side], containers: [sized('a', { memory: '3Gi' }), sized('b', { memory: '2Gi' })] }, 'side'), 800)
  const resources = { requests: { memory: '4Gi' } }
  assert.equal(of({ resources, containers: [sized('a', { memory: '1Gi' }), sized('b', { memory: '1Gi' })] }), 800, 'half of the other 2Gi')
})

test('the files of version 1', () => {
  const written = (limits: Parameters<typeof cgroupWrites>[1]) =>
    cgroupWrites(1, limits).map((each) => `${each.controller} ${each.file} ${each.value}`)
  assert.deepEqual(written({ cpuShares: 1024, cpuQuotaMicros: 50_000, memoryBytes: gi, pids: 100, hugePages: { '2Mi': 4_194_304 } }), [
    'cpu cpu.shares 1024',
    'cpu cpu.cfs_period_us 100000',
    'cpu cpu.cfs_quota_us 50000',
    'memory memory.limit_in_bytes 1073741824',
    'pids pids.max 100',
    'hugetlb hugetlb.2MB.limit_in_bytes 4194304',
  ])
  assert.deepEqual(written({}), [])
})

test('the files of version 2', () => {
  const written = (limits: Parameters<typeof cgroupWrites>[1]) => cgroupWrites(2, limits).map((each) => `${each.file} ${each.value}`)
  assert.deepEqual(written({ cpuShares: 1024, cpuQuotaMicros: 50_000, memoryBytes: gi, pids: 100, hugePages: { '1Gi': gi } }), [
    'cpu.weight 39',
    'cpu.max 50000 100000',
    'memory.max 1073741824',
    'pids.max 100',
    'hugetlb.1GB.max 1073741824',
  ])
  assert.deepEqual([2, 102, 1024, 262_144].map(cpuWeight), [1, 4, 39, 10_000])
  assert.deepEqual(['64Ki', '2Mi', '512Mi', '1Gi'].map(hugePageFile), ['64KB', '2MB', '512MB', '1GB'])
})
