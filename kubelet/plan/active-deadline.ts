/** activeDeadlineSeconds: how long a pod may be active on its node, counted from its start time. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { PodStatus } from '#api/core/pod-status.ts'
import type { PodFailure } from '#kubelet/pods/pod-actions.ts'
import { isTerminalPhase } from '#kubelet/pods/pod-state.ts'

export function deadlineOf(pod: Pod, status: PodStatus, now: Date): { failure?: PodFailure; recheckAfterMs?: number } {
  const seconds = pod.spec?.activeDeadlineSeconds
  const started = Date.parse(pod.status?.startTime ?? status.startTime ?? '')
  if (seconds === undefined || Number.isNaN(started) || isTerminalPhase(status.phase)) return {}
  const left = started + seconds * 1000 - now.getTime()
  if (left > 0) return { recheckAfterMs: left }
  return {
    failure: { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline', rejected: false },
  }
}
