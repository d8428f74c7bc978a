/** Amounts a whole pod asks for: containers, init containers, sidecars, pod-level amounts and overhead (upstream: component-helpers/resource). */
import type { Container } from '#api/core/container.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import type { ContainerStatus, PodStatus } from '#api/core/pod-status.ts'
import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from '#api/meta/quantity.ts'

/** Resource name to quantity text. */
export type ResourceList = Record<string, string>

/** The part of a pod that the sums read; a template has no status. */
export interface PodLike {
  spec: PodSpec
  status?: PodStatus | undefined
}

export interface PodResourcesOptions {
  /** Count what resized containers really have, as the status tells. */
  useStatus?: boolean
  excludeOverhead?: boolean
  /** Skip `spec.resources`. */
  skipPodLevel?: boolean
}

const own = (list: ResourceList, name: string): string | undefined => (Object.hasOwn(list, name) ? list[name] : undefined)

function addInto(sum: ResourceList, more: ResourceList | undefined): void {
  for (const [name, amount] of Object.entries(more ?? {})) {
    const was = own(sum, name)
    sum[name] = was === undefined ? amount : formatQuantity(addQuantities(parseQuantity(was), parseQuantity(amount)))
  }
}

function maxInto(most: ResourceList, other: ResourceList | undefined): void {
  for (const [name, amount] of Object.entries(other ?? {})) {
    const was = own(most, name)
    if (was === undefined || compareQuantities(amount, was) > 0) most[name] = amount
  }
}

function mostOf(...lists: readonly (ResourceList | undefined)[]): ResourceList {
  const most: ResourceList = {}
  for (const list of lists) maxInto(most, list)
  return most
}

/** An init container that keeps running beside the containers. */
export function isSidecar(container: Pick<Container, 'restartPolicy'>): boolean {
  return container.restartPolicy === 'Always'
}

function resizeInfeasible(status: PodStatus | undefined): boolean {
  return status?.conditions?.find((c) => c.type === 'PodResizePending')?.reason === 'Infeasible'
}

type Field = 'requests' | 'limits'

function effective(pod: PodLike, container: Container, field: Field): ResourceList | undefined {
  const wanted = container.resources?.[field]
  const statuses: readonly ContainerStatus[] = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
  const status = statuses.find((s) => s.name === container.name)
  if (status?.resources === undefined) return wanted
  const actual = status.resources[field]
  if (field === 'limits') return resizeInfeasible(pod.status) ? (actual ?? {}) : mostOf(wanted, actual)
  if (resizeInfeasible(pod.status)) return mostOf(actual, status.allocatedResources)
  return mostOf(wanted, actual, status.allocatedResources)
}

/** Sum of the containers; an init container counts with the sidecars before it, and only its peak beyond the sum of the others. */
function aggregate(pod: PodLike, field: Field, useStatus: boolean): ResourceList {
  const sum: ResourceList = {}
  for (const container of pod.spec.containers ?? []) {
    addInto(sum, useStatus ? effective(pod, container, field) : container.resources?.[field])
  }
  const sidecars: ResourceList = {}
  const initPeak: ResourceList = {}
  for (const container of pod.spec.initContainers ?? []) {
    if (isSidecar(container)) {
      const amounts = useStatus ? effective(pod, container, field) : container.resources?.[field]
      addInto(sum, amounts)
      addInto(sidecars, amounts)
      maxInto(initPeak, sidecars)
    } else {
      const amounts: ResourceList = { ...container.resources?.[field] }
      addInto(amounts, sidecars)
      maxInto(initPeak, amounts)
    }
  }
  maxInto(sum, initPeak)
  return sum
}

export const containerRequests = (pod: PodLike, useStatus = false): ResourceList => aggregate(pod, 'requests', useStatus)
export const containerLimits = (pod: PodLike, useStatus = false): ResourceList => aggregate(pod, 'limits', useStatus)

/** Resources that `spec.resources` of a pod may name. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
}

function podLevel(list: ResourceList | undefined): [string, string][] {
  return Object.entries(list ?? {}).filter(([name]) => isPodLevelResource(name))
}

/** What the scheduler counts for a pod. */
export function podRequests(pod: PodLike, options: PodResourcesOptions = {}): ResourceList {
  const sum = containerRequests(pod, options.useStatus)
  if (!options.skipPodLevel) for (const [name, amount] of podLevel(pod.spec.resources?.requests)) sum[name] = amount
  if (!options.excludeOverhead) addInto(sum, pod.spec.overhead)
  return sum
}

/** What the node enforces for a pod. Overhead is added only to limits that exist. */
export function podLimits(pod: PodLike, options: PodResourcesOptions = {}): ResourceList {
  const sum = containerLimits(pod, options.useStatus)
  if (!options.skipPodLevel) for (const [name, amount] of podLevel(pod.spec.resources?.limits)) sum[name] = amount
  if (options.excludeOverhead) return sum
  for (const [name, amount] of Object.entries(pod.spec.overhead ?? {})) {
    const limit = own(sum, name)
    if (limit !== undefined && parseQuantity(limit).nano !== 0n) addInto(sum, { [name]: amount })
  }
  return sum
}
