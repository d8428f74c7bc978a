/** The phase of a pod from its container states. Pure; the rules are upstream's getPhase. */
import type { Pod } from '#api/core/pod.ts'
import type { ContainerStatus } from '#api/core/pod-status.ts'
import { isSidecar, type NamedContainer, shouldRestart } from '#kubelet/pods/pod-containers.ts'

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

interface Counts {
  unknown: number
  running: number
  waiting: number
  stopped: number
  stoppedForGood: number
  succeeded: number
}

/** `over`: no container will be started again, whatever the restart policy. `initialized`: an app container has been started. */
export function podPhase(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  facts: { over: boolean; initialized: boolean; isStatic: boolean },
): Phase {
  const byName = new Map(statuses.map((status) => [status.name, status]))
  const init = initState(pod, byName)
  if (init.failedForGood) return 'Failed'
  const counts: Counts = { unknown: 0, running: 0, waiting: 0, stopped: 0, stoppedForGood: 0, succeeded: 0 }
  const pendingSidecars = countSidecars(pod, byName, counts)
  for (const container of pod.spec?.containers ?? []) countApp(pod, { kind: 'app', container }, byName.get(container.name), counts)
  if (init.pending || (pendingSidecars && !facts.initialized) || counts.waiting > 0) return 'Pending'
  if (counts.running > 0 && counts.unknown === 0) return 'Running'
  if (counts.running > 0 || counts.stopped === 0 || counts.unknown > 0) return 'Pending'
  const outcome = counts.stopped === counts.succeeded ? 'Succeeded' : 'Failed'
  if (facts.over && !facts.isStatic) return outcome
  return counts.stopped === counts.stoppedForGood ? outcome : 'Running'
}

function initState(pod: Pod, byName: ReadonlyMap<string, ContainerStatus>): { pending: boolean; failedForGood: boolean } {
  let pending = false
  let failedForGood = false
  for (const container of pod.spec?.initContainers ?? []) {
    if (isSidecar(container)) continue
    const status = byName.get(container.name)
    const ended = status?.state?.terminated ?? (status?.state?.waiting ? status.lastState?.terminated : undefined)
    if (!ended) pending = true
    else if (ended.exitCode !== 0 && !shouldRestart(pod, { kind: 'init', container }, ended.exitCode)) failedForGood = true
    else if (ended.exitCode !== 0) pending = true
  }
  return { pending, failedForGood }
}

/** True when a sidecar has not come up yet. One that ended counts for nothing. */
function countSidecars(pod: Pod, byName: ReadonlyMap<string, ContainerStatus>, counts: Counts): boolean {
  let pending = false
  for (const container of (pod.spec?.initContainers ?? []).filter(isSidecar)) {
    const status = byName.get(container.name)
    if (status?.state?.running) {
      counts.running++
      if (!status.started) pending = true
    } else if (!status?.state?.terminated && !status?.lastState?.terminated) {
      pending = true
      if (status?.state?.waiting) counts.waiting++
      else counts.unknown++
    }
  }
  return pending
}

function countApp(pod: Pod, named: NamedContainer, status: ContainerStatus | undefined, counts: Counts): void {
  const state = status?.state
  if (state?.running) counts.running++
  else if (state?.terminated || (state?.waiting && status?.lastState?.terminated)) {
    const exitCode = (state.terminated ?? status?.lastState?.terminated)?.exitCode ?? 0
    counts.stopped++
    if (!shouldRestart(pod, named, exitCode)) counts.stoppedForGood++
    if (state.terminated && exitCode === 0) counts.succeeded++
  } else if (state?.waiting) counts.waiting++
  else counts.unknown++
}
