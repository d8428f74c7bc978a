/** Whether a pod may be evicted, and what its disruption budget notes of it (upstream: pkg/registry/core/pod/storage/eviction.go). */
import type { Pod } from '#api/core/pod.ts'
import { isPodReady } from '#api/core/rules/pod-state.ts'
import { matches, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { ApiError, forbiddenError, type StatusCause } from '#api/meta/status.ts'
import { formatTime } from '#api/meta/time.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import type { PodDisruptionBudget } from './pod-disruption-budget.ts'

const mostUnconfirmed = 2000
const laterSeconds = 10
const subject = { group: 'policy', plural: 'poddisruptionbudget', kind: 'PodDisruptionBudget' }

/** A pod that has ended, has not begun or is going already disrupts nothing by going. */
export const ignoresBudgets = ({ status, metadata }: Pod): boolean =>
  ['Succeeded', 'Failed', 'Pending'].includes(status.phase ?? '') || metadata.deletionTimestamp !== undefined

/** Pods that have ended or are going change no more; all others must be the ones that were looked at. */
export const mustBeUnchanged = ({ status, metadata }: Pod): boolean =>
  status.phase !== 'Succeeded' && status.phase !== 'Failed' && metadata.deletionTimestamp === undefined

/** The budgets of a namespace that count this pod. */
export function budgetsOf(pod: Pod, budgets: readonly PodDisruptionBudget[]): PodDisruptionBudget[] {
  return budgets.filter(({ spec: { selector } }) => {
    if (validateLabelSelector(selector, '').length > 0) return false
    return matches(selectorFromLabelSelector(selector), pod.metadata.labels)
  })
}

/** A pod that is not ready may go at once where its budget says so, or where enough others are ready. */
export function goesUnready(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isPodReady(pod)) return false
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  return status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0
}

function refusal(retryAfterSeconds: number, message: string): ApiError {
  const causes: StatusCause[] = [{ reason: 'DisruptionBudget', message }]
  const text = "Cannot evict pod as it would violate the pod's disruption budget."
  return new ApiError(429, 'TooManyRequests', text, { causes, ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}) })
}

/** Its controller has not caught up yet. */
export const budgetInProgress = (name: string): ApiError =>
  refusal(laterSeconds, `The disruption budget ${name} is still being processed by the server.`)

function whyNone({ metadata: { name = '' }, status }: PodDisruptionBudget): string {
  const condition = status.conditions?.find(({ type }) => type === 'DisruptionAllowed')
  const said = condition?.status === 'False' && condition.message ? condition : undefined
  if (said?.reason === 'SyncFailed') {
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${said.message}`
  }
  const { currentHealthy, desiredHealthy } = status
  if (currentHealthy <= desiredHealthy) {
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  }
  const text = `The disruption budget ${name} does not allow evicting pods currently`
  return said ? `${text} (${said.reason}): ${said.message}` : text
}

/** The condition follows the number; its time moves with its status. */
function withCondition(status: PodDisruptionBudget['status'], now: Date): PodDisruptionBudget['status'] {
  const was = status.conditions?.find(({ type }) => type === 'DisruptionAllowed')
  const since = was?.status === 'False' ? was.lastTransitionTime : formatTime(now)
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'InsufficientPods',
    message: '',
    lastTransitionTime: since,
    ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
  }
  const others = status.conditions ?? []
  const conditions = was ? others.map((one) => (one === was ? condition : one)) : [...others, condition]
  return { ...status, conditions }
}

/** The budget after one more pod was told to go. Throws 403, 429. */
export function takeDisruption(budget: PodDisruptionBudget, pod: string, now: Date): PodDisruptionBudget {
  const { metadata, status } = budget
  const { name = '', generation = 0 } = metadata
  if ((status.observedGeneration ?? 0) < generation) throw budgetInProgress(name)
  if (status.disruptionsAllowed < 0) throw forbiddenError(subject, name, 'pdb disruptions allowed is negative')
  if (Object.keys(status.disruptedPods ?? {}).length > mostUnconfirmed) {
    throw forbiddenError(subject, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  }
  if (status.disruptionsAllowed === 0) throw refusal(0, whyNone(budget))
  const left = status.disruptionsAllowed - 1
  const next = { ...status, disruptionsAllowed: left, disruptedPods: { ...status.disruptedPods, [pod]: formatTime(now) } }
  return { ...budget, status: left === 0 ? withCondition(next, now) : next }
}
