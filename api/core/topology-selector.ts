/** DESCRIBE file api/core/topology-selector.ts */
import type { z } from 'zod'
import { list, message, string } from '#api/fields.ts'

export const topologySelectorLabelRequirementSchema = message(
  'io.k8s.api.core.v1.TopologySelectorLabelRequirement',
  'DESCRIBE TopologySelectorLabelRequirement',
  {
    key: string(1, 'DESCRIBE TopologySelectorLabelRequirement.key', { json: 'always' }),
    values: list(2, 'string', 'DESCRIBE TopologySelectorLabelRequirement.values', { json: 'always', listType: 'atomic' }),
  },
)
export type TopologySelectorLabelRequirement = z.output<typeof topologySelectorLabelRequirementSchema>

export const topologySelectorTermSchema = message(
  'io.k8s.api.core.v1.TopologySelectorTerm',
  'DESCRIBE TopologySelectorTerm',
  {
    matchLabelExpressions: list(1, topologySelectorLabelRequirementSchema, 'DESCRIBE TopologySelectorTerm.matchLabelExpressions', {
      listType: 'atomic',
    }),
  },
  { atomic: true },
)
export type TopologySelectorTerm = z.output<typeof topologySelectorTermSchema>
