/** Table columns of runtime classes. */
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'
import type { RuntimeClass } from './runtime-class.ts'

export const runtimeClassColumns: readonly Column<RuntimeClass>[] = [
  nameColumn,
  column('Handler', 'Name that the container runtime knows it by.', ({ handler }) => handler),
  ageColumn,
]
