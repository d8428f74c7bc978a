/** Component statuses: the deprecated view of the control plane's health. */
import type { z } from 'zod'
import { kind, list, message, object, string } from '#api/fields.ts'
import { column, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'

export const componentConditionSchema = message('io.k8s.api.core.v1.ComponentCondition', 'What is seen of a component.', {
  type: string(1, 'Only Healthy.', { json: 'always', goType: 'v1.ComponentConditionType' }),
  status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
  message: string(3, 'What the component answered.'),
  error: string(4, 'Why it could not be asked.'),
})
export type ComponentCondition = z.output<typeof componentConditionSchema>

export const componentStatusSchema = kind('io.k8s.api.core.v1.ComponentStatus', 'Deprecated: health of a part of the control plane.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  conditions: list(2, componentConditionSchema, 'What is seen of it.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type ComponentStatus = z.output<typeof componentStatusSchema>

const healthOf = ({ conditions }: ComponentStatus): ComponentCondition | undefined => conditions?.find(({ type }) => type === 'Healthy')

/** Nothing of it is stored: the server asks the components when it is asked. */
export const ComponentStatuses: Resource<ComponentStatus> = {
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  singular: 'componentstatus',
  shortNames: ['cs'],
  scope: 'Cluster',
  verbs: ['get', 'list'],
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  schema: componentStatusSchema,
  columns: [
    nameColumn,
    column('Status', 'Healthy, Unhealthy or Unknown.', (component) => {
      const health = healthOf(component)
      return health === undefined ? 'Unknown' : health.status === 'True' ? 'Healthy' : 'Unhealthy'
    }),
    column('Message', 'What the component answered.', (component) => healthOf(component)?.message ?? ''),
    column('Error', 'Why it could not be asked.', (component) => healthOf(component)?.error ?? ''),
  ],
}
