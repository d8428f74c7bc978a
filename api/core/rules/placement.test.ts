import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NodeSelectorRequirement } from '#api/core/affinity.ts'
import { matchesNodeSelection, matchesTerm } from './node-selector.ts'
import { tolerates, untoleratedTaint } from './taints.ts'

test('which tolerations tolerate a taint', () => {
  const taint = { key: 'k', value: 'v', effect: 'NoSchedule' }
  const cases: [Parameters<typeof tolerates>[0], boolean][] = [
    [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' }, true],
    [{ key: 'k', value: 'v' }, true],
    [{ key: 'k', value: 'w' }, false],
    [{ key: 'k', operator: 'Exists' }, true],
    [{ operator: 'Exists' }, true],
    [{ key: 'k', operator: 'Exists', effect: 'NoExecute' }, false],
    [{ key: 'other', operator: 'Exists' }, false],
    [{ key: 'k', operator: 'Sometimes', value: 'v' }, false],
  ]
  for (const [toleration, expected] of cases) assert.equal(tolerates(toleration, taint), expected, JSON.stringify(toleration))
  assert.equal(untoleratedTaint([taint], undefined, ['NoSchedule']), taint)
  assert.equal(untoleratedTaint([taint], undefined, ['NoExecute']), undefined)
})

test('which nodes a selector allows', () => {
  const node = { name: 'n1', labels: { zone: 'a', cores: '8' } }
  const cases: [NodeSelectorRequirement, boolean][] = [
    [{ key: 'zone', operator: 'In', values: ['a', 'b'] }, true],
    [{ key: 'zone', operator: 'NotIn', values: ['a'] }, false],
    [{ key: 'none', operator: 'NotIn', values: ['a'] }, true],
    [{ key: 'zone', operator: 'Exists' }, true],
    [{ key: 'zone', operator: 'DoesNotExist' }, false],
    [{ key: 'cores', operator: 'Gt', values: ['7'] }, true],
    [{ key: 'cores', operator: 'Lt', values: ['8'] }, false],
    [{ key: 'zone', operator: 'Gt', values: ['1'] }, false],
    [{ key: 'constructor', operator: 'Exists' }, false],
  ]
  for (const [requirement, expected] of cases)
    assert.equal(matchesTerm({ matchExpressions: [requirement] }, node), expected, JSON.stringify(requirement))
  assert.equal(matchesTerm({}, node), false)
  assert.equal(matchesTerm({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }, node), true)
  assert.equal(matchesNodeSelection({ nodeSelector: { zone: 'b' } }, node), false)
  const terms = {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{}, { matchExpressions: [{ key: 'zone', operator: 'Exists' }] }],
    },
  }
  assert.equal(matchesNodeSelection({ affinity: { nodeAffinity: terms } }, node), true)
})
