/** Crash back-off: restarts wait 0, 10, 20, 40 … 300 s after the container's end; ten minutes of running begin anew. Pure. */

import { factsOf } from '#kubelet/containers/container-labels.ts'
import type { PodSeen } from '#kubelet/pods/pod-actions.ts'
import type { Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'

const initialBackoffSeconds = 10
/** Upstream's default of crashLoopBackOff.maxContainerRestartPeriod. */
const defaultLongestSeconds = 300

export interface CrashBackoff {
  /** When the next container may start; undefined for at once. */
  startAt: Date | undefined
  /** The delay now in force, for messages. */
  seconds: number
  /** What the next container's own end will be followed by. */
  nextSeconds: number
}

/** Of the container that ended last; undefined for the first start. A run longer than twice the longest delay forgets the past, as upstream's expiry does. */
export function crashBackoff(
  last: RuntimeContainer | undefined,
  { longestBackoffSeconds: longestSeconds = defaultLongestSeconds, probeKills }: Pick<PodSeen, 'longestBackoffSeconds' | 'probeKills'>,
): CrashBackoff {
  if (!last) return { startAt: undefined, seconds: 0, nextSeconds: 0 }
  const seconds = Math.min(longestSeconds, factsOf(last).backoffSeconds)
  const finished = last.finishedAt ?? last.createdAt
  const kill = probeKills.get(last.id)
  if (kill) {
    // Upstream ends and starts it in one go, and looks no further than the run before: its delay may well have passed by now.
    const { before } = kill
    if (!before) return { startAt: undefined, seconds: 0, nextSeconds: seconds }
    if (finished.getTime() - before.getTime() >= seconds * 1000)
      return { startAt: undefined, seconds: 0, nextSeconds: Math.min(longestSeconds, seconds === 0 ? initialBackoffSeconds : seconds * 2) }
  }
  const ranMs = last.startedAt ? finished.getTime() - last.startedAt.getTime() : 0
  if (seconds === 0 || ranMs > 2 * longestSeconds * 1000)
    return { startAt: undefined, seconds: 0, nextSeconds: Math.min(longestSeconds, initialBackoffSeconds) }
  return {
    startAt: new Date(finished.getTime() + seconds * 1000),
    seconds,
    nextSeconds: Math.min(longestSeconds, seconds * 2),
  }
}

/** True where the container ended in the future: the clock has jumped back since, and there is no telling how long ago it was. */
export function endedInFuture(last: RuntimeContainer | undefined, now: Date): boolean {
  return last?.finishedAt !== undefined && last.finishedAt.getTime() > now.getTime() + 1000
}

/** Go's text of a delay: 10s, 1m20s, 5m0s. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds}s`
  return `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
