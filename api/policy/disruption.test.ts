import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import { ApiError } from '#api/meta/status.ts'
import { budgetsOf, goesUnready, ignoresBudgets, takeDisruption } from './disruption.ts'
import type { PodDisruptionBudget } from './pod-disruption-budget.ts'

const now = new Date('2024-01-01T00:00:00Z')

function budget(status: Partial<PodDisruptionBudget['status']>, spec: PodDisruptionBudget['spec'] = { selector: {} }): PodDisruptionBudget {
  const counts = { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 }
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', generation: 1 },
    spec,
    status: { ...counts, ...status },
  }
}

const pod = (phase: string, ready: boolean): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', labels: { app: 'a' } },
  spec: { containers: [] },
  status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})

test('an eviction is noted, the last one closes the budget', () => {
  const { status } = takeDisruption(budget({ disruptedPods: { q: '2023-01-01T00:00:00Z' } }), 'p', now)
  assert.deepEqual(status.disruptedPods, { q: '2023-01-01T00:00:00Z', p: '2024-01-01T00:00:00Z' })
  assert.equal(status.disruptionsAllowed, 0)
  assert.deepEqual(
    status.conditions?.map(({ status: value, reason }) => [value, reason]),
    [['False', 'InsufficientPods']],
  )
  assert.equal(takeDisruption(budget({ disruptionsAllowed: 2 }), 'p', now).status.conditions, undefined)
})

test('what a budget refuses, and in which words', () => {
  const condition = { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'why', lastTransitionTime: '' }
  const cases: [PodDisruptionBudget, number, string][] = [
    [budget({ observedGeneration: 0 }), 429, 'The disruption budget b is still being processed by the server.'],
    [budget({ disruptionsAllowed: -1 }), 403, ''],
    [budget({ disruptionsAllowed: 0, currentHealthy: 2 }), 429, 'The disruption budget b needs 2 healthy pods and has 2 currently'],
    [budget({ disruptionsAllowed: 0 }), 429, 'The disruption budget b does not allow evicting pods currently'],
    [
      budget({ disruptionsAllowed: 0, conditions: [condition] }),
      429,
      'The disruption budget b does not allow evicting pods currently because it failed sync: why',
    ],
  ]
  for (const [given, code, message] of cases) {
    assert.throws(
      () => takeDisruption(given, 'p', now),
      (error) => error instanceof ApiError && error.code === code && (error.details?.causes?.[0]?.message ?? '') === message,
    )
  }
})

test('which pods budgets speak of', () => {
  assert.deepEqual([ignoresBudgets(pod('Pending', false)), ignoresBudgets(pod('Running', true))], [true, false])
  const none = budget({}, {})
  const other = budget({}, { selector: { matchLabels: { app: 'b' } } })
  const wrong = budget({}, { selector: { matchExpressions: [{ key: 'app', operator: 'X' }] } })
  const all = budget({})
  assert.deepEqual(budgetsOf(pod('Running', true), [none, other, wrong, all]), [all])
  assert.deepEqual([goesUnready(pod('Running', true), all), goesUnready(pod('Running', false), all)], [false, true])
  assert.equal(goesUnready(pod('Running', false), budget({ currentHealthy: 1 })), false)
})
