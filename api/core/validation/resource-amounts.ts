/** Rules of requests, limits and claims. */
import type { ContainerResizePolicy, ResourceClaim, ResourceRequirements } from '#api/core/resources.ts'
import {
  isExtendedResource,
  isHugePages,
  isIntegerResource,
  isNativeResource,
  isOvercommitAllowed,
  isStandardContainerResource,
  isStandardResource,
  isWholeHugePages,
} from '#api/core/rules/resource-names.ts'
import { isPodLevelResource, type ResourceList } from '#api/core/rules/resources.ts'
import { duplicate, type FieldError, forbidden, invalid, notFound, notSupported, required } from '#api/meta/field-error.ts'
import { canonicalQuantity, compareQuantities, milliValue } from '#api/meta/quantity.ts'
import { checkQualifiedName } from '#api/validation/names.ts'
import type { PodContext } from './context.ts'
import { checkLabelName, checkNonnegativeQuantity, invalids, requireOneOf, sortedKeys } from './values.ts'

export function validateResourceName(name: string, field: string): FieldError[] {
  const found = invalids(field, name, checkQualifiedName(name))
  if (found.length > 0 || name.includes('/') || isStandardResource(name)) return found
  return [invalid(field, name, 'must be a standard resource type or fully qualified')]
}

export function validateContainerResourceName(name: string, field: string): FieldError[] {
  const found = validateResourceName(name, field)
  if (!name.includes('/')) {
    if (!isStandardContainerResource(name)) found.push(invalid(field, name, 'must be a standard resource for containers'))
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    found.push(invalid(field, name, "doesn't follow extended resource name standard"))
  }
  return found
}

function validatePodResourceName(name: string, field: string): FieldError[] {
  const found = validateResourceName(name, field)
  if (found.length > 0 || isPodLevelResource(name)) return found
  return [notSupported(field, name, ['cpu', 'hugepages-', 'memory'])]
}

/** An amount is not negative, and whole where its resource comes in whole units. */
export function validateAmount(name: string, amount: string, field: string): FieldError[] {
  const found = checkNonnegativeQuantity(field, amount)
  if (isIntegerResource(name) && milliValue(amount) % 1000 !== 0) found.push(invalid(field, amount, 'must be an integer'))
  return found
}

interface AmountRules {
  name(name: string, field: string): FieldError[]
  indivisibleHugePages: boolean
}

function validateEntry(name: string, amount: string, field: string, rules: AmountRules): FieldError[] {
  return [...rules.name(name, field), ...validateAmount(name, amount, field)]
}

function validateHugePages(name: string, amount: string, field: string, rules: AmountRules): FieldError[] {
  if (!isHugePages(name) || rules.indivisibleHugePages || isWholeHugePages(name, amount)) return []
  const text = canonicalQuantity(amount)
  return [invalid(field, text, `${text} is not positive integer multiple of ${name}`)]
}

/** A request against the limit of the same resource; `path` is that of the requirements. */
function validateAgainstLimit(name: string, amount: string, limits: ResourceList, path: string): FieldError[] {
  const field = `${path}.requests`
  const limit = Object.hasOwn(limits, name) ? limits[name] : undefined
  if (limit === undefined) {
    return isOvercommitAllowed(name) ? [] : [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')]
  }
  const order = compareQuantities(amount, limit)
  const [text, most] = [canonicalQuantity(amount), canonicalQuantity(limit)]
  if (order !== 0 && !isOvercommitAllowed(name)) return [invalid(field, text, `must be equal to ${name} limit of ${most}`)]
  return order > 0 ? [invalid(field, text, `must be less than or equal to ${name} limit of ${most}`)] : []
}

function validateClaims(claims: readonly ResourceClaim[], path: string, podClaims: ReadonlySet<string>): FieldError[] {
  const found: FieldError[] = []
  const names = new Set<string>()
  for (const [i, { name, request }] of claims.entries()) {
    const field = `${path}[${i}]`
    if (!name) {
      found.push(required(field))
      continue
    }
    if (names.has(name)) found.push(duplicate(field, name))
    else {
      if (request) found.push(...checkLabelName(`${field}.request`, request))
      const key = request ? `${name}/${request}` : name
      if (names.has(key)) found.push(duplicate(field, key))
      else if (!request) for (const other of names) if (other.startsWith(`${name}/`)) found.push(duplicate(field, name))
      names.add(key)
    }
    if (!podClaims.has(name)) {
      const known = podClaims.size === 0 ? ' which is empty' : `: ${[...podClaims].sort().join(', ')}`
      const error = notFound(field, name)
      found.push({ ...error, message: `${error.message}: must be one of the names in pod.spec.resourceClaims${known}` })
    }
  }
  return found
}

function validateRequirements(requirements: ResourceRequirements, path: string, context: PodContext, podLevel: boolean): FieldError[] {
  const rules: AmountRules = {
    name: podLevel ? validatePodResourceName : validateContainerResourceName,
    indivisibleHugePages: context.tolerated.indivisibleHugePages,
  }
  const limits: ResourceList = requirements.limits ?? {}
  const requests: ResourceList = requirements.requests ?? {}
  const found: FieldError[] = []
  for (const name of sortedKeys(limits)) {
    const amount = limits[name] ?? '0'
    const field = `${path}.limits[${name}]`
    found.push(...validateEntry(name, amount, field, rules), ...validateHugePages(name, amount, field, rules))
  }
  for (const name of sortedKeys(requests)) {
    const amount = requests[name] ?? '0'
    const field = `${path}.requests[${name}]`
    found.push(...validateEntry(name, amount, field, rules), ...validateAgainstLimit(name, amount, limits, path))
    found.push(...validateHugePages(name, amount, field, rules))
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    found.push(forbidden(path, 'HugePages require cpu or memory'))
  }
  return [...found, ...validateClaims(requirements.claims ?? [], `${path}.claims`, context.claimNames)]
}

export const validateContainerResources = (
  requirements: ResourceRequirements | undefined,
  path: string,
  context: PodContext,
): FieldError[] => (requirements ? validateRequirements(requirements, path, context, false) : [])

export const validatePodResources = (requirements: ResourceRequirements, path: string, context: PodContext): FieldError[] =>
  validateRequirements(requirements, path, context, true)

export function validateResizePolicies(policies: readonly ContainerResizePolicy[], path: string, podRestartPolicy: string): FieldError[] {
  const found: FieldError[] = []
  const seen = new Set<string>()
  for (const [i, { resourceName, restartPolicy }] of policies.entries()) {
    if (seen.has(resourceName)) found.push(duplicate(`${path}[${i}]`, resourceName))
    seen.add(resourceName)
    found.push(...requireOneOf(path, resourceName, ['cpu', 'memory']))
    found.push(...requireOneOf(path, restartPolicy, ['NotRequired', 'RestartContainer']))
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      found.push(invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"))
    }
  }
  return found
}
