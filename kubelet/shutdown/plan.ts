/** Graceful shutdown of the node: which pods end in which order, and how long each may take. Pure; rules and words are upstream's. */
import type { Pod } from '#api/core/pod.ts'
import type { Rejection } from '#kubelet/admission/admission.ts'
import { criticalPriority } from '#kubelet/admission/preemption.ts'
import type { PodFailure } from '#kubelet/pods/pod-actions.ts'

export interface Period {
  /** Pods of this priority and above, up to the next period's. */
  priority: number
  shutdownGracePeriodSeconds: number
}

/** As the configuration gives them, in milliseconds. */
export interface ShutdownConfig {
  shutdownGracePeriod: number
  shutdownGracePeriodCriticalPods: number
  shutdownGracePeriodByPodPriority: readonly Period[]
}

/** Lowest priority first; none where the node goes down without regard for its pods. */
export function periodsOf(config: ShutdownConfig): Period[] {
  const { shutdownGracePeriod: all, shutdownGracePeriodCriticalPods: critical } = config
  if (config.shutdownGracePeriodByPodPriority.length > 0)
    return [...config.shutdownGracePeriodByPodPriority].sort((a, b) => a.priority - b.priority)
  if (all === 0) return []
  return [
    { priority: 0, shutdownGracePeriodSeconds: Math.floor((all - critical) / 1000) },
    { priority: criticalPriority, shutdownGracePeriodSeconds: Math.floor(critical / 1000) },
  ]
}

export const totalSeconds = (periods: readonly Period[]): number =>
  periods.reduce((sum, { shutdownGracePeriodSeconds }) => sum + shutdownGracePeriodSeconds, 0)

/** Why a configuration cannot be; undefined where it can. */
export function shutdownProblem(config: ShutdownConfig): string | undefined {
  const { shutdownGracePeriod: all, shutdownGracePeriodCriticalPods: critical } = config
  const tooShort = (ms: number): boolean => ms < 0 || (ms > 0 && ms < 1000)
  if (critical > all) return `shutdownGracePeriodCriticalPods ${critical / 1000}s must be <= shutdownGracePeriod ${all / 1000}s`
  if (tooShort(all)) return 'shutdownGracePeriod must be either zero or otherwise >= 1 sec'
  if (tooShort(critical)) return 'shutdownGracePeriodCriticalPods must be either zero or otherwise >= 1 sec'
  if (config.shutdownGracePeriodByPodPriority.length > 0 && all > 0)
    return 'Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time'
  return undefined
}

export interface ShutdownGroup {
  seconds: number
  pods: readonly { pod: Pod; graceSeconds: number }[]
}

/** One after the other; a group without pods takes no time. What is above or below all periods belongs to the nearest. */
export function shutdownGroups(periods: readonly Period[], pods: readonly Pod[]): ShutdownGroup[] {
  const indexOf = (pod: Pod): number =>
    Math.max(
      0,
      periods.findLastIndex(({ priority }) => priority <= (pod.spec?.priority ?? 0)),
    )
  return periods
    .map(({ shutdownGracePeriodSeconds: seconds }, index) => ({
      seconds,
      pods: pods
        .filter((pod) => indexOf(pod) === index)
        .map((pod) => ({ pod, graceSeconds: Math.min(seconds, pod.spec?.terminationGracePeriodSeconds ?? seconds) })),
    }))
    .filter((group) => group.pods.length > 0)
}

const message = 'Pod was terminated in response to imminent node shutdown.'

export const shutdownFailure = (graceSeconds: number): PodFailure => ({
  reason: 'Terminated',
  message,
  rejected: false,
  disruption: message,
  graceSeconds,
})

export const shutdownRejection: Rejection = { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' }
/** What keeps the node from being ready. */
export const shutdownText = 'node is shutting down'
