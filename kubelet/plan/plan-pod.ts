/**
 * Decides what to do for one pod now: given what is wanted and what was seen, the actions that may start at once and when to look again.
 * Level-based: it knows no history but what the runtime's labels and the pod's status tell. Actions under way are left out.
 */
import type { Pod } from '#api/core/pod.ts'
import type { PodDesired, PodPlan, PodSeen } from '#kubelet/pods/pod-actions.ts'
import { currentSandbox, hasFinished, isTerminating, runningContainers } from '#kubelet/pods/pod-state.ts'
import { resizedInPlace } from '#kubelet/resize/plan.ts'
import { planContainers } from './plan-containers.ts'
import { PlanDraft } from './plan-draft.ts'
import { planTermination } from './plan-termination.ts'

export function planPod(desired: PodDesired, seen: PodSeen, now: Date): PodPlan {
  const draft = new PlanDraft(seen, now)
  if (isTerminating(desired) || hasFinished(desired.pod, seen)) planTermination(desired, seen, draft)
  else if ((seen.waitsFor?.size ?? 0) > 0) return draft.plan()
  else if (planSandbox(desired.pod, seen, draft)) {
    planVolumes(seen, draft)
    planContainers(desired.pod, seen, draft)
    if (resizedInPlace(desired.pod, seen).length > 0) draft.add({ verb: 'resizePod', reason: 'the pod was given other resources' })
  }
  return draft.plan()
}

/** True when containers may be thought of: the sandbox is there, or is being made. */
function planSandbox(pod: Pod, seen: PodSeen, draft: PlanDraft): boolean {
  removeOldSandboxes(seen, draft)
  if (currentSandbox(seen)) return true
  const old = seen.sandboxes[0]
  const living = runningContainers(seen)
  if (living.length > 0) {
    for (const container of living) {
      const message = 'Pod sandbox changed, it will be killed and re-created.'
      draft.kill({
        verb: 'killContainer',
        id: container.id,
        name: container.name,
        graceSeconds: pod.spec?.terminationGracePeriodSeconds ?? 30,
        message,
        preStop: true,
        reason: 'the sandbox is gone',
      })
    }
    return false
  }
  draft.add({
    verb: 'createSandbox',
    attempt: old ? old.attempt + 1 : 0,
    reason: old ? 'the sandbox is not ready' : 'the pod has no sandbox',
  })
  return true
}

/** Dead sandboxes stay while their containers do (logs of the previous run). */
function removeOldSandboxes(seen: PodSeen, draft: PlanDraft): void {
  if (seen.inFlight.has('createSandbox')) return
  for (const sandbox of seen.sandboxes.slice(1)) {
    if (!seen.containers.some((container) => container.sandboxId === sandbox.id))
      draft.add({ verb: 'removeSandbox', id: sandbox.id, reason: 'replaced by a newer sandbox' })
  }
}

function planVolumes(seen: PodSeen, draft: PlanDraft): void {
  if (seen.volumes !== 'mounted') draft.add({ verb: 'mountVolumes', reason: 'the pod’s volumes are not in place' })
  else if (seen.volumesStale) draft.add({ verb: 'refreshVolumes', reason: 'what the volumes show has changed' })
}
