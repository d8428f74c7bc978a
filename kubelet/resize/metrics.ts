/** Metrics of resizes, under upstream's names. */
import { Counter, Gauge, Histogram } from 'prom-client'
import type { Pod } from '#api/core/pod.ts'
import { compareQuantities } from '#api/meta/quantity.ts'
import { type Allocation, allocationOf, resizable } from './allocation.ts'
import type { ResizeConditions } from './conditions.ts'

const requested = new Counter({
  name: 'kubelet_container_requested_resizes_total',
  help: 'Resizes that specs asked for, by container, resource, requests or limits, and what is done to it.',
  labelNames: ['resource', 'requirement', 'operation'],
})
export const resizeDuration = new Histogram({
  name: 'kubelet_pod_resize_duration_milliseconds',
  help: 'How long giving running containers other resources takes.',
  labelNames: ['success'],
  buckets: [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240, 20_480, 40_960, 81_920, 163_840, 327_680],
})
const pending = new Gauge({ name: 'kubelet_pod_pending_resizes', help: 'Pods whose resize waits or cannot be.', labelNames: ['reason'] })
const inProgress = new Gauge({ name: 'kubelet_pod_in_progress_resizes', help: 'Pods that are being resized.' })
export const infeasibleResizes = new Counter({
  name: 'kubelet_pod_infeasible_resizes_total',
  help: 'Resizes that this node can never grant.',
  labelNames: ['reason_detail'],
})
export const deferredAccepted = new Counter({
  name: 'kubelet_pod_deferred_accepted_resizes_total',
  help: 'Resizes that were granted after they had waited, by what made room.',
  labelNames: ['retry_trigger'],
})

/** What a spec asks for beside what the pod was given. */
export function countRequested(wanted: Pod, given: Allocation): void {
  for (const [name, amounts] of Object.entries(allocationOf(wanted)))
    for (const resource of resizable)
      for (const requirement of ['requests', 'limits'] as const) {
        const operation = operationOf(given[name]?.[requirement]?.[resource], amounts[requirement]?.[resource])
        if (operation) requested.inc({ resource, requirement, operation })
      }
}

/** Pure. */
export function operationOf(was: string | undefined, now: string | undefined): 'add' | 'remove' | 'increase' | 'decrease' | undefined {
  if (was === undefined) return now === undefined ? undefined : 'add'
  if (now === undefined) return 'remove'
  const change = compareQuantities(now, was)
  return change === 0 ? undefined : change > 0 ? 'increase' : 'decrease'
}

/** Of all pods, as they are now. */
export function countConditions(all: readonly ResizeConditions[]): void {
  for (const reason of ['Deferred', 'Infeasible'])
    pending.set({ reason: reason.toLowerCase() }, all.filter((each) => each.pending?.reason === reason).length)
  inProgress.set(all.filter((each) => each.inProgress !== undefined).length)
}
