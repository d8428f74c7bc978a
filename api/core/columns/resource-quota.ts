/** Table columns of resource quotas. */
import type { ResourceQuota } from '#api/core/resource-quota.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'

/** `cpu: 1/4, pods: 2/10`, by name. */
function amounts({ status }: ResourceQuota, limits: boolean): string {
  const names = Object.keys(status.hard ?? {}).filter((name) => name.startsWith('limits.') === limits)
  return names
    .sort()
    .map((name) => `${name}: ${status.used?.[name] ?? '0'}/${status.hard?.[name] ?? '0'}`)
    .join(', ')
}

export const resourceQuotaColumns: readonly Column<ResourceQuota>[] = [
  nameColumn,
  column('Request', 'Used and allowed counts and requests.', (quota) => amounts(quota, false)),
  column('Limit', 'Used and allowed limits.', (quota) => amounts(quota, true)),
  ageColumn,
]
