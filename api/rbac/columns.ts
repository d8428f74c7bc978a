/** Table columns of roles and bindings (upstream: pkg/printers, printRoleBinding; roles have the columns of kinds without a printer). */
import { ageColumn, column } from '#api/meta/age.ts'
import type { Column, KubeObject } from '#api/resource.ts'
import type { Binding } from './defaults.ts'

export const createdColumn: Column<KubeObject> = {
  name: 'Created At',
  type: 'date',
  description: 'Time at which the object was created.',
  priority: 0,
  cell: (obj) => obj.metadata.creationTimestamp ?? '<unknown>',
}

const subjects = (kind: string) => (binding: Binding) =>
  (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
    .join(', ')

export const bindingColumns: readonly Column<Binding>[] = [
  column('Role', 'The role that is given.', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  column('Users', 'Users who get it.', subjects('User'), 1),
  column('Groups', 'Groups that get it.', subjects('Group'), 1),
  column('ServiceAccounts', 'Service accounts that get it.', subjects('ServiceAccount'), 1),
]
