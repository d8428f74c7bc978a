/** Families of resource names (upstream: pkg/apis/core/helper). */
import { parseQuantity } from '#api/meta/quantity.ts'
import { checkQualifiedName } from '#api/validation/names.ts'

const containerNames = new Set(['cpu', 'memory', 'ephemeral-storage'])
/** Counts of objects, as quotas name them. */
const countNames = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
])
const amountNames = new Set([
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'storage',
  'requests.storage',
])

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-')

/** A name without a domain that Kubernetes knows. */
export function isStandardResource(name: string): boolean {
  const known = containerNames.has(name) || countNames.has(name) || amountNames.has(name)
  return known || isHugePages(name) || name.startsWith('requests.hugepages-')
}

/** Without a domain, and what a quota can limit. */
export const isQuotaResource = (name: string): boolean =>
  containerNames.has(name) ||
  countNames.has(name) ||
  (amountNames.has(name) && name !== 'storage') ||
  isHugePages(name) ||
  name.startsWith('requests.hugepages-')

export const isStandardContainerResource = (name: string): boolean => containerNames.has(name) || isHugePages(name)

/** Of Kubernetes itself: without a domain, or below kubernetes.io. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')

/** Of a device plugin: `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false
  return checkQualifiedName(`requests.${name}`).length === 0
}

/** Only native resources but huge pages may be promised more than once. */
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name)

/** Comes in whole units only. */
export const isIntegerResource = (name: string): boolean => countNames.has(name) || isExtendedResource(name)

const unit = 1_000_000_000n

/** The amount is a multiple of the page size in the name. */
export function isWholeHugePages(name: string, amount: string): boolean {
  let size: bigint
  try {
    size = parseQuantity(name.slice('hugepages-'.length)).nano
  } catch {
    return false
  }
  if (size <= 0n || size % unit !== 0n) return false
  return parseQuantity(amount).nano % size === 0n
}
