/** DESCRIBE file api/core/pod.ts */
import type { z } from 'zod'
import { kind, object } from '#api/fields.ts'
import { ageColumn, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { podSpecSchema } from './pod-spec.ts'
import { podStatusSchema } from './pod-status.ts'

export const podSchema = kind('io.k8s.api.core.v1.Pod', 'DESCRIBE Pod', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Pod.metadata', { json: 'always', required: false }),
  spec: object(2, podSpecSchema, 'DESCRIBE Pod.spec', { json: 'always', required: false }),
  status: object(3, podStatusSchema, 'DESCRIBE Pod.status', { json: 'always', required: false }),
})
export type Pod = z.output<typeof podSchema>

export const Pods: Resource<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: podSchema,
  columns: [nameColumn, ageColumn],
}
