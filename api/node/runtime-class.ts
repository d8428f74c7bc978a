/** Runtime classes. */
import type { z } from 'zod'
import { tolerationSchema } from '#api/core/pod-spec.ts'
import { kind, list, map, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { runtimeClassColumns } from './columns.ts'
import { runtimeClassWarnings, validateRuntimeClass } from './validation.ts'

export const overheadSchema = message('io.k8s.api.node.v1.Overhead', 'What a pod needs beside its containers.', {
  podFixed: map(1, 'quantity', 'Amounts per pod.', { goType: 'v1.ResourceList' }),
})
export type Overhead = z.output<typeof overheadSchema>

export const schedulingSchema = message('io.k8s.api.node.v1.Scheduling', 'Nodes that can run pods of a runtime class.', {
  nodeSelector: map(1, 'string', 'Labels of the nodes.', { mapType: 'atomic' }),
  tolerations: list(2, tolerationSchema, 'Taints of those nodes that the pods bear.', { listType: 'atomic' }),
})
export type Scheduling = z.output<typeof schedulingSchema>

export const runtimeClassSchema = kind('io.k8s.api.node.v1.RuntimeClass', 'A way of running containers.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  handler: string(2, 'Name that the container runtime knows it by; cannot change.', { json: 'always' }),
  overhead: object(3, overheadSchema, 'What a pod needs beside its containers.', { pointer: true }),
  scheduling: object(4, schedulingSchema, 'Nodes that can run it.', { pointer: true }),
})
export type RuntimeClass = z.output<typeof runtimeClassSchema>

export const RuntimeClasses: Resource<RuntimeClass> = {
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  scope: 'Cluster',
  schema: runtimeClassSchema,
  columns: runtimeClassColumns,
  createOnUpdate: true,
  unconditionalUpdate: false,
  validate: validateRuntimeClass,
  warnings: runtimeClassWarnings,
}
