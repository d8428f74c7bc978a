/** What the status of a pod says once it is over for good: no container of it may seem to wait or run. Pure; the rules are upstream's TerminatePod. */
import type { Pod } from '#api/core/pod.ts'
import type { ContainerStatus } from '#api/core/pod-status.ts'
import { isSidecar } from '#kubelet/pods/pod-containers.ts'
import { isStatic, isTerminalPhase } from '#kubelet/pods/pod-state.ts'
import type { ContainerStatuses } from './container-statuses.ts'
import type { Phase } from './pod-phase.ts'

const lost: NonNullable<ContainerStatus['state']> = {
  terminated: {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
  },
}

/** Nothing of the pod runs or will be started. What was initialised and has not ended is a failure; so is the pod, unless it is known better. */
export function terminalStatus(pod: Pod, status: ContainerStatuses & { phase: Phase }): ContainerStatuses & { phase: Phase } {
  const init = status.initContainerStatuses ?? []
  const begun = 1 + Math.max(0, init.findLastIndex(hasBegun))
  return {
    ...status,
    phase: isStatic(pod) || isTerminalPhase(status.phase) ? status.phase : 'Failed',
    ...(init.length > 0 ? { initContainerStatuses: init.map((each, i) => (i < begun ? ended(each) : each)) } : {}),
    ...(status.containerStatuses && wasInitialized(pod, status) ? { containerStatuses: status.containerStatuses.map(ended) } : {}),
  }
}

function hasBegun({ state, lastState }: ContainerStatus): boolean {
  return !state?.waiting || lastState?.terminated !== undefined
}

function ended(status: ContainerStatus): ContainerStatus {
  return status.state?.terminated ? status : { ...status, state: lost, ready: false, started: false }
}

/** A pod without init containers always is; else an app container has begun, or the last init container has done its work. */
function wasInitialized(pod: Pod, status: ContainerStatuses): boolean {
  const last = pod.spec?.initContainers?.at(-1)
  if (!last || (status.containerStatuses ?? []).some(hasBegun)) return true
  const seen = status.initContainerStatuses?.find(({ name }) => name === last.name)
  if (isSidecar(last)) return seen?.state?.running !== undefined && seen.started === true
  return [seen?.state, seen?.lastState].some((state) => state?.terminated?.exitCode === 0)
}
