// ReplicaSets: pods in the world → pods to make, delete, adopt and release, and the status.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReplicaSet } from '#api/apps/replica-set.ts'
import type { Pod } from '#api/core/pod.ts'
import type { KubeObject } from '#api/resource.ts'
import { type Failure, worldOf } from '#client/runner/world.ts'
import { rankForDeletion } from './pod-deletion-order.ts'
import { reconcileReplicaSet, replicaSetController, statusOf } from './replica-set.ts'
import { actionOf, at, lines, pod, replicaSet } from './test-objects.ts'

const { watches } = replicaSetController({ get: () => Promise.reject(new Error('not asked')) })
const labels = { app: 'web', 'pod-template-hash': 'rs' }
const rs = (options: Parameters<typeof replicaSet>[1] = {}): ReplicaSet => replicaSet('rs', options)
const own = (name: string, options: Parameters<typeof pod>[1] = {}): Pod => pod(name, { owner: rs(), labels, ...options })
function plan(objects: readonly KubeObject[], more: { now?: Date; failed?: Failure; canAdopt?: boolean } = {}) {
  return reconcileReplicaSet(
    'ns/rs',
    { ...worldOf(watches, objects), failed: more.failed },
    { canAdopt: more.canAdopt ?? false },
    more.now ?? at(100),
  )
}
const steps = (objects: readonly KubeObject[], more = {}): string[] =>
  lines(plan(objects, more)).filter((l) => !l.startsWith('updateStatus'))

const cases: [story: string, objects: readonly KubeObject[], expect: string[]][] = [
  ['enough', [rs({ replicas: 2 }), own('a'), own('b')], []],
  ['too few', [rs({ replicas: 2 }), own('a')], ['create pods ns/ (too few replicas) [SuccessfulCreate: Created pod: {name}]']],
  [
    'ended pods do not count',
    [rs({ replicas: 1 }), own('a', { phase: 'Failed' })],
    ['create pods ns/ (too few replicas) [SuccessfulCreate: Created pod: {name}]'],
  ],
  [
    'nor do those being deleted',
    [rs({ replicas: 1 }), own('a', { deleting: true })],
    ['create pods ns/ (too few replicas) [SuccessfulCreate: Created pod: {name}]'],
  ],
  [
    'too many: the one that is not ready',
    [rs({ replicas: 1 }), own('a'), own('b', { ready: false })],
    ['delete pods ns/b (too many replicas) [SuccessfulDelete: Deleted pod: {name}]'],
  ],
  ['another owner’s pods are left alone', [rs({ replicas: 0 }), pod('x', { owner: replicaSet('other'), labels })], []],
  [
    'a pod whose labels changed is released',
    [rs({ replicas: 1 }), own('a', { labels: { app: 'debug' } })],
    ['patch pods ns/a (release from ReplicaSet)'],
  ],
  ['nothing while the set is deleted', [{ ...rs(), metadata: { ...rs().metadata, deletionTimestamp: 'x' } }, own('a')], []],
]
for (const [story, objects, expect] of cases) test(`replicas: ${story}`, () => assert.deepEqual(steps(objects), expect))

test('orphans are adopted only after a live look', () => {
  const objects = [rs({ replicas: 1 }), pod('o', { labels })]
  assert.deepEqual(steps(objects, { canAdopt: true }), ['patch pods ns/o (adopt orphan for ReplicaSet)'])
  assert.match(steps(objects)[0] ?? '', /^create pods/)
})

test('at most 500 pods a plan', () => {
  assert.equal(steps([rs({ replicas: 2000 })]).length, 500)
})

test('a pod is the template under a generated name', () => {
  const { object } = actionOf(plan([rs({ replicas: 1 })]), 'create') as unknown as { object: Pod }
  assert.deepEqual(object.metadata, {
    generateName: 'rs-',
    namespace: 'ns',
    labels,
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'uid-rs', controller: true, blockOwnerDeletion: true }],
  })
  assert.deepEqual(object.spec, rs().spec.template?.spec)
})

