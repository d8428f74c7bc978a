/** DESCRIBE file api/meta/label-selector.ts */
import type { z } from 'zod'
import { list, map, message, string } from '#api/fields.ts'

export const labelSelectorRequirementSchema = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement',
  'DESCRIBE LabelSelectorRequirement',
  {
    key: string(1, 'DESCRIBE LabelSelectorRequirement.key', { json: 'always' }),
    operator: string(2, 'DESCRIBE LabelSelectorRequirement.operator', { json: 'always' }),
    values: list(3, 'string', 'DESCRIBE LabelSelectorRequirement.values', { listType: 'atomic' }),
  },
)
export type LabelSelectorRequirement = z.output<typeof labelSelectorRequirementSchema>

export const labelSelectorSchema = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
  'DESCRIBE LabelSelector',
  {
    matchLabels: map(1, 'string', 'DESCRIBE LabelSelector.matchLabels'),
    matchExpressions: list(2, labelSelectorRequirementSchema, 'DESCRIBE LabelSelector.matchExpressions', { listType: 'atomic' }),
  },
  { atomic: true },
)
export type LabelSelector = z.output<typeof labelSelectorSchema>
