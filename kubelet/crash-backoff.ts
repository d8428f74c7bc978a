/** Crash back-off: restarts wait 0, 10, 20, 40 … 300 s after the container's end; ten minutes of running begin anew. */
import type { Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'
import { factsOf } from './container-labels.ts'

export const initialBackoffSeconds = 10
export const maxBackoffSeconds = 300
/** A run longer than this forgets the past, as upstream's expiry of twice the longest delay does. */
const forgetAfterMs = 2 * maxBackoffSeconds * 1000

export interface CrashBackoff {
  /** When the next container may start; undefined for at once. */
  startAt: Date | undefined
  /** The delay now in force, for messages. */
  seconds: number
  /** What the next container's own end will be followed by. */
  nextSeconds: number
}

/** Of the container that ended last; undefined for the first start. */
export function crashBackoff(last: RuntimeContainer | undefined): CrashBackoff {
  if (!last) return { startAt: undefined, seconds: 0, nextSeconds: 0 }
  const { backoffSeconds } = factsOf(last)
  const finished = last.finishedAt ?? last.createdAt
  const ranMs = last.startedAt ? finished.getTime() - last.startedAt.getTime() : 0
  if (backoffSeconds === 0 || ranMs > forgetAfterMs) return { startAt: undefined, seconds: 0, nextSeconds: initialBackoffSeconds }
  return {
    startAt: new Date(finished.getTime() + backoffSeconds * 1000),
    seconds: backoffSeconds,
    nextSeconds: Math.min(maxBackoffSeconds, backoffSeconds * 2),
  }
}

/** Go's text of a delay: 10s, 1m20s, 5m0s. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds}s`
  return `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
