/** Rules of leases (upstream: pkg/apis/coordination/validation). */
import { invalids } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported } from '#api/meta/field-error.ts'
import { checkQualifiedName } from '#api/validation/names.ts'
import type { Lease } from './lease.ts'

const strategies = ['OldestEmulationVersion']

function validateStrategy(strategy: string, field: string): FieldError[] {
  if (strategy.includes('/')) return invalids(field, strategy, checkQualifiedName(strategy))
  return strategies.includes(strategy) ? [] : [notSupported(field, strategy, strategies)]
}

export function validateLease({ spec }: Lease): FieldError[] {
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions, strategy, preferredHolder } = spec
  const found: FieldError[] = []
  if (seconds !== undefined && seconds !== null && seconds <= 0) {
    found.push(invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
  }
  if (transitions !== undefined && transitions !== null && transitions < 0) {
    found.push(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'))
  }
  if (strategy !== undefined) found.push(...validateStrategy(strategy, 'spec.strategy.strategy'))
  if (preferredHolder && !strategy) {
    found.push(forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined'))
  }
  return found
}
