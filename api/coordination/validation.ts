/** Rules of leases (upstream: pkg/apis/coordination/validation). */
import { immutableMessage, invalids } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { checkQualifiedName } from '#api/validation/names.ts'
import type { Lease } from './lease.ts'
import type { LeaseCandidate } from './lease-candidate.ts'

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

/** Numbers of a semantic version; undefined where it is none. What stands behind the third one does not count. */
function versionNumbers(text: string): number[] | undefined {
  const number = '(0|[1-9]\\d*)'
  const parts = new RegExp(
    `^${number}\\.${number}\\.${number}(-[\\dA-Za-z-]+(\\.[\\dA-Za-z-]+)*)?(\\+[\\dA-Za-z-]+(\\.[\\dA-Za-z-]+)*)?$`,
  ).exec(text)
  return parts?.slice(1, 4).map(Number)
}

const isBefore = (a: readonly number[], b: readonly number[]): boolean => {
  const at = a.findIndex((value, i) => value !== b[i])
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0)
}

export function validateLeaseCandidate({ spec }: LeaseCandidate, prev: LeaseCandidate | undefined): FieldError[] {
  const { leaseName, binaryVersion, emulationVersion = '', strategy = '' } = spec
  const [binary, emulated] = [versionNumbers(binaryVersion), versionNumbers(emulationVersion)]
  const found = leaseName === '' ? [required('spec.leaseName')] : []
  const wrong = (name: string, text: string) => invalid(`spec.${name}`, text, 'must be a valid semantic version')
  if (emulationVersion !== '' && !emulated) found.push(wrong('emulationVersion', emulationVersion))
  if (binaryVersion === '') found.push(required('spec.binaryVersion'))
  else if (!binary) found.push(wrong('binaryVersion', binaryVersion))
  if (binaryVersion !== '' && emulated && isBefore(binary ?? [0, 0, 0], emulated)) {
    found.push(invalid('spec.binaryVersion', binaryVersion, 'must be greater than or equal to `emulationVersion`'))
  }
  if (strategy === '') found.push(required('spec.strategy'))
  else {
    if (strategy === 'OldestEmulationVersion' && !emulated?.some((value) => value > 0)) {
      found.push(required('spec.emulationVersion', "must be specified when `strategy` is 'OldestEmulationVersion'"))
    }
    found.push(...validateStrategy(strategy, 'spec.strategy.strategy'))
  }
  if (prev && leaseName !== prev.spec.leaseName) found.push(invalid('spec.leaseName', leaseName, immutableMessage))
  return found
}
