/** Questions that both the plan and the status ask of what was seen of a pod. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { Container as RuntimeContainer, Sandbox } from '#kubelet/runtime/runtime.ts'
import type { PodDesired, PodSeen } from './pod-actions.ts'
import { containerNamed, containersOf, isSidecar, type NamedContainer, shouldRestart } from './pod-containers.ts'
import { sourceAnnotation } from './pod-source.ts'

/** The pod must end: it is deleted, gone, refused, or its phase says that it is over. */
export function isTerminating(desired: PodDesired): boolean {
  return desired.removed || desired.failure !== undefined || isDeleted(desired) || isTerminalPhase(desired.pod.status?.phase)
}

export function isDeleted(desired: PodDesired): boolean {
  return desired.removed || desired.pod.metadata.deletionTimestamp !== undefined
}

/** It comes from a manifest of this node. */
export function isStatic(pod: Pod): boolean {
  const source = pod.metadata.annotations?.[sourceAnnotation]
  return source !== undefined && source !== 'api'
}

export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

export function currentSandbox(seen: PodSeen): Sandbox | undefined {
  const newest = seen.sandboxes[0]
  return newest?.ready ? newest : undefined
}

/** The newest container of that name. */
export function latest(seen: PodSeen, name: string): RuntimeContainer | undefined {
  return seen.containers.find((container) => container.name === name)
}

/** The newest container of that name which lives in the current sandbox: those of a lost sandbox count as history only. */
export function current(seen: PodSeen, name: string): RuntimeContainer | undefined {
  const sandbox = currentSandbox(seen)
  const found = latest(seen, name)
  return found && sandbox && found.sandboxId === sandbox.id ? found : undefined
}

export function isRunning(container: RuntimeContainer | undefined): boolean {
  return container?.state === 'running'
}

/** A container whose start is not over although the runtime runs it: its post-start hook has not ended. */
export function isInHook(pod: Pod, seen: PodSeen, { name }: Pick<RuntimeContainer, 'name'>): boolean {
  return seen.inFlight.has(`startContainer/${name}`) && containerNamed(pod, name)?.container.lifecycle?.postStart !== undefined
}

export function runningContainers(seen: PodSeen): RuntimeContainer[] {
  return seen.containers.filter((container) => container.state === 'running' || container.state === 'unknown')
}

/** Some app container was started in this sandbox: initialisation is behind us, whatever became of the init containers since. */
export function hasInitialized(pod: Pod, seen: PodSeen): boolean {
  return (pod.spec?.containers ?? []).some((container) => current(seen, container.name) !== undefined)
}

/** App containers are all over and none is started again; or an init container failed for good. */
export function hasFinished(pod: Pod, seen: PodSeen): boolean {
  const all = containersOf(pod)
  if (all.some((named) => named.kind === 'init' && !isSidecar(named.container) && isOver(pod, seen, named) && exitCode(seen, named) !== 0))
    return true
  const apps = all.filter((named) => named.kind === 'app')
  return apps.length > 0 && apps.every((named) => isOver(pod, seen, named))
}

function exitCode(seen: PodSeen, named: NamedContainer): number | undefined {
  return latest(seen, named.container.name)?.exitCode
}

/** It ended and stays ended. */
function isOver(pod: Pod, seen: PodSeen, named: NamedContainer): boolean {
  const found = latest(seen, named.container.name)
  return found?.state === 'exited' && !seen.restarting.has(found.id) && !shouldRestart(pod, named, found.exitCode ?? 0)
}

/** The grace for ending the pod's containers, in seconds. At least one, as upstream, so that a process hears of its end. */
export function graceOf({ pod, failure }: PodDesired): number {
  const own = pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30
  return Math.max(1, Math.min(own, failure?.graceSeconds ?? own))
}
