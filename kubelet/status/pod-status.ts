/** A pod's status from what was seen of it. Pure; nothing in it depends on when it is called but the transition times. */
import type { Pod } from '#api/core/pod.ts'
import type { ContainerStatus, PodStatus } from '#api/core/pod-status.ts'
import { qosClass } from '#kubelet/cgroups/qos.ts'
import type { PodDesired, PodSeen } from '#kubelet/pods/pod-actions.ts'
import {
  currentSandbox,
  hasFinished,
  hasInitialized,
  isStatic,
  isTerminalPhase,
  isTerminating,
  runningContainers,
} from '#kubelet/pods/pod-state.ts'
import type { Sandbox } from '#kubelet/runtime/runtime.ts'
import { containerStatuses } from './container-statuses.ts'
import { podConditions } from './pod-conditions.ts'
import { type Phase, podPhase } from './pod-phase.ts'
import { terminalStatus } from './terminal-status.ts'

/** What every pod of a node shares. */
export interface NodeFacts {
  hostIps: readonly string[]
}

/** `previous` is the newest status known, the API's or the one computed last. */
export function podStatus(desired: PodDesired, seen: PodSeen, previous: PodStatus, facts: NodeFacts & { now: Date }): PodStatus {
  const { pod, failure } = desired
  if (failure?.rejected) return rejectedStatus(pod, failure, facts)
  // Over, and nothing left to look at: what is written stands.
  if (isTerminalPhase(pod.status?.phase) && seen.containers.length === 0) return previous
  const finished = hasFinished(pod, seen)
  const ending = isTerminating(desired) || finished
  const found = containerStatuses({ pod, seen, ending, previous: byName(previous) })
  const known = [...(found.containerStatuses ?? []), ...(found.initContainerStatuses ?? [])]
  const initialized = hasInitialized(pod, seen) || (previous.containerStatuses ?? []).some((status) => status.started)
  const over = ending && !isBusy(seen)
  // The exit code of what is only started again with other resources means nothing.
  const restarting = seen.containers.some((each) => seen.restarting.has(each.id) && each.state === 'exited')
  const computed = restarting ? 'Running' : podPhase(pod, known, { over, initialized, isStatic: isStatic(pod) })
  const reached = { ...found, phase: phaseOf(desired, previous, computed, isBusy(seen)) }
  const { phase, ...statuses } = over ? terminalStatus(pod, reached) : reached
  const observed = pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }
  const sandboxReady = shownSandbox(seen) !== undefined
  return {
    ...observed,
    phase,
    conditions: podConditions(
      pod,
      {
        // As upstream: what the conditions say is of before the end was made of what never came to run.
        phase: reached.phase,
        statuses: known,
        sandboxReady,
        initialized,
        resize: seen.resize,
        ...(failure?.disruption === undefined ? {} : { disruption: failure.disruption }),
      },
      previous.conditions ?? [],
      facts.now,
    ),
    ...reasonOf(desired, previous, phase),
    ...(facts.hostIps.length > 0 ? { hostIP: facts.hostIps[0] ?? '', hostIPs: facts.hostIps.map((ip) => ({ ip })) } : {}),
    ...addressesOf(pod, seen, previous, facts),
    startTime: previous.startTime ?? `${facts.now.toISOString().slice(0, 19)}Z`,
    ...statuses,
    qosClass: qosClass(pod),
  }
}

function byName(status: PodStatus): ReadonlyMap<string, ContainerStatus> {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? []), ...(status.ephemeralContainerStatuses ?? [])]
  return new Map(all.map((each) => [each.name, each]))
}

/** Something of it runs, or may run in a moment. */
function isBusy(seen: PodSeen): boolean {
  return runningContainers(seen).length > 0 || [...seen.inFlight.keys()].some((key) => key.startsWith('startContainer/'))
}

/** A terminal phase is never left again; a pod that the node ended is Failed, once nothing of it runs any more. */
function phaseOf(desired: PodDesired, previous: PodStatus, computed: Phase, running: boolean): Phase {
  if (isTerminalPhase(desired.pod.status?.phase)) return desired.pod.status?.phase as Phase
  if (isTerminalPhase(previous.phase)) return previous.phase as Phase
  if (!desired.failure) return computed
  return running ? ((previous.phase as Phase | undefined) ?? computed) : 'Failed'
}

function reasonOf(desired: PodDesired, previous: PodStatus, phase: Phase): Pick<PodStatus, 'reason' | 'message'> {
  const failure = isTerminalPhase(phase) ? desired.failure : undefined
  // As upstream: what others said of this very phase stands.
  const said = phase === previous.phase ? previous : {}
  const shown = phase === previous.phase ? (desired.pod.status ?? {}) : {}
  const { reason = said.reason || shown.reason, message = said.message || shown.message } = failure ?? {}
  return { ...(reason ? { reason } : {}), ...(message ? { message } : {}) }
}

/** Upstream makes the sandbox after the volumes; here they are made side by side, which nobody is told while volumes are waited for. */
function shownSandbox(seen: PodSeen): Sandbox | undefined {
  return seen.volumes !== 'mounted' && seen.containers.length === 0 ? undefined : currentSandbox(seen)
}

/** The addresses of the sandbox; the last known ones stay once it is gone. */
function addressesOf(pod: Pod, seen: PodSeen, previous: PodStatus, facts: NodeFacts): Pick<PodStatus, 'podIP' | 'podIPs'> {
  const sandbox = shownSandbox(seen)
  const found = sandbox ? (pod.spec?.hostNetwork ? facts.hostIps : sandbox.ips) : []
  const ips = found.length > 0 ? found : (previous.podIPs ?? []).map(({ ip }) => ip)
  return ips.length > 0 ? { podIP: ips[0] ?? '', podIPs: ips.map((ip) => ({ ip })) } : {}
}

/** A pod that the node did not admit: no container was ever thought of. */
function rejectedStatus(pod: Pod, failure: { reason: string; message: string }, facts: { now: Date }): PodStatus {
  const { conditions } = pod.status ?? {}
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase: 'Failed',
    ...(conditions ? { conditions } : {}),
    reason: failure.reason,
    message: `Pod was rejected: ${failure.message}`,
    startTime: pod.status?.startTime ?? `${facts.now.toISOString().slice(0, 19)}Z`,
    qosClass: qosClass(pod),
  }
}
