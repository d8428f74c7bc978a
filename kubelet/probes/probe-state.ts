/** How results of one probe become a verdict: thresholds, and what counts until the first result is in. Pure. */
import type { Probe } from '#api/core/probe.ts'
import { longestTimerMs } from '#component/clock.ts'

export type ProbeKind = 'liveness' | 'readiness' | 'startup'
export interface ProbeState {
  verdict: 'success' | 'failure' | 'unknown'
  /** Results in a row of the same sort. */
  streak: number
  last: boolean | undefined
}

/** Until they have failed, liveness holds; readiness and start-up do not until they have succeeded. */
export function initialState(kind: ProbeKind): ProbeState {
  return { verdict: kind === 'liveness' ? 'success' : kind === 'readiness' ? 'failure' : 'unknown', streak: 0, last: undefined }
}

/** Of a container that ran before the kubelet did: what was known of it then holds until a probe says otherwise. */
export function resumedState(kind: ProbeKind, before: { started: boolean; ready: boolean }): ProbeState {
  const held = (kind === 'startup' && before.started) || (kind === 'readiness' && before.ready)
  return held ? { verdict: 'success', streak: 0, last: undefined } : initialState(kind)
}

export function afterResult(state: ProbeState, ok: boolean, probe: Probe): ProbeState {
  const streak = state.last === ok ? state.streak + 1 : 1
  const threshold = ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3)
  if (streak < threshold) return { ...state, streak, last: ok }
  return { verdict: ok ? 'success' : 'failure', streak, last: ok }
}

/** Milliseconds from the container's start to the first probe. */
export function firstDelayMs(probe: Probe): number {
  return (probe.initialDelaySeconds ?? 0) * 1000
}

export const periodMs = (probe: Probe): number => (probe.periodSeconds ?? 10) * 1000
export const timeoutMs = (probe: Probe): number => Math.min((probe.timeoutSeconds ?? 1) * 1000, longestTimerMs)
