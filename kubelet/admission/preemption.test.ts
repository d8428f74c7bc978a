import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '#api/core/node.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { admissionProblems } from './admission.ts'
import { criticalPriority, planPreemption } from './preemption.ts'

const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n' },
  spec: {},
  status: { allocatable: { cpu: '2', memory: '4Gi', pods: '4' } },
}

function asking(name: string, cpu: string, more: { limits?: boolean; priority?: number } = {}): ReturnType<typeof pod> {
  const amounts = { cpu, memory: '1Gi' }
  const resources = cpu === '0' ? {} : more.limits ? { requests: amounts, limits: amounts } : { requests: amounts }
  const priority = more.priority === undefined ? {} : { priority: more.priority }
  return pod({ containers: [app('main', { resources })], ...priority }, { name })
}

/** The names of those that go, or why the pod is refused. */
function victims(of: ReturnType<typeof pod>, others: ReturnType<typeof pod>[]): string[] {
  const plan = planPreemption(of, admissionProblems(of, others, node).shortages, others)
  return 'victims' in plan ? plan.victims.map(({ metadata }) => metadata.name ?? '') : [plan.rejection.message]
}

const critical = asking('critical', '1', { priority: criticalPriority })

test('the lesser quality of service goes first, and only where it helps', () => {
  assert.deepEqual(victims(critical, [asking('g', '1', { limits: true }), asking('b', '1'), asking('e', '0')]), ['b'])
  assert.deepEqual(victims(critical, [asking('g', '2', { limits: true }), asking('e', '0')]), ['g'])
})

test('the one that fits best goes, and of two alike the smaller', () => {
  assert.deepEqual(victims(critical, [asking('small', '500m'), asking('right', '1'), asking('tiny', '100m')]), ['right'])
  assert.deepEqual(victims(critical, [asking('big', '1200m'), asking('less', '800m')]), ['big'])
  const many = asking('critical', '2', { priority: criticalPriority })
  assert.deepEqual(victims(many, [asking('one', '1'), asking('two', '1')]), ['two', 'one'])
})

test('a full node gives way by number', () => {
  const empty = asking('critical', '0', { priority: criticalPriority })
  assert.equal(victims(empty, [asking('a', '0'), asking('b', '0'), asking('c', '0'), asking('d', '0')]).length, 1)
})

test('critical pods do not make way for their like', () => {
  const like = asking('like', '2', { priority: criticalPriority })
  assert.deepEqual(victims(critical, [like]), [
    'Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 1000), ]',
  ])
  assert.deepEqual(victims(asking('higher', '1', { priority: criticalPriority + 1 }), [like]), ['like'])
})
