/** Rules of references to a pod's own fields and amounts (env, downward API). */
import type { ObjectFieldSelector, ResourceFieldSelector } from '#api/core/env.ts'
import { type FieldError, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { canonicalQuantity, parseQuantity } from '#api/meta/quantity.ts'
import { checkQualifiedName } from '#api/validation/names.ts'
import { invalids } from './values.ts'

export const volumeFieldPaths = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']
export const envFieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** What upstream's conversion of field labels lets through at all. */
const knownLabels = new Set([
  ...volumeFieldPaths,
  ...envFieldPaths,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
  'spec.host',
])
const containerAmounts = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const sizeDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
const subscripted = /^(metadata\.[a-z]+)\['(.*)'\]$/s

export function validateFieldSelector(selector: ObjectFieldSelector, allowed: readonly string[], path: string): FieldError[] {
  if (!selector.apiVersion) return [required(`${path}.apiVersion`)]
  if (!selector.fieldPath) return [required(`${path}.fieldPath`)]
  const field = `${path}.fieldPath`
  const given = selector.fieldPath
  if (selector.apiVersion !== 'v1')
    return [invalid(field, given, `error converting fieldPath: unsupported pod version: ${selector.apiVersion}`)]
  const [, base = '', key = ''] = subscripted.exec(given) ?? []
  if (base === 'metadata.annotations') return invalids(path, key.toLowerCase(), checkQualifiedName(key.toLowerCase()))
  if (base === 'metadata.labels') return invalids(path, key, checkQualifiedName(key))
  if (base !== '') return [invalid(field, given, 'error converting fieldPath: field label does not support subscript')]
  if (!knownLabels.has(given)) return [invalid(field, given, `error converting fieldPath: field label not supported: ${given}`)]
  const label = given === 'spec.host' ? 'spec.nodeName' : given
  return allowed.includes(label) ? [] : [notSupported(field, label, allowed)]
}

const isHugePages = (resource: string): boolean => resource.startsWith('requests.hugepages-') || resource.startsWith('limits.hugepages-')

function validateDivisor(resource: string, divisor: string, path: string): FieldError[] {
  if (divisor === '' || parseQuantity(divisor).nano === 0n) return []
  const text = canonicalQuantity(divisor)
  const field = `${path}.divisor`
  const sizes = "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the"
  if (resource.endsWith('.cpu')) {
    return ['1m', '1'].includes(text)
      ? []
      : [invalid(field, resource, "only divisor's values 1m and 1 are supported with the cpu resource")]
  }
  if (sizeDivisors.includes(text)) return []
  if (resource.endsWith('.memory')) return [invalid(field, resource, `${sizes} memory resource`)]
  if (resource.endsWith('.ephemeral-storage')) return [invalid(field, resource, `${sizes} local ephemeral storage resource`)]
  return isHugePages(resource) ? [invalid(field, resource, `${sizes} hugepages resource`)] : []
}

/** In volumes the container must be named, in env it is the one itself. */
export function validateResourceFieldSelector(selector: ResourceFieldSelector, path: string, inVolume: boolean): FieldError[] {
  const found: FieldError[] = []
  const resource = selector.resource ?? ''
  if (inVolume && !selector.containerName) found.push(required(`${path}.containerName`))
  else if (resource === '') found.push(required(`${path}.resource`))
  else if (!containerAmounts.includes(resource) && !isHugePages(resource)) {
    found.push(notSupported(`${path}.resource`, resource, containerAmounts))
  }
  return [...found, ...validateDivisor(resource, selector.divisor ?? '', path)]
}
