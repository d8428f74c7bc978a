/** Pods against quotas: their number and what they ask for, as long as they run (upstream: pkg/quota/v1/evaluator/core/pods.go). */
import type { PodAffinityTerm } from '#api/core/affinity.ts'
import type { Pod } from '#api/core/pod.ts'
import type { ScopedResourceSelectorRequirement } from '#api/core/resource-quota.ts'
import { isPodTerminal } from '#api/core/rules/pod-state.ts'
import { qosClass } from '#api/core/rules/qos.ts'
import { isExtendedResource } from '#api/core/rules/resource-names.ts'
import { isPodLevelResource, podLimits, podRequests } from '#api/core/rules/resources.ts'
import { passes, type QuotaEvaluator } from './evaluator.ts'
import type { ResourceList } from './resource-lists.ts'

const computeNames = ['cpu', 'memory', 'ephemeral-storage']
const names: ReadonlySet<string> = new Set([
  'count/pods',
  'pods',
  ...computeNames.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
])

const isHugePages = (name: string): boolean => name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')
const isExtended = (name: string): boolean => name.startsWith('requests.') && isExtendedResource(name.slice('requests.'.length))

/** What requests and limits are called in quotas. */
function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: Record<string, string> = { pods: '1' }
  for (const [name, amount] of Object.entries(requests)) {
    if (computeNames.includes(name) || name.startsWith('hugepages-')) usage[name] = amount
    if (computeNames.includes(name) || name.startsWith('hugepages-') || isExtendedResource(name)) usage[`requests.${name}`] = amount
  }
  for (const name of computeNames) if (Object.hasOwn(limits, name)) usage[`limits.${name}`] = limits[name] ?? ''
  return usage
}

/** A pod that has ended, or that should have ended long ago on a node that is lost, is not charged for. */
function isCharged(pod: Pod, now: Date): boolean {
  if (isPodTerminal(pod)) return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  return now.getTime() <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

function usage(pod: Pod, now: Date): ResourceList {
  if (!isCharged(pod, now)) return { 'count/pods': '1' }
  return { 'count/pods': '1', ...computeUsage(podRequests(pod, { useStatus: true }), podLimits(pod, { useStatus: true })) }
}

const hasDeadline = ({ spec }: Pod): boolean => spec.activeDeadlineSeconds !== undefined

const crosses = (term: PodAffinityTerm): boolean => (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined

function crossesNamespaces({ spec }: Pod): boolean {
  return [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity].some(
    (affinity) =>
      affinity?.requiredDuringSchedulingIgnoredDuringExecution?.some(crosses) === true ||
      affinity?.preferredDuringSchedulingIgnoredDuringExecution?.some(({ podAffinityTerm }) => crosses(podAffinityTerm)) === true,
  )
}

function inScope(selector: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  switch (selector.scopeName) {
    case 'Terminating':
      return hasDeadline(pod)
    case 'NotTerminating':
      return !hasDeadline(pod)
    case 'BestEffort':
      return qosClass(pod.spec) === 'BestEffort'
    case 'NotBestEffort':
      return qosClass(pod.spec) !== 'BestEffort'
    case 'PriorityClass':
      return passes(selector, pod.spec.priorityClassName ? [pod.spec.priorityClassName] : [])
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(pod)
    default:
      return false
  }
}

const mustName: ReadonlySet<string> = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'])

/** Where a quota limits cpu or memory, every container must name them: upstream's rule from before there were QoS classes. */
function missing(required: readonly string[], { spec }: Pod): string | undefined {
  const { requests = {}, limits = {} } = spec.resources ?? {}
  if ([...Object.keys(requests), ...Object.keys(limits)].some(isPodLevelResource)) return undefined
  const lacking = new Map<string, Set<string>>()
  for (const { name, resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    const named = computeUsage(resources?.requests ?? {}, resources?.limits ?? {})
    for (const wanted of required.filter((resource) => mustName.has(resource) && !Object.hasOwn(named, resource)))
      lacking.set(wanted, (lacking.get(wanted) ?? new Set()).add(name))
  }
  if (lacking.size === 0) return undefined
  const parts = [...lacking.keys()].sort().map((resource) => `${resource} for: ${[...(lacking.get(resource) ?? [])].sort().join(',')}`)
  return `must specify ${parts.join('; ')}`
}

export const podQuota: QuotaEvaluator = {
  groupResource: 'pods',
  handles: ({ operation, subresource, object, old }) => {
    if (subresource === 'resize') return operation === 'update'
    if (subresource !== '') return false
    return operation === 'create' || hasDeadline(object as Pod) !== hasDeadline(old as Pod)
  },
  matchingNames: (wanted) => wanted.filter((name) => names.has(name) || isHugePages(name) || isExtended(name)),
  inScope: (selector, object) => inScope(selector, object as Pod),
  usage: (object, now) => usage(object as Pod, now),
  missing: (required, object) => missing(required, object as Pod),
}
