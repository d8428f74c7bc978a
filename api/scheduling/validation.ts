/** Rules of priority classes (upstream: pkg/apis/scheduling/validation). */
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { immutableMessage } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import type { PriorityClass } from './priority-class.ts'

const highestOfUsers = 1_000_000_000
const policies = ['PreemptLowerPriority', 'Never']

/** Classes that every cluster has, by name. */
export const systemPriorityClasses: ReadonlyMap<string, number> = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
])

function systemFault({ metadata, value, globalDefault }: PriorityClass): string | undefined {
  const name = metadata.name ?? ''
  const wanted = systemPriorityClasses.get(name)
  if (wanted === undefined) return `${name} is not a known system priority class`
  if (value !== wanted) return `value of ${name} PriorityClass must be ${wanted}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

function validateValue(priorityClass: PriorityClass): FieldError[] {
  if (priorityClass.metadata.name?.startsWith('system-')) {
    const fault = systemFault(priorityClass)
    const why = `priority class names with 'system-' prefix are reserved for system use only. error: ${fault}`
    return fault === undefined ? [] : [forbidden('metadata.name', why)]
  }
  if (priorityClass.value <= highestOfUsers) return []
  return [forbidden('value', `maximum allowed value of a user defined priority is ${highestOfUsers}`)]
}

export function validatePriorityClass(next: PriorityClass, prev: PriorityClass | undefined): FieldError[] {
  const { preemptionPolicy: policy } = next
  const found = validateKubeFinalizers(next.metadata)
  if (prev) {
    if (next.value !== prev.value) found.push(forbidden('value', 'may not be changed in an update.'))
    if (policy !== prev.preemptionPolicy) found.push(invalid('preemptionPolicy', policy, immutableMessage))
    return found
  }
  found.push(...validateValue(next))
  if (policy === '') found.push(required('preemptionPolicy'))
  else if (policy !== undefined && !policies.includes(policy)) found.push(notSupported('preemptionPolicy', policy, policies))
  return found
}
