/** Takes away what is left of pods that have ended, when a disk runs out: their containers, with their logs, and sandboxes. */
import { isTerminalPhase, runningContainers } from '#kubelet/pods/pod-state.ts'
import type { PodWork } from '#kubelet/pods/pod-work.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'

/** What remains of these pods is only kept for its logs: the API shows that they are over, and nothing of them is under way. Pure. */
export function endedPods(pods: readonly PodWork[]): PodWork[] {
  return pods.filter(
    (work) =>
      isTerminalPhase(work.pod.status?.phase) &&
      !work.desired.removed &&
      work.inFlight.size === 0 &&
      runningContainers(work).length === 0 &&
      work.containers.length + work.sandboxes.length > 0,
  )
}

/** The runtime tells the pods' actors. Sandboxes go after their containers. */
export async function removeEnded(
  pods: readonly PodWork[],
  runtime: Pick<ContainerRuntime, 'removeContainer' | 'removeSandbox'>,
): Promise<void> {
  const signal = AbortSignal.timeout(120_000)
  for (const work of endedPods(pods)) {
    for (const { id } of work.containers) await runtime.removeContainer(id, signal)
    for (const { id } of work.sandboxes) await runtime.removeSandbox(id, signal)
    work.sandboxes = []
  }
}
