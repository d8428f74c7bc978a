/**
 * Takes away what is left of pods that have ended, when a disk runs out: their containers, with their logs, and sandboxes; and ended containers
 * where a node may have only so many.
 */
import { sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import { isTerminalPhase, runningContainers } from '#kubelet/pods/pod-state.ts'
import type { PodWork } from '#kubelet/pods/pod-work.ts'
import type { Container, ContainerRuntime } from '#kubelet/runtime/runtime.ts'
import type { DeadContainerLimits } from './dead-containers.ts'

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

/** Of a node that has more than its limit, the containers that go: the longest ended ones, but none that decides what becomes of its pod. */
export function surplusOfNode(pods: readonly PodWork[], { total, minAgeMs }: DeadContainerLimits, now: Date): Container[] {
  if (total < 0) return []
  const over = new Set(endedPods(pods))
  const dead = pods.flatMap((work) => work.containers.filter(({ state }) => state === 'exited').map((container) => ({ work, container })))
  const endedAt = ({ finishedAt, createdAt }: Container): number => (finishedAt ?? createdAt).getTime()
  return dead
    .filter(({ work, container }) => over.has(work) || work.containers.find(({ name }) => name === container.name) !== container)
    .map(({ container }) => container)
    .filter((container) => endedAt(container) + minAgeMs <= now.getTime())
    .sort((a, b) => endedAt(a) - endedAt(b))
    .slice(0, Math.max(0, dead.length - total))
}

/** Upstream's period of collecting. */
const periodMs = 60_000

export interface DeadContainerCollectorDeps {
  limits: DeadContainerLimits
  pods(): readonly PodWork[]
  runtime: Pick<ContainerRuntime, 'removeContainer'>
  now(): Date
  log: Logger
}

/** Keeps a node below its limit of ended containers, if it has one. The runtime tells the pods' actors. */
export function deadContainerCollector({ limits, pods, runtime, now, log }: DeadContainerCollectorDeps): Runnable[] {
  if (limits.total < 0) return []
  return [
    {
      name: 'collection of ended containers',
      async run(signal) {
        while (!signal.aborted) {
          for (const { id } of surplusOfNode(pods(), limits, now()))
            await runtime.removeContainer(id, signal).catch((error: unknown) => log.warn({ id, error }, 'cannot remove an ended container'))
          await sleep(periodMs, signal)
        }
      },
    },
  ]
}
