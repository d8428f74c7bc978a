/** The two conditions of a pod's resize: one waits for room, the other for the kernel. Pure. */
import type { PodCondition } from '#api/core/pod-status.ts'

export interface ResizeConditions {
  pending?: PodCondition
  inProgress?: PodCondition
}

export interface ResizeVerdict {
  reason?: 'Deferred' | 'Infeasible' | 'Error'
  message?: string
  /** Generation of the spec that the verdict is about. */
  generation?: number | undefined
}

/** The time stays while the reason does. */
export function resizeCondition(
  type: 'PodResizePending' | 'PodResizeInProgress',
  before: PodCondition | undefined,
  { reason, message, generation }: ResizeVerdict,
  now: Date,
): PodCondition {
  const kept = before && before.reason === reason ? before.lastTransitionTime : undefined
  const time = `${now.toISOString().slice(0, 19)}Z`
  return {
    type,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: 'True',
    // Upstream's moves with each look; that would be a write for each.
    lastProbeTime: (before?.reason === reason && before?.message === message && before?.lastProbeTime) || time,
    lastTransitionTime: kept ?? time,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined || message === '' ? {} : { message }),
  }
}

/** As the pod's status tells them, for a kubelet that has just started. */
export function conditionsFrom(conditions: readonly PodCondition[] | undefined): ResizeConditions {
  const of = (type: string): PodCondition | undefined => conditions?.find((each) => each.type === type && each.status === 'True')
  const [pending, inProgress] = [of('PodResizePending'), of('PodResizeInProgress')]
  return { ...(pending ? { pending } : {}), ...(inProgress ? { inProgress } : {}) }
}

export function listed({ pending, inProgress }: ResizeConditions): PodCondition[] {
  return [pending, inProgress].filter((each) => each !== undefined)
}
