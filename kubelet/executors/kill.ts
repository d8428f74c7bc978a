/** Ending one container as upstream does: the event, the pre-stop hook, its turn among the pod's containers, the stop signal, and at last the kill. */
import type { Pod } from '#api/core/pod.ts'
import { longestTimerMs } from '#component/clock.ts'
import { runHook } from '#kubelet/containers/lifecycle-hook.ts'
import type { ActionOf } from '#kubelet/pods/pod-actions.ts'
import { type AnyContainer, containerNamed } from '#kubelet/pods/pod-containers.ts'
import type { RecordEvent } from '#kubelet/pods/pod-events.ts'
import type { PodWork } from '#kubelet/pods/pod-work.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'

export interface KillDeps {
  runtime: Pick<ContainerRuntime, 'execSync' | 'stopContainer'>
  event: RecordEvent
}
export type Kill = Pick<ActionOf<'killContainer'>, 'id' | 'name' | 'graceSeconds' | 'message' | 'preStop' | 'after'>

/** However short the grace and whatever hooks used up of it: this much is left to the process itself (upstream's minimum). */
const shortestGraceSeconds = 2

export async function killContainer(deps: KillDeps, kill: Kill, work: PodWork): Promise<void> {
  const { pod } = work
  const container = containerNamed(pod, kill.name)?.container
  const began = performance.now()
  deps.event(pod, { type: 'Normal', reason: 'Killing', message: kill.message }, container)
  const leftMs = (): number => kill.graceSeconds * 1000 - (performance.now() - began)
  if (container && kill.preStop) await preStop(deps, { pod, container, id: kill.id, work }, leftMs())
  if (kill.after && leftMs() > 0) await work.whenEnded(kill.after, leftMs())
  await deps.runtime.stopContainer(kill.id, Math.max(shortestGraceSeconds, Math.ceil(leftMs() / 1000)), new AbortController().signal)
}

interface Hooked {
  pod: Pod
  container: AnyContainer
  id: string
  work: PodWork
}

async function preStop(deps: KillDeps, { pod, container, id, work }: Hooked, graceMs: number): Promise<void> {
  const hook = container.lifecycle?.preStop
  if (!hook || graceMs <= 0) return
  const late = AbortSignal.timeout(Math.min(Math.ceil(graceMs), longestTimerMs))
  try {
    await runHook(
      hook,
      { pod, container, containerId: id, podIp: work.podIps[0] ?? work.status.podIP ?? '', event: deps.event },
      deps.runtime,
      late,
    )
  } catch (error) {
    // A command that outlives the grace is killed with its container, which is a failure as well; other hooks that are late go on untold.
    if (hook.exec || (!late.aborted && error instanceof Error))
      deps.event(pod, { type: 'Warning', reason: 'FailedPreStopHook', message: 'PreStopHook failed' }, container)
  }
}
