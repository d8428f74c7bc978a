import assert from 'node:assert/strict'
import { test } from 'node:test'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { kubepodsLimits, reservationProblem, reservedLimits, tierLimits } from './cgroup-tiers.ts'
import { resourceConfigProblem } from './resource-config.ts'

const capacity = { cpu: '4', memory: '8Gi', pid: '32768', 'hugepages-2Mi': '64Mi' }

test('kubepods: what the node has less what is reserved; eviction keeps nothing back here', () => {
  assert.deepEqual(
    kubepodsLimits(capacity, [
      { cpu: '500m', memory: '1Gi' },
      { memory: '512Mi', pid: '1000' },
    ]),
    {
      cpuShares: 3584,
      memoryBytes: 6.5 * 2 ** 30,
      pids: 31_768,
      hugePages: { '2Mi': 64 * 2 ** 20 },
    },
  )
  assert.deepEqual(kubepodsLimits({ cpu: '1', memory: '1Gi' }, [{ cpu: '2', memory: '2Gi' }]), {
    cpuShares: 2,
    memoryBytes: 0,
    hugePages: {},
  })
})

test('the Burstable tier has the share of its pods together, BestEffort the least', () => {
  const asks = (cpu: string) => pod({ containers: [app('main', { resources: { requests: { cpu } } })] })
  const fixed = { cpu: '1', memory: '1Gi' }
  const guaranteed = pod({ containers: [app('main', { resources: { requests: fixed, limits: fixed } })] })
  assert.deepEqual(tierLimits([asks('500m'), asks('250m'), guaranteed, pod()], []), {
    burstable: { cpuShares: 768, hugePages: {} },
    besteffort: { cpuShares: 2, hugePages: {} },
  })
  assert.deepEqual(tierLimits([], ['2Mi']).burstable, { cpuShares: 2, hugePages: { '2Mi': 2 ** 62 } })
})

test('reserved for the system: all of it, or only what can be squeezed', () => {
  assert.deepEqual(reservedLimits({ cpu: '1', memory: '1Gi', pid: '100' }, false), { cpuShares: 1024, memoryBytes: 2 ** 30, pids: 100 })
  assert.deepEqual(reservedLimits({ cpu: '1', memory: '1Gi', pid: '100' }, true), { cpuShares: 1024 })
})

test('what cannot be reserved or enforced is refused', () => {
  assert.equal(reservationProblem(capacity, { cpu: '4', 'ephemeral-storage': '1Gi' }), undefined)
  assert.equal(
    reservationProblem(capacity, { cpu: '5' }),
    'invalid Node Allocatable configuration. Resource "cpu" has a reservation of 5 but capacity of 4. Expected capacity >= reservation.',
  )
  const good = {
    cgroupDriver: 'cgroupfs',
    cpuManagerPolicy: 'none',
    cpuManagerPolicyOptions: {},
    cpuManagerReconcilePeriod: 10_000,
    reservedSystemCPUs: '',
    enforceNodeAllocatable: ['pods'],
    systemReservedCgroup: '',
    kubeReservedCgroup: '',
  } as const
  const problem = (extra: object) => resourceConfigProblem({ ...good, ...extra } as never)
  assert.equal(problem({}), undefined)
  assert.match(problem({ enforceNodeAllocatable: ['none', 'pods'] }) ?? '', /"none"/)
  assert.match(problem({ enforceNodeAllocatable: ['kube-reserved'] }) ?? '', /kubeReservedCgroup must be/)
  assert.equal(problem({ enforceNodeAllocatable: ['kube-reserved'], kubeReservedCgroup: '/kube' }), undefined)
  assert.match(problem({ reservedSystemCPUs: '0', kubeReservedCgroup: '/kube' }) ?? '', /reservedSystemCPUs/)
})
