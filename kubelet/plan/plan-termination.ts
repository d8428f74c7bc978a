/** Ending a pod: its containers (sidecars last, in reverse order), its sandbox, volumes and cgroup; and, once deleted, every trace and the object. */
import type { Pod } from '#api/core/pod.ts'
import type { PodDesired, PodSeen } from '#kubelet/pods/pod-actions.ts'
import { isSidecar } from '#kubelet/pods/pod-containers.ts'
import { graceOf, isDeleted, runningContainers } from '#kubelet/pods/pod-state.ts'
import type { Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'
import type { PlanDraft } from './plan-draft.ts'

export function planTermination(desired: PodDesired, seen: PodSeen, draft: PlanDraft): void {
  const living = runningContainers(seen)
  const starting = [...seen.inFlight.keys()].some((key) => key.startsWith('startContainer/') || key === 'createSandbox')
  if (living.length > 0) planKills(desired, living, draft)
  if (living.length > 0 || starting) return
  if (isDeleted(desired)) planRemoval(desired, seen, draft)
  else planRelease(seen, draft)
}

/** All at once, so that pre-stop hooks run side by side; a sidecar is stopped after the app containers and the sidecars that were started after it. */
function planKills(desired: PodDesired, living: readonly RuntimeContainer[], draft: PlanDraft): void {
  const { pod } = desired
  const order = (pod.spec?.initContainers ?? []).filter(isSidecar).map((container) => container.name)
  const apps = new Set((pod.spec?.containers ?? []).map((container) => container.name))
  for (const container of living) {
    const place = order.indexOf(container.name)
    const first = place === -1 ? [] : living.filter(({ name }) => apps.has(name) || order.indexOf(name) > place)
    draft.kill({
      verb: 'killContainer',
      id: container.id,
      name: container.name,
      graceSeconds: graceOf(desired),
      message: `Stopping container ${container.name}`,
      preStop: true,
      ...(first.length > 0 ? { after: first.map(({ id }) => id) } : {}),
      reason: desired.removed ? 'the pod is gone' : desired.failure ? desired.failure.reason : 'the pod ends',
    })
  }
}

/** Ended but not deleted: the network, volumes and cgroup go; containers stay for their logs. */
function planRelease(seen: PodSeen, draft: PlanDraft): void {
  for (const sandbox of seen.sandboxes) {
    if (sandbox.ready) draft.add({ verb: 'stopSandbox', id: sandbox.id, reason: 'the pod has ended' })
  }
  planUnmount(seen, draft)
}

function planUnmount(seen: PodSeen, draft: PlanDraft): void {
  if (isWriting(seen)) return
  if (seen.volumes !== 'absent') draft.add({ verb: 'unmountVolumes', reason: 'the pod has ended' })
  else if (seen.hasCgroup && seen.sandboxes.every((sandbox) => !sandbox.ready))
    draft.add({ verb: 'removeCgroup', reason: 'the pod has ended' })
}

/** Volumes are not taken away from under what writes them. */
function isWriting(seen: PodSeen): boolean {
  return seen.inFlight.has('mountVolumes') || seen.inFlight.has('refreshVolumes')
}

/** Deleted: nothing may stay. What depends on nothing goes side by side. */
function planRemoval(desired: PodDesired, seen: PodSeen, draft: PlanDraft): void {
  const reason = desired.removed ? 'the pod is gone' : 'the pod is deleted'
  for (const container of seen.containers) draft.add({ verb: 'removeContainer', id: container.id, reason })
  for (const sandbox of seen.sandboxes) {
    if (seen.inFlight.has(`stopSandbox/${sandbox.id}`)) continue
    // A runtime may remove a sandbox's containers with it: they go first, so that each removal is seen.
    if (!seen.containers.some((container) => container.sandboxId === sandbox.id))
      draft.add({ verb: 'removeSandbox', id: sandbox.id, reason })
    else if (sandbox.ready) draft.add({ verb: 'stopSandbox', id: sandbox.id, reason })
  }
  if (seen.volumes !== 'absent' && !isWriting(seen)) draft.add({ verb: 'unmountVolumes', reason })
  if (!seen.objectDeleted && !desired.removed && isReleased(desired.pod, seen)) draft.add({ verb: 'deleteObject', reason })
  const busy = [...seen.inFlight.keys()].some((key) => key !== 'deleteObject')
  if (busy || seen.containers.length > 0 || seen.sandboxes.length > 0 || seen.volumes !== 'absent') return
  if (seen.hasCgroup) draft.add({ verb: 'removeCgroup', reason })
  if (seen.hasDirectories) draft.add({ verb: 'removeDirectories', reason })
}

/**
 * The pod holds nothing more that another could want: its processes have ended, its volumes and the host's ports are free. The rest, which is its
 * own alone, goes behind the object's end; a kubelet that is killed meanwhile finds it as remains of a pod that is gone.
 */
function isReleased(pod: Pod, seen: PodSeen): boolean {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  const holdsPorts = containers.some(({ ports = [] }) => ports.some(({ hostPort = 0 }) => hostPort > 0))
  return seen.volumes === 'absent' && !(holdsPorts && seen.sandboxes.some(({ ready }) => ready))
}
