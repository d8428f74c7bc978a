import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdicts } from '#api/testing/kind-verdict.ts'
import { PriorityClasses } from './priority-class.ts'

test('a class', () => {
  assert.deepEqual(verdicts(PriorityClasses, { metadata: { name: 'a' }, value: 1000 }), [])
})

test('more than users may have', () => {
  assert.deepEqual(verdicts(PriorityClasses, { metadata: { name: 'a' }, value: 1000000001 }), [
    'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
  ])
})

test('names of the system', () => {
  assert.deepEqual(verdicts(PriorityClasses, { metadata: { name: 'system-x' }, value: 1 }), [
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-x is not a known system priority class",
  ])
})

test('a class of the system', () => {
  assert.deepEqual(verdicts(PriorityClasses, { metadata: { name: 'system-node-critical' }, value: 2000001000 }), [])
})

test('preemption', () => {
  assert.deepEqual(verdicts(PriorityClasses, { metadata: { name: 'a' }, value: 1, preemptionPolicy: 'Sometimes' }), [
    'preemptionPolicy: Unsupported value: "Sometimes": supported values: "PreemptLowerPriority", "Never"',
  ])
})

test('value and preemption stay', () => {
  assert.deepEqual(
    verdicts(
      PriorityClasses,
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, value: 2, preemptionPolicy: 'Never' },
      { metadata: { name: 'a', resourceVersion: '1', uid: 'u' }, value: 1 },
    ),
    ['value: Forbidden: may not be changed in an update.', 'preemptionPolicy: Invalid value: "Never": field is immutable'],
  )
})
