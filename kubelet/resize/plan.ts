/** What is to be done so that a pod's running containers have the resources that it was given: restarts, or an update in place. Pure. */
import type { Container } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'
import { compareQuantities } from '#api/meta/quantity.ts'
import { factsOf } from '#kubelet/containers/container-labels.ts'
import type { PodSeen } from '#kubelet/pods/pod-actions.ts'
import type { AnyContainer } from '#kubelet/pods/pod-containers.ts'
import { current, isStatic } from '#kubelet/pods/pod-state.ts'
import type { Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'
import { type Amounts, amountsOf, resizable, resizableContainers, sameCompute } from './allocation.ts'

/** What a container really has: set since its start, or as it was started; undefined where nobody wrote it down. */
export function actuatedOf(container: RuntimeContainer, seen: Pick<PodSeen, 'actuated'>): Amounts | undefined {
  return seen.actuated.get(container.id) ?? factsOf(container).resources
}

export interface Resized {
  container: Container
  running: RuntimeContainer
  from: Amounts
  to: Amounts
}

/** Running containers whose CPU or memory is not what the pod was given. */
export function resizedContainers(pod: Pod, seen: PodSeen): Resized[] {
  if (isStatic(pod)) return []
  return resizableContainers(pod).flatMap((container) => {
    const running = current(seen, container.name)
    const from = running?.state === 'running' ? actuatedOf(running, seen) : undefined
    const to = amountsOf(container)
    return running && from && !sameCompute(from, to) ? [{ container, running, from, to }] : []
  })
}

/** A change of an amount whose policy says so takes the container's life. */
export function needsRestart(container: AnyContainer, from: Amounts, to: Amounts): boolean {
  const policies = ('resizePolicy' in container ? container.resizePolicy : undefined) ?? []
  return resizable.some((name) => {
    if (policies.find((each) => each.resourceName === name)?.restartPolicy !== 'RestartContainer') return false
    return (['limits', 'requests'] as const).some((kind) => compareQuantities(from[kind]?.[name] ?? '0', to[kind]?.[name] ?? '0') !== 0)
  })
}

/** True when this running container must be started anew to get what the pod was given. */
export function restartsForResize(pod: Pod, container: AnyContainer, running: RuntimeContainer, seen: PodSeen): boolean {
  const from = actuatedOf(running, seen)
  return from !== undefined && !isStatic(pod) && running.state === 'running' && needsRestart(container, from, amountsOf(container))
}

/** Those that take their new amounts while they run. */
export function resizedInPlace(pod: Pod, seen: PodSeen): Resized[] {
  return resizedContainers(pod, seen).filter(({ container, from, to }) => !needsRestart(container, from, to))
}
