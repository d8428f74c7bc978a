/** The conditions of a pod that the kubelet owns, with upstream's reasons and messages. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { ContainerStatus, PodCondition } from '#api/core/pod-status.ts'
import { isSidecar } from '#kubelet/pods/pod-containers.ts'
import { listed, type ResizeConditions } from '#kubelet/resize/conditions.ts'
import type { Phase } from './pod-phase.ts'

type Verdict = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>

export interface ConditionFacts {
  phase: Phase
  statuses: readonly ContainerStatus[]
  sandboxReady: boolean
  initialized: boolean
  resize: ResizeConditions
  /** Message of the DisruptionTarget condition, where the node ends the pod for its own reasons. */
  disruption?: string
}

/** In upstream's order; times are kept where the status did not change. */
export function podConditions(pod: Pod, facts: ConditionFacts, previous: readonly PodCondition[], now: Date): PodCondition[] {
  const containersReady = containersReadyVerdict(pod, facts)
  const verdicts: Verdict[] = [
    { type: 'PodReadyToStartContainers', status: facts.sandboxReady ? 'True' : 'False' },
    initializedVerdict(pod, facts),
    readyVerdict(pod, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' },
    ...disruptionVerdict(facts),
  ]
  const over = facts.phase === 'Succeeded' || facts.phase === 'Failed'
  return [...(over ? [] : listed(facts.resize)), ...verdicts.map((verdict) => timed(pod, verdict, previous, now))]
}

/** Told together with the end, not before: until then another may still come first. */
function disruptionVerdict({ disruption, phase }: ConditionFacts): Verdict[] {
  if (disruption === undefined || (phase !== 'Failed' && phase !== 'Succeeded')) return []
  return [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: disruption }]
}

function timed(pod: Pod, verdict: Verdict, previous: readonly PodCondition[], now: Date): PodCondition {
  const before = previous.find((condition) => condition.type === verdict.type)
  const same = before?.status === verdict.status && before.lastTransitionTime !== undefined
  return {
    type: verdict.type,
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    status: verdict.status,
    lastTransitionTime: same && before.lastTransitionTime ? before.lastTransitionTime : `${now.toISOString().slice(0, 19)}Z`,
    ...(verdict.reason ? { reason: verdict.reason } : {}),
    ...(verdict.message ? { message: verdict.message } : {}),
  }
}

const goList = (names: readonly string[]): string => `[${names.join(' ')}]`

function incomplete(unknown: readonly string[], what: string, names: readonly string[]): string {
  const parts: string[] = []
  if (unknown.length > 0) parts.push(`containers with unknown status: ${goList(unknown)}`)
  if (names.length > 0) parts.push(`containers with ${what} status: ${goList(names)}`)
  return parts.join(', ')
}

function containersReadyVerdict(pod: Pod, facts: ConditionFacts): Verdict {
  const type = 'ContainersReady'
  const byName = new Map(facts.statuses.map((status) => [status.name, status]))
  const wanted = [...(pod.spec?.initContainers ?? []).filter(isSidecar), ...(pod.spec?.containers ?? [])].map(({ name }) => name)
  const unknown = wanted.filter((name) => !byName.has(name))
  const unready = wanted.filter((name) => byName.get(name)?.ready === false)
  if (facts.phase === 'Succeeded' && unknown.length === 0) return { type, status: 'False', reason: 'PodCompleted' }
  if (facts.phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' }
  const message = incomplete(unknown, 'unready', unready)
  return message === '' ? { type, status: 'True' } : { type, status: 'False', reason: 'ContainersNotReady', message }
}

/** The conditions of gates are others': they stand in what the API has. */
function readyVerdict(pod: Pod, containersReady: Verdict): Verdict {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' }
  const messages: string[] = []
  for (const { conditionType } of pod.spec?.readinessGates ?? []) {
    const gate = pod.status?.conditions?.find((condition) => condition.type === conditionType)
    if (!gate) messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`)
    else if (gate.status !== 'True') messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`)
  }
  if (messages.length > 0) return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') }
  return { type: 'Ready', status: 'True' }
}

function initializedVerdict(pod: Pod, facts: ConditionFacts): Verdict {
  const type = 'Initialized'
  const byName = new Map(facts.statuses.map((status) => [status.name, status]))
  const unknown: string[] = []
  const unfinished: string[] = []
  for (const container of pod.spec?.initContainers ?? []) {
    const status = byName.get(container.name)
    if (!status) unknown.push(container.name)
    else if (isSidecar(container) ? !status.started : !status.ready) unfinished.push(container.name)
  }
  if (facts.phase === 'Succeeded' && unknown.length === 0) return { type, status: 'True', reason: 'PodCompleted' }
  const message = incomplete(unknown, 'incomplete', unfinished)
  // An app container that began did so after them, whatever has become of sidecars since.
  const begun = (pod.spec?.containers ?? []).some(({ name }) => byName.get(name)?.state?.running ?? byName.get(name)?.state?.terminated)
  if (facts.initialized || begun || message === '') return { type, status: 'True' }
  return { type, status: 'False', reason: 'ContainersNotInitialized', message }
}
