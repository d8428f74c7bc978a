import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Pod } from '#api/core/pod.ts'
import { createLogger } from '#component/logging.ts'
import type { CgroupLimits } from '#kubelet/cgroups/cgroup-plan.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { NodeCgroups, type NodeCgroupsDeps } from './node-cgroups.ts'

const log = createLogger({ name: 'test', verbosity: 0, format: 'text', destination: { write: () => undefined } })
const config = {
  systemReserved: { cpu: '500m', memory: '1Gi' },
  kubeReserved: { cpu: '250m' },
  enforceNodeAllocatable: ['pods', 'system-reserved', 'kube-reserved-compressible'],
  systemReservedCgroup: '/system',
  kubeReservedCgroup: '/missing',
} as NodeCgroupsDeps['config']

test('the node’s cgroups at the start and as pods come; what is refused is told', async () => {
  const written: string[] = []
  const failed: string[] = []
  const pods: Pod[] = []
  const write = (path: string, limits: CgroupLimits): void => void written.push(`${path} ${limits.cpuShares} ${limits.memoryBytes ?? '-'}`)
  const cgroups = {
    root: '/node',
    ensure: async (path: string, limits: CgroupLimits) => {
      write(path, limits)
      return path.endsWith('kubepods') ? [{ file: 'memory.limit_in_bytes', error: new Error('busy') }] : []
    },
    set: async (path: string, limits: CgroupLimits) => {
      if (path === '/missing') throw new Error('no such file')
      write(path, limits)
    },
  }
  const capacity = { cpu: '4', memory: '8Gi' }
  const tiers = new NodeCgroups({ cgroups, config, capacity, pods: () => pods, failed: (message) => failed.push(message), log })
  const stop = new AbortController()
  const ended = tiers.run(stop.signal)
  const until = async (lines: number): Promise<void> => {
    for (const deadline = Date.now() + 60_000; written.length < lines; await delay(5)) assert.ok(Date.now() < deadline, written.join())
  }
  await until(2)
  assert.deepEqual(written, ['/node/kubepods 3328 7516192768', '/system 512 1073741824'])
  pods.push(pod({ containers: [app('main', { resources: { requests: { cpu: '1' } } })] }))
  tiers.podsChanged()
  await until(4)
  assert.deepEqual(written.slice(2), ['/node/kubepods/burstable 1024 -', '/node/kubepods/besteffort 2 -'])
  pods.length = 0
  tiers.podsChanged()
  await until(6)
  assert.equal(written[4], '/node/kubepods/burstable 2 -')
  assert.deepEqual(failed, [
    'Failed to update Node Allocatable Limits "/node/kubepods": busy',
    'Failed to enforce reserved Cgroup Limits on "/missing": no such file',
  ])
  stop.abort()
  await ended
})
