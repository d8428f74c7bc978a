/** Rules of storage version migrations (upstream: pkg/apis/storagemigration/validation). */
import { immutableMessage, invalids } from '#api/core/validation/values.ts'
import { type FieldError, invalid, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { StorageVersionMigration } from '#api/storagemigration/storage-version-migration.ts'
import { validateConditions } from '#api/validation/conditions.ts'
import { checkDns1035Label, checkDns1123Subdomain } from '#api/validation/names.ts'

const at = 'spec.resource'
/** Faults of one name are told in one message. */
const joined = (field: string, value: string, faults: readonly string[]): FieldError[] =>
  faults.length === 0 ? [] : invalids(field, value, [faults.join(',')])

export function validateStorageVersionMigration(next: StorageVersionMigration, prev: StorageVersionMigration | undefined): FieldError[] {
  const { group, resource } = next.spec.resource
  const found =
    resource === ''
      ? [required(`${at}.resource`, 'resource is required to be set')]
      : joined(`${at}.resource`, resource, checkDns1035Label(resource))
  if (group !== '') found.push(...joined(`${at}.group`, group, checkDns1123Subdomain(group)))
  if (prev && !sameValue(next.spec, prev.spec)) found.push(invalid('spec', { Resource: { group, resource } }, immutableMessage))
  return found
}

type Outcome = 'Running' | 'Succeeded' | 'Failed'

const is = ({ status }: StorageVersionMigration, type: Outcome): boolean =>
  (status.conditions ?? []).find((condition) => condition.type === type)?.status === 'True'

export function validateStorageVersionMigrationStatus(next: StorageVersionMigration, prev: StorageVersionMigration): FieldError[] {
  const { resourceVersion = '', conditions } = next.status
  const found: FieldError[] = []
  const wrong = (message: string): void => {
    found.push(invalid('status.conditions', conditions, message))
  }
  if (!/^[1-9]\d*$/.test(resourceVersion))
    found.push(invalid('status.resourceVersion', resourceVersion, `resource version is not well formed: ${resourceVersion}`))
  found.push(...validateConditions(conditions ?? [], 'status.conditions'))
  const before = prev.status.resourceVersion ?? ''
  if (before !== '' && before !== resourceVersion) found.push(invalid('status.resourceVersion', resourceVersion, immutableMessage))
  if (is(next, 'Succeeded') && is(next, 'Failed')) wrong('Both success and failed conditions cannot be true at the same time')
  if (is(next, 'Succeeded') && is(next, 'Running')) wrong('Running condition cannot be true when success condition is true')
  if (is(next, 'Failed') && is(next, 'Running')) wrong('Running condition cannot be true when failed condition is true')
  if (is(prev, 'Succeeded') && !is(next, 'Succeeded')) wrong('Success condition cannot be set to false once it is true')
  if (is(prev, 'Failed') && !is(next, 'Failed')) wrong('Failed condition cannot be set to false once it is true')
  return found
}
