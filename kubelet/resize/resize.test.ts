import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import { podLimits } from '#kubelet/cgroups/cgroup-plan.ts'
import { planPod } from '#kubelet/plan/plan-pod.ts'
import { after, app, desired, exited, pod, prepared, run, start } from '#kubelet/pods/pod-fixtures.ts'
import { allocationOf, sameAmounts, sameCompute, withAllocation } from './allocation.ts'
import { resizeCondition } from './conditions.ts'
import { decideResize, inOrder } from './decide.ts'
import { operationOf } from './metrics.ts'
import { type Resized, resizedContainers } from './plan.ts'
import { resizeSteps, shrinkProblem } from './steps.ts'
import { resizeMessage } from './words.ts'

type Policy = 'NotRequired' | 'RestartContainer'

function sized(cpu: string, memory: string, policies: { cpu?: Policy; memory?: Policy } = {}): Pod {
  const resizePolicy = Object.entries(policies).map(([resourceName, restartPolicy]) => ({ resourceName, restartPolicy }))
  const resources = { limits: { cpu, memory }, requests: { cpu, memory } }
  return pod({ containers: [app('main', { resources, resizePolicy })] })
}

test('a pod runs with what it was given, whatever its spec asks for', () => {
  const given = allocationOf(sized('1', '1Gi'))
  const wanted = sized('2', '1Gi')
  assert.equal(withAllocation(wanted, undefined), wanted)
  assert.equal(withAllocation(wanted, allocationOf(wanted)), wanted)
  assert.equal(
    withAllocation(wanted, { main: { limits: { cpu: '2000m', memory: '1024Mi' }, requests: { cpu: '2', memory: '1Gi' } } }),
    wanted,
  )
  assert.deepEqual(withAllocation(wanted, given).spec?.containers[0]?.resources, {
    limits: { cpu: '1', memory: '1Gi' },
    requests: { cpu: '1', memory: '1Gi' },
  })
  assert.equal(wanted.spec?.containers[0]?.resources?.limits?.['cpu'], '2', 'the API’s object is left alone')
})

test('amounts: as quantities; a missing one is no zero for the API, and is one for the kernel', () => {
  assert.ok(sameAmounts({ requests: { cpu: '1' } }, { requests: { cpu: '1000m' }, limits: {} }))
  assert.ok(!sameAmounts({ requests: { cpu: '0' } }, {}))
  assert.ok(sameCompute({ requests: { cpu: '0', 'example.com/gpu': '1' } }, {}))
  assert.ok(!sameCompute({ limits: { memory: '1Gi' } }, { limits: { memory: '1G' } }))
})

const on = { admit: () => undefined, allocatable: { cpu: 4000n, memory: 8n * 2n ** 30n }, cpuManagerPolicy: 'none' }
const full = { reason: 'OutOfcpu', message: "Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000" }
const given = allocationOf(sized('1', '1Gi'))

test('granted, deferred or infeasible', () => {
  assert.deepEqual(decideResize(sized('1000m', '1024Mi'), given, on), { verdict: 'unchanged' })
  assert.deepEqual(decideResize(sized('2', '1Gi'), given, on), { verdict: 'granted' })
  assert.deepEqual(decideResize(sized('2', '1Gi'), given, { ...on, admit: () => full }), {
    verdict: 'refused',
    reason: 'Deferred',
    message: full.message,
  })
  const refused = (of: Pod, where = on) => {
    const decision = decideResize(of, given, where)
    assert.ok(decision.verdict === 'refused' && decision.reason === 'Infeasible', decision.verdict)
    return decision.message
  }
  assert.equal(refused(sized('5', '1Gi')), "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000")
  assert.equal(refused(sized('5', '9Gi')), "Node didn't have enough capacity: memory, requested: 9663676416, capacity: 8589934592")
  assert.equal(
    refused(sized('2', '1Gi'), { ...on, cpuManagerPolicy: 'static' }),
    'Resize is infeasible for Guaranteed Pods alongside CPU Manager policy "static"',
  )
  const manifest = { ...sized('2', '1Gi'), metadata: { name: 'm', annotations: { 'kubernetes.io/config.source': 'file' } } }
  assert.equal(refused(manifest), 'In-place resize of static-pods is not supported')
})

test('who waits: what shrinks first, then by priority, class and time', () => {
  const waiting = (name: string, cpu: string, extra: { priority?: number; since?: string; burstable?: boolean } = {}) => {
    const of = sized(cpu, '1Gi')
    const wanted = { ...of, metadata: { ...of.metadata, name }, spec: { ...of.spec, priority: extra.priority ?? 0 } } as Pod
    if (extra.burstable) delete wanted.spec?.containers[0]?.resources?.limits
    return { wanted, given: sized('1', '1Gi'), since: extra.since }
  }
  const ordered = inOrder([
    waiting('new', '2'),
    waiting('burstable', '2', { burstable: true, since: '2026-11-21T11:00:00Z' }),
    waiting('old', '2', { since: '2026-11-21T12:00:00Z' }),
    waiting('important', '2', { priority: 10 }),
    waiting('less', '500m'),
  ])
  assert.deepEqual(
    ordered.map(({ wanted }) => wanted.metadata.name),
    ['less', 'important', 'old', 'new', 'burstable'],
  )
})