test('status counts ready, available, labelled and terminating pods', () => {
  const objects = [rs({ replicas: 3 }), own('a'), own('b', { ready: false }), own('c', { readySince: 95 }), own('d', { deleting: true })]
  const set = objects[0] as ReplicaSet
  set.spec.minReadySeconds = 10
  const p = plan(objects)
  assert.deepEqual((actionOf(p, 'updateStatus').object as ReplicaSet).status, {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 2,
    availableReplicas: 1,
    terminatingReplicas: 1,
    observedGeneration: 1,
  })
  assert.equal(p.recheckAfterMs, 5005)
})

test('of a large set a few more ready pods may be told late, the last and the first at once', () => {
  const pods = (ready: number): Pod[] => Array.from({ length: 20 }, (_, i) => own(`p${i}`, { ready: i < ready }))
  const told = (ready: number): ReplicaSet => {
    const set = rs({ replicas: 20 })
    set.status = statusOf(set, { active: pods(ready), terminating: [] }, undefined, at(100))
    return set
  }
  const waits = (was: number, is: number): boolean => actionOf(plan([told(was), ...pods(is)]), 'updateStatus').mayWaitMs !== undefined
  assert.deepEqual([waits(5, 6), waits(5, 7), waits(19, 20), waits(1, 0), waits(20, 19)], [true, false, false, false, true])
})

test('a refused create is told in the status first, and taken back once it works', () => {
  const failed = { verb: 'create', kind: 'Pod', reason: 'Forbidden', message: 'exceeded quota' }
  const p = plan([rs({ replicas: 1, actual: 0, available: 0 })], { failed })
  assert.deepEqual(
    lines(p).map((l) => l.split(' ')[0]),
    ['updateStatus', 'create'],
  )
  const { conditions } = (actionOf(p, 'updateStatus').object as ReplicaSet).status
  assert.deepEqual(
    conditions?.map((c) => [c.type, c.status, c.reason, c.message]),
    [['ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota']],
  )
  const told = rs({ replicas: 1 })
  told.status.conditions = conditions ?? []
  const after = plan([told, own('a')])
  assert.equal((actionOf(after, 'updateStatus').object as ReplicaSet).status.conditions, undefined)
})

const better: [story: string, first: Pod, second: Pod][] = [
  ['no node', pod('z'), pod('a', { node: 'n' })],
  ['pending', pod('z', { node: 'n', phase: 'Pending' }), pod('a', { node: 'n' })],
  ['not ready', pod('z', { node: 'n', ready: false }), pod('a', { node: 'n' })],
  ['cheaper', pod('z', { node: 'n', annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } }), pod('a', { node: 'n' })],
  ['ready for a shorter time', pod('z', { node: 'n', readySince: 90 }), pod('a', { node: 'n', readySince: 10 })],
  ['younger', pod('z', { node: 'n', createdAt: 90 }), pod('a', { node: 'n', createdAt: 1 })],
]
for (const [story, first, second] of better) {
  test(`deleted first: ${story}`, () => {
    assert.deepEqual(
      rankForDeletion([second, first], [first, second], at(100)).map((p) => p.metadata.name),
      [first.metadata.name, second.metadata.name],
    )
  })
}

test('deleted first: where the node is crowded with pods of the same deployment', () => {
  const pods = [pod('a', { node: 'n1' }), pod('b', { node: 'n2' }), pod('c', { node: 'n2' })]
  assert.notEqual(rankForDeletion(pods, pods, at(100))[0]?.metadata.name, 'a')
})

test('ages within one power of two are the same age: then the uid decides', () => {
  const pods = [pod('b', { node: 'n', createdAt: 30, readySince: 30 }), pod('a', { node: 'n', createdAt: 35, readySince: 35 })]
  assert.equal(rankForDeletion(pods, pods, at(100))[0]?.metadata.name, 'a')
  assert.equal(rankForDeletion([...pods].reverse(), pods, at(100))[0]?.metadata.name, 'a')
})
