/** DESCRIBE file api/node/runtime-class.ts */
import type { z } from 'zod'
import { tolerationSchema } from '#api/core/pod-spec.ts'
import { kind, list, map, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const overheadSchema = message('io.k8s.api.node.v1.Overhead', 'DESCRIBE Overhead', {
  podFixed: map(1, 'quantity', 'DESCRIBE Overhead.podFixed'),
})
export type Overhead = z.output<typeof overheadSchema>

export const schedulingSchema = message('io.k8s.api.node.v1.Scheduling', 'DESCRIBE Scheduling', {
  nodeSelector: map(1, 'string', 'DESCRIBE Scheduling.nodeSelector', { mapType: 'atomic' }),
  tolerations: list(2, tolerationSchema, 'DESCRIBE Scheduling.tolerations', { listType: 'atomic' }),
})
export type Scheduling = z.output<typeof schedulingSchema>

export const runtimeClassSchema = kind('io.k8s.api.node.v1.RuntimeClass', 'DESCRIBE RuntimeClass', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE RuntimeClass.metadata', { json: 'always', required: false }),
  handler: string(2, 'DESCRIBE RuntimeClass.handler', { json: 'always' }),
  overhead: object(3, overheadSchema, 'DESCRIBE RuntimeClass.overhead', { pointer: true }),
  scheduling: object(4, schedulingSchema, 'DESCRIBE RuntimeClass.scheduling', { pointer: true }),
})
export type RuntimeClass = z.output<typeof runtimeClassSchema>
