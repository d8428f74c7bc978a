import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowSchema } from '#api/flowcontrol/flow-schema.ts'
import type { KubeObject } from '#api/resource.ts'
import { revised, withDangling } from './flow-control.ts'

const key = 'apf.kubernetes.io/autoupdate-spec'
const spec = { a: 1 }
const stored = (meta: object, own: object = spec): KubeObject =>
  ({ apiVersion: 'x/v1', kind: 'K', metadata: { name: 'a', ...meta }, spec: own }) as unknown as KubeObject
const annotated = (value: string, meta: object = {}) => ({ annotations: { [key]: value }, ...meta })

test('suggested objects are mended unless an administrator took them over', () => {
  const suggested = { spec, isMandatory: false }
  assert.equal(revised(stored(annotated('true')), suggested), undefined)
  assert.deepEqual(revised(stored(annotated('true'), { a: 2 }), suggested), stored(annotated('true')))
  assert.equal(revised(stored(annotated('false'), { a: 2 }), suggested), undefined)
  // nobody said anything: the first version is the server's, later ones are the administrator's
  assert.deepEqual(revised(stored({ generation: 1 }, { a: 2 }), suggested), stored({ generation: 1, ...annotated('true') }))
  assert.deepEqual(revised(stored({ generation: 2 }, { a: 2 }), suggested), stored({ generation: 2, ...annotated('false') }, { a: 2 }))
})

test('mandatory objects are always mended', () => {
  assert.deepEqual(revised(stored(annotated('false'), { a: 2 }), { spec, isMandatory: true }), stored(annotated('true')))
})

test('a flow schema says whether its priority level is there, and since when', () => {
  const schema = { spec: { priorityLevelConfiguration: { name: 'l' } }, status: {} } as unknown as FlowSchema
  const first = withDangling(schema, new Set(), new Date('2024-01-01T00:00:00Z'))
  assert.deepEqual(first?.status.conditions, [
    {
      type: 'Dangling',
      status: 'True',
      reason: 'NotFound',
      message: 'This FlowSchema references the PriorityLevelConfiguration object named "l" but there is no such object',
      lastTransitionTime: '2024-01-01T00:00:00Z',
    },
  ])
  assert.ok(first)
  assert.equal(withDangling(first, new Set(), new Date('2024-01-02T00:00:00Z')), undefined)
  const later = withDangling(first, new Set(['l']), new Date('2024-01-02T00:00:00Z'))
  assert.deepEqual(
    later?.status.conditions?.map(({ status, reason, lastTransitionTime }) => [status, reason, lastTransitionTime]),
    [['False', 'Found', '2024-01-02T00:00:00Z']],
  )
})
