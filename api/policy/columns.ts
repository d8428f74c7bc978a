/** Table columns of pod disruption budgets. */
import { ageColumn, column, countColumn, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'
import type { PodDisruptionBudget } from './pod-disruption-budget.ts'

export const podDisruptionBudgetColumns: readonly Column<PodDisruptionBudget>[] = [
  nameColumn,
  column('Min Available', 'Pods that must stay.', ({ spec }) => String(spec.minAvailable ?? 'N/A')),
  column('Max Unavailable', 'Pods that may be missing.', ({ spec }) => String(spec.maxUnavailable ?? 'N/A')),
  countColumn('Allowed Disruptions', 'Pods that may go now.', ({ status }) => status.disruptionsAllowed),
  ageColumn,
]
