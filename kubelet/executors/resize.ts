/** Giving the running containers of a pod the resources that it was granted. */

import type { Pod } from '#api/core/pod.ts'
import { podLimits } from '#kubelet/cgroups/cgroup-plan.ts'
import type { Cgroups } from '#kubelet/cgroups/cgroups.ts'
import { type CpusAssigned, containerResources } from '#kubelet/containers/container-config.ts'
import type { AnyContainer } from '#kubelet/pods/pod-containers.ts'
import type { RecordEvent } from '#kubelet/pods/pod-events.ts'
import { ActionError, type PodWork } from '#kubelet/pods/pod-work.ts'
import { resizableContainers } from '#kubelet/resize/allocation.ts'
import type { Allocations } from '#kubelet/resize/allocations.ts'
import { resizeCondition } from '#kubelet/resize/conditions.ts'
import { resizeDuration } from '#kubelet/resize/metrics.ts'
import { resizedInPlace } from '#kubelet/resize/plan.ts'
import { type ResizeStep, resizeSteps, shrinkProblem } from '#kubelet/resize/steps.ts'
import { resizeMessage } from '#kubelet/resize/words.ts'
import type { ContainerRuntime, LinuxResources } from '#kubelet/runtime/runtime.ts'
import type { Executors } from './executor.ts'

export interface ResizeExecutorDeps {
  runtime: Pick<ContainerRuntime, 'updateResources'>
  cgroups: Pick<Cgroups, 'path' | 'containerPath' | 'read' | 'set'>
  allocations: Pick<Allocations, 'actuate'>
  nodeMemoryBytes: number
  assigned(pod: Pod, container: AnyContainer): CpusAssigned
  event: RecordEvent
  now(): Date
}

/** A limit that memory in use stands against is tried again after this. */
const retryAfterMs = 5000

export function resizeExecutors(deps: ResizeExecutorDeps): Pick<Executors, 'resizePod'> {
  return {
    async resizePod(_action, work, signal) {
      const began = performance.now()
      const done = (success: boolean): void => resizeDuration.observe({ success: String(success) }, performance.now() - began)
      try {
        await resize(deps, work, signal)
        done(true)
      } catch (error) {
        const { message } = error as Error
        done(false)
        failed(deps, work, message)
        throw new ActionError(message, { retryAfterMs })
      }
    },
  }
}

async function resize(deps: ResizeExecutorDeps, work: PodWork, signal: AbortSignal): Promise<void> {
  const { pod } = work
  const resized = resizedInPlace(pod, work)
  const path = deps.cgroups.path(pod)
  const now = deps.cgroups.read(path)
  const then = podLimits(pod, { noCpuQuota: hasExclusive(deps, pod) })
  const used = (id: string): number | undefined => {
    try {
      return deps.cgroups.read(deps.cgroups.containerPath(pod, id)).memoryUsageBytes
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }
  const containers = new Map(resized.flatMap(({ running: { id } }) => [used(id)].filter((n) => n !== undefined).map((n) => [id, n])))
  const problem = shrinkProblem(resized, now, then, { podBytes: now.memoryUsageBytes, containers })
  if (problem !== undefined) throw new Error(problem)
  for (const step of resizeSteps(resized, now, then)) {
    if (step.of === 'pod') await deps.cgroups.set(path, step.limits)
    else await updateContainer(deps, work, step, signal)
  }
}

const hasExclusive = (deps: ResizeExecutorDeps, pod: Pod): boolean =>
  resizableContainers(pod).some((container) => deps.assigned(pod, container).noCpuQuota)

async function updateContainer(
  deps: ResizeExecutorDeps,
  work: PodWork,
  { resource, resized, amounts }: Extract<ResizeStep, { of: 'container' }>,
  signal: AbortSignal,
): Promise<void> {
  const { id } = resized.running
  const all = containerResources(work.pod, resized.container, {
    nodeMemoryBytes: deps.nodeMemoryBytes,
    assigned: deps.assigned(work.pod, resized.container),
  })
  const { memoryLimitBytes, oomScoreAdj: _, ...cpu } = all
  const part: LinuxResources = resource === 'cpu' ? cpu : memoryLimitBytes === undefined ? {} : { memoryLimitBytes }
  // Memory requests are the node's accounts only.
  if (resource === 'cpu' || memoryLimitBytes !== undefined) await deps.runtime.updateResources(id, part, signal)
  deps.allocations.actuate(work.uid, id, amounts)
}

/** In the condition, and once for each text as an event. */
function failed(deps: ResizeExecutorDeps, work: PodWork, message: string): void {
  const before = work.resize.inProgress
  const generation = before?.observedGeneration ?? work.pod.metadata.generation
  work.resize.inProgress = resizeCondition('PodResizeInProgress', before, { reason: 'Error', message, generation }, deps.now())
  if (before?.reason === 'Error' && before.message === message) return
  deps.event(work.pod, { type: 'Warning', reason: 'ResizeError', message: resizeMessage('error', work.pod, generation, message) })
}