test('a condition keeps its time while its reason stays', () => {
  const first = resizeCondition('PodResizePending', undefined, { reason: 'Deferred', message: 'a', generation: 2 }, start)
  assert.deepEqual(first, {
    type: 'PodResizePending',
    observedGeneration: 2,
    status: 'True',
    lastProbeTime: '2026-11-21T12:00:00Z',
    lastTransitionTime: '2026-11-21T12:00:00Z',
    reason: 'Deferred',
    message: 'a',
  })
  const again = resizeCondition('PodResizePending', first, { reason: 'Deferred', message: 'b', generation: 3 }, after(60))
  assert.deepEqual([again.lastTransitionTime, again.message, again.observedGeneration], [first.lastTransitionTime, 'b', 3])
  assert.notEqual(
    resizeCondition('PodResizePending', first, { reason: 'Infeasible' }, after(60)).lastTransitionTime,
    first.lastTransitionTime,
  )
})

test('the words of events', () => {
  const resources = '{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"1","memory":"1Gi"}}'
  assert.equal(
    resizeMessage('started', sized('1', '1Gi'), 2),
    `Pod resize started: {"containers":[{"name":"main","resources":${resources}}],"generation":2}`,
  )
  const sidecar = pod({ initContainers: [app('side', { restartPolicy: 'Always' })] })
  assert.equal(
    resizeMessage('Deferred', sidecar, 3, 'no room'),
    'Pod resize Deferred: {"initContainers":[{"name":"side","resources":{}}],"containers":[{"name":"main","resources":{}}],"generation":3,"error":"no room"}',
  )
})

/** What the plan does to a pod whose container was started as `was`, and is given `now`. */
function planned(was: Pod, now: Pod): string[] {
  const seen = prepared({ containers: [run(was, { name: 'main' })], probes: new Map([['main-0', { started: true, ready: true }]]) })
  return planPod(desired(now), seen, after(10)).actions.map((action) =>
    action.verb === 'killContainer' ? `kill: ${action.message} ${action.restart === true}` : action.verb,
  )
}

test('in place, or with a restart where the policy of the changed resource says so', () => {
  assert.deepEqual(planned(sized('1', '1Gi'), sized('1000m', '1Gi')), [])
  assert.deepEqual(planned(sized('1', '1Gi'), sized('2', '1Gi')), ['resizePod'])
  const policies = { cpu: 'NotRequired', memory: 'RestartContainer' } as const
  assert.deepEqual(planned(sized('1', '1Gi', policies), sized('2', '1Gi', policies)), ['resizePod'])
  assert.deepEqual(planned(sized('1', '1Gi', policies), sized('1', '2Gi', policies)), ['kill: Container main resize requires restart true'])
})

test('what was ended to be resized is started again at once, whatever the restart policy and its crashes', () => {
  const of = pod({ restartPolicy: 'OnFailure' })
  const ended = exited(of, { name: 'main', exitCode: 0, backoff: 300 })
  const plan = (restarting: Set<string>) =>
    planPod(desired(of), prepared({ containers: [ended], restarting }), after(6)).actions.map(({ verb }) => verb)
  assert.deepEqual(plan(new Set([ended.id])), ['startContainer'])
  assert.ok(!plan(new Set()).includes('startContainer'))
})

const resized = (was: Pod, now: Pod): Resized[] => resizedContainers(now, prepared({ containers: [run(was, { name: 'main' })] }))
const steps = (was: Pod, now: Pod) =>
  resizeSteps(resized(was, now), podLimits(was), podLimits(now)).map((step) =>
    step.of === 'pod' ? step.limits : [step.resource, step.amounts.limits, step.amounts.requests],
  )

test('room is made before what is in it grows, and taken after that has shrunk; memory first', () => {
  assert.deepEqual(steps(sized('1', '1Gi'), sized('2', '2Gi')), [
    { memoryBytes: 2 ** 31 },
    ['memory', { cpu: '1', memory: '2Gi' }, { cpu: '1', memory: '2Gi' }],
    { cpuQuotaMicros: 200_000 },
    { cpuShares: 2048 },
    ['cpu', { cpu: '2', memory: '2Gi' }, { cpu: '2', memory: '2Gi' }],
  ])
  assert.deepEqual(steps(sized('2', '2Gi'), sized('1', '1Gi')), [
    ['memory', { cpu: '2', memory: '1Gi' }, { cpu: '2', memory: '1Gi' }],
    { memoryBytes: 2 ** 30 },
    ['cpu', { cpu: '1', memory: '1Gi' }, { cpu: '1', memory: '1Gi' }],
    { cpuShares: 1024 },
    { cpuQuotaMicros: 100_000 },
  ])
})

test('what a spec does to an amount, for metrics', () => {
  const cases = [
    [undefined, undefined, undefined],
    [undefined, '1', 'add'],
    ['1', undefined, 'remove'],
    ['1', '1000m', undefined],
    ['1', '2', 'increase'],
    ['1Gi', '1G', 'decrease'],
  ] as const
  for (const [was, now, operation] of cases) assert.equal(operationOf(was, now), operation)
})

test('memory in use is not taken away', () => {
  const problem = (podBytes: number, bytes: number | undefined) =>
    shrinkProblem(resized(sized('1', '2Gi'), sized('1', '1Gi')), podLimits(sized('1', '2Gi')), podLimits(sized('1', '1Gi')), {
      podBytes,
      containers: new Map(bytes === undefined ? [] : [['main-0', bytes]]),
    })
  assert.equal(problem(5, 5), undefined)
  assert.equal(
    problem(5, 2 ** 30),
    'cannot decrease memory limits: attempting to set container "main" memory limit (1073741824) below current usage (1073741824)',
  )
  assert.equal(
    problem(2 ** 30, undefined),
    'cannot decrease memory limits: [attempting to set pod memory limit (1073741824) below current usage (1073741824), missing container "main" memory usage]',
  )
})
