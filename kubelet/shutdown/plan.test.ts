import assert from 'node:assert/strict'
import { test } from 'node:test'
import { criticalPriority } from '#kubelet/admission/preemption.ts'
import { pod } from '#kubelet/pods/pod-fixtures.ts'
import { periodsOf, shutdownGroups, shutdownProblem } from './plan.ts'

const config = (all: number, critical: number) => ({
  shutdownGracePeriod: all * 1000,
  shutdownGracePeriodCriticalPods: critical * 1000,
  shutdownGracePeriodByPodPriority: [],
})

test('periods from the two durations, or as they are written', () => {
  assert.deepEqual(periodsOf(config(0, 0)), [])
  assert.deepEqual(periodsOf(config(30, 10)), [
    { priority: 0, shutdownGracePeriodSeconds: 20 },
    { priority: criticalPriority, shutdownGracePeriodSeconds: 10 },
  ])
  const written = [
    { priority: 1000, shutdownGracePeriodSeconds: 5 },
    { priority: 0, shutdownGracePeriodSeconds: 7 },
  ]
  assert.deepEqual(
    periodsOf({ ...config(0, 0), shutdownGracePeriodByPodPriority: written }).map(({ priority }) => priority),
    [0, 1000],
  )
})

test('what cannot be', () => {
  assert.equal(shutdownProblem(config(30, 10)), undefined)
  assert.equal(shutdownProblem(config(10, 30)), 'shutdownGracePeriodCriticalPods 30s must be <= shutdownGracePeriod 10s')
  assert.equal(shutdownProblem(config(0.5, 0)), 'shutdownGracePeriod must be either zero or otherwise >= 1 sec')
  const both = { ...config(30, 10), shutdownGracePeriodByPodPriority: [{ priority: 0, shutdownGracePeriodSeconds: 1 }] }
  assert.equal(shutdownProblem(both), 'Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time')
})

test('pods go by priority, none longer than it asks for itself', () => {
  const of = (name: string, priority: number, terminationGracePeriodSeconds = 30) =>
    pod({ priority, terminationGracePeriodSeconds }, { name })
  const groups = shutdownGroups(periodsOf(config(30, 10)), [
    of('a', 0, 60),
    of('b', -5, 3),
    of('c', criticalPriority),
    of('d', criticalPriority + 1000),
  ])
  assert.deepEqual(
    groups.map(({ seconds, pods }) => [seconds, pods.map((each) => [each.pod.metadata.name, each.graceSeconds])]),
    [
      [
        20,
        [
          ['a', 20],
          ['b', 3],
        ],
      ],
      [
        10,
        [
          ['c', 10],
          ['d', 10],
        ],
      ],
    ],
  )
  assert.deepEqual(shutdownGroups(periodsOf(config(30, 10)), []), [])
})
