/** Table columns of devices and the claims for them. */
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { Column, KubeObject } from '#api/resource.ts'
import type { ResourceClaim } from './resource-claim.ts'
import type { ResourceSlice } from './resource-slice.ts'

export const resourceSliceColumns: readonly Column<ResourceSlice>[] = [
  nameColumn,
  column('Node', 'Node that can use the devices.', ({ spec }) => spec.nodeName ?? ''),
  column('Driver', 'The driver.', ({ spec }) => spec.driver),
  column('Pool', 'The pool.', ({ spec }) => spec.pool.name),
  ageColumn,
]

function stateText({ metadata, status }: ResourceClaim): string {
  const states = metadata.deletionTimestamp === undefined ? [] : ['deleted']
  if (!status.allocation) return [...states, ...(states.length === 0 ? ['pending'] : [])].join(',')
  return [...states, 'allocated', ...((status.reservedFor ?? []).length > 0 ? ['reserved'] : [])].join(',')
}

export const resourceClaimColumns: readonly Column<ResourceClaim>[] = [nameColumn, column('State', 'Who has it.', stateText), ageColumn]

export const nameAndAgeColumns: readonly Column<KubeObject>[] = [nameColumn, ageColumn]
