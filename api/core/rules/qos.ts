/** A pod's quality of service (upstream: pkg/apis/core/v1/helper/qos). */

import type { PodSpec } from '#api/core/pod-spec.ts'
import { addQuantities, formatQuantity, parseQuantity } from '#api/meta/quantity.ts'
import type { ResourceList } from './resources.ts'

const counted = ['cpu', 'memory'] as const

function addPositive(sum: ResourceList, more: ResourceList | undefined): number {
  let found = 0
  for (const name of counted) {
    const text = more?.[name]
    if (text === undefined || parseQuantity(text).nano <= 0n) continue
    found++
    const before = sum[name]
    sum[name] = before === undefined ? text : formatQuantity(addQuantities(parseQuantity(text), parseQuantity(before)))
  }
  return found
}

function sameAmounts(requests: ResourceList, limits: ResourceList): boolean {
  const names = Object.keys(requests)
  if (names.length !== Object.keys(limits).length) return false
  return names.every((name) => parseQuantity(requests[name] ?? '0').nano === parseQuantity(limits[name] ?? '-1').nano)
}

/**
 * Guaranteed if every container limits CPU and memory and asks for exactly that, BestEffort if none asks for anything.
 * Amounts of the pod as a whole take the place of its containers' ones. Ephemeral containers do not count.
 */
export function qosClass(spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const requests: ResourceList = {}
  const limits: ResourceList = {}
  const holders = spec.resources ? [spec] : [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  let allLimited = true
  for (const { resources } of holders) {
    addPositive(requests, resources?.requests)
    const limited = addPositive(limits, resources?.limits)
    const podWithoutLimits = spec.resources !== undefined && Object.keys(resources?.limits ?? {}).length === 0
    if (limited < counted.length && !podWithoutLimits) allLimited = false
  }
  if (Object.keys(requests).length + Object.keys(limits).length === 0) return 'BestEffort'
  return allLimited && sameAmounts(requests, limits) ? 'Guaranteed' : 'Burstable'
}
