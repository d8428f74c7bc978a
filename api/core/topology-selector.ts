/** Selectors of topologies, for storage classes. */
import type { z } from 'zod'
import { list, message, string } from '#api/fields.ts'

export const topologySelectorLabelRequirementSchema = message(
  'io.k8s.api.core.v1.TopologySelectorLabelRequirement',
  'A test on one label of nodes.',
  {
    key: string(1, 'Key of the label.', { json: 'always' }),
    values: list(2, 'string', 'Values of which one must match.', { json: 'always', listType: 'atomic' }),
  },
)
export type TopologySelectorLabelRequirement = z.output<typeof topologySelectorLabelRequirementSchema>

export const topologySelectorTermSchema = message(
  'io.k8s.api.core.v1.TopologySelectorTerm',
  'Nodes of a topology.',
  {
    matchLabelExpressions: list(1, topologySelectorLabelRequirementSchema, 'Tests that must all hold.', {
      listType: 'atomic',
    }),
  },
  { atomic: true },
)
export type TopologySelectorTerm = z.output<typeof topologySelectorTermSchema>
