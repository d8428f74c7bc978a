import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromStored, toStored } from './convert.ts'
import type { HorizontalPodAutoscaler as Stored } from './horizontal-pod-autoscaler.ts'
import type { HorizontalPodAutoscaler as Face } from './horizontal-pod-autoscaler-v1.ts'

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const prefix = 'autoscaling.alpha.kubernetes.io/'
const stored = (spec: Partial<Stored['spec']>, status: Partial<Stored['status']> = {}): Stored => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', namespace: 'shop', annotations: { own: 'x' } },
  spec: { scaleTargetRef, maxReplicas: 5, ...spec },
  status: { desiredReplicas: 2, currentMetrics: [], ...status },
})
const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})

test('version 1 holds the use of the processor in its field', () => {
  const face = fromStored(stored({ metrics: [cpu(60)] }))
  assert.equal(face.spec.targetCPUUtilizationPercentage, 60)
  assert.deepEqual(face.metadata.annotations, { own: 'x' })
  assert.deepEqual(toStored(face).spec.metrics, [cpu(60)])
})

test('what version 1 has no fields for is kept in annotations and comes back', () => {
  const metrics = [
    cpu(60),
    { type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '5' } } },
    { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '9' } } },
  ]
  const behavior = { scaleDown: { stabilizationWindowSeconds: 30, policies: [{ type: 'Pods', value: 1, periodSeconds: 15 }] } }
  const conditions = [{ type: 'AbleToScale', status: 'True', reason: 'Ready', lastTransitionTime: '2024-01-01T00:00:00Z' }]
  const face = fromStored(stored({ metrics, behavior }, { conditions }))
  assert.deepEqual(Object.keys(face.metadata.annotations ?? {}), ['own', `${prefix}metrics`, `${prefix}behavior`, `${prefix}conditions`])
  assert.equal(
    face.metadata.annotations?.[`${prefix}behavior`],
    '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":30,"SelectPolicy":null,"Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":15}],"Tolerance":null}}',
  )
  const back = toStored(face)
  assert.deepEqual(back.metadata.annotations, { own: 'x' })
  assert.deepEqual(back.spec.behavior, behavior)
  assert.deepEqual(back.status.conditions, conditions)
  // the use of the processor goes to the end, as upstream's conversion puts it
  assert.deepEqual(back.spec.metrics, [metrics[1], metrics[2], metrics[0]])
})

test('annotations that cannot be read are left out', () => {
  const face: Face = {
    ...fromStored(stored({})),
    metadata: { name: 'web', annotations: { [`${prefix}metrics`]: '{', [`${prefix}behavior`]: '7', [`${prefix}conditions`]: '["x"]' } },
  }
  const { metadata, spec, status } = toStored(face)
  assert.deepEqual([metadata.annotations, spec.behavior, status.conditions], [undefined, undefined, undefined])
  assert.deepEqual(spec.metrics, [cpu(80)])
})
