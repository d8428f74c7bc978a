/** Horizontal pod autoscalers in their first form: a second face of the stored ones. */
import type { z } from 'zod'
import { int32, int64, kind, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { autoscalerColumns } from './columns.ts'
import { fromStored, toStored } from './convert.ts'
import { HorizontalPodAutoscalers, type HorizontalPodAutoscaler as Stored } from './horizontal-pod-autoscaler.ts'
import { validateAutoscaler, validateAutoscalerStatus } from './validation/horizontal-pod-autoscaler.ts'

export const crossVersionObjectReferenceSchema = message(
  'io.k8s.api.autoscaling.v1.CrossVersionObjectReference',
  'An object of any kind in the same namespace.',
  {
    kind: string(1, 'Its kind.', { json: 'always' }),
    name: string(2, 'Its name.', { json: 'always' }),
    apiVersion: string(3, 'Group and version of the object.'),
  },
  { atomic: true },
)
export type CrossVersionObjectReference = z.output<typeof crossVersionObjectReferenceSchema>

export const horizontalPodAutoscalerSpecSchema = message(
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec',
  'What is scaled, between which bounds and by what.',
  {
    scaleTargetRef: object(1, crossVersionObjectReferenceSchema, 'Object whose replicas are changed.', { json: 'always' }),
    minReplicas: int32(2, 'Fewest replicas.', { pointer: true }),
    maxReplicas: int32(3, 'Most replicas.', { json: 'always' }),
    targetCPUUtilizationPercentage: int32(4, 'Wanted use of CPU, in percent of the requests.', { pointer: true }),
  },
)
export type HorizontalPodAutoscalerSpec = z.output<typeof horizontalPodAutoscalerSpecSchema>

export const horizontalPodAutoscalerStatusSchema = message(
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus',
  'What is seen of an autoscaler.',
  {
    observedGeneration: int64(1, 'Generation that the controller has seen.', { pointer: true }),
    lastScaleTime: time(2, 'When the number of replicas was changed last.', { pointer: true }),
    currentReplicas: int32(3, 'Replicas that exist.', { json: 'always' }),
    desiredReplicas: int32(4, 'Replicas that the autoscaler wants.', { json: 'always' }),
    currentCPUUtilizationPercentage: int32(5, 'Use of CPU seen last, in percent of the requests.', { pointer: true }),
  },
)
export type HorizontalPodAutoscalerStatus = z.output<typeof horizontalPodAutoscalerStatusSchema>

export const horizontalPodAutoscalerSchema = kind(
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler',
  'Changes the number of replicas of an object as measures rise and fall.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, horizontalPodAutoscalerSpecSchema, 'The wanted state.', { json: 'always', required: false }),
    status: object(3, horizontalPodAutoscalerStatusSchema, 'The state last seen.', { json: 'always', required: false }),
  },
)
export type HorizontalPodAutoscaler = z.output<typeof horizontalPodAutoscalerSchema>

/** As it will be read again: with the defaults and annotations of the conversion. */
const settled = (face: HorizontalPodAutoscaler): HorizontalPodAutoscaler => fromStored(toStored(face))

export const HorizontalPodAutoscalersV1: Resource<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: horizontalPodAutoscalerSchema,
  columns: autoscalerColumns.map((column) => ({ ...column, cell: (face, now) => column.cell(toStored(face), now) })),
  generation: false,
  defaults(face) {
    face.spec.minReplicas ??= 1
    return face
  },
  validate: (next, prev) => validateAutoscaler(toStored(next), prev && toStored(prev)),
  prepare(next, prev) {
    if (!prev) next.status = { currentReplicas: 0, desiredReplicas: 0 }
    return settled(next)
  },
  subresources: {
    status: { prepare: (next, prev) => settled(keepSpec(next, prev)), validate: (next) => validateAutoscalerStatus(toStored(next)) },
  },
  storedAs: { resource: HorizontalPodAutoscalers, toStored, fromStored: (stored) => fromStored(stored as Stored) },
}
