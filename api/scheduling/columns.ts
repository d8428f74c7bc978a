/** Table columns of the scheduling kinds. */
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'
import type { PriorityClass } from './priority-class.ts'

export const priorityClassColumns: readonly Column<PriorityClass>[] = [
  nameColumn,
  { ...column<PriorityClass>('Value', 'The priority.', ({ value }) => value), type: 'integer' },
  {
    ...column<PriorityClass>('Global-Default', 'Whether pods without a class get it.', (obj) => obj.globalDefault ?? false),
    type: 'boolean',
  },
  ageColumn,
  column('PreemptionPolicy', 'Never or PreemptLowerPriority.', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
]
