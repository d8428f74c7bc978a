/** The statuses of all containers of a pod, each kind in upstream's order. Pure. */
import type { ContainerStatus, PodStatus } from '#api/core/pod-status.ts'
import { type ContainerKind, containersOf } from '#kubelet/pods/pod-containers.ts'
import { containerStatus, type StatusContext } from './container-status.ts'
import { boundedMessages } from './termination-messages.ts'

export type ContainerStatuses = Pick<PodStatus, 'initContainerStatuses' | 'containerStatuses' | 'ephemeralContainerStatuses'>

/** Init containers in the order of their start, the others by name; of ephemeral ones nobody says whether they are started. */
export function containerStatuses(context: StatusContext): ContainerStatuses {
  const of = (kind: ContainerKind): ContainerStatus[] => {
    const statuses = containersOf(context.pod)
      .filter((named) => named.kind === kind)
      .map((named) => containerStatus(named, context))
    return boundedMessages(context.pod, statuses)
  }
  const init = of('init')
  const ephemeral = of('ephemeral')
  return {
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: of('app').sort(byName),
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral.sort(byName).map(withoutStarted) } : {}),
  }
}

const byName = (a: ContainerStatus, b: ContainerStatus): number => (a.name < b.name ? -1 : 1)

function withoutStarted({ started: _, ...status }: ContainerStatus): ContainerStatus {
  return status
}
