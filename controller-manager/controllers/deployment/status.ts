/** The status of a deployment: counts, availability, progress against its deadline. */
import type { Deployment, DeploymentCondition, DeploymentStatus } from '#api/apps/deployment.ts'
import type { ReplicaSet } from '#api/apps/replica-set.ts'
import { conditionOf, timeText, withCondition, withoutCondition, withoutZeros } from '#controller-manager/controllers/conditions.ts'
import { desiredOf, maxUnavailableOf, totalAvailable, totalSize } from './sizes.ts'

export interface Sets {
  newSet: ReplicaSet | undefined
  old: readonly ReplicaSet[]
}

export function hasProgressDeadline(d: Deployment): boolean {
  return d.spec.progressDeadlineSeconds !== undefined && d.spec.progressDeadlineSeconds !== 2 ** 31 - 1
}

export function condition(type: string, status: string, text: [reason: string, message: string], now: Date): DeploymentCondition {
  const at = timeText(now)
  const [reason, message] = text
  return { type, status, reason, message, lastUpdateTime: at, lastTransitionTime: at }
}

/** Counts and the Available condition; other conditions stay. */
export function countedStatus(d: Deployment, { newSet, old }: Sets, now: Date): DeploymentStatus {
  const all = newSet ? [...old, newSet] : [...old]
  const sum = (of: (rs: ReplicaSet) => number | undefined): number => all.reduce((total, rs) => total + (of(rs) ?? 0), 0)
  const available = totalAvailable(all)
  const enough = available >= desiredOf(d) - maxUnavailableOf(d)
  const availability = enough
    ? condition('Available', 'True', ['MinimumReplicasAvailable', 'Deployment has minimum availability.'], now)
    : condition('Available', 'False', ['MinimumReplicasUnavailable', 'Deployment does not have minimum availability.'], now)
  const terminating = terminatingCount(all)
  const { collisionCount } = d.status
  return {
    ...withoutZeros({
      observedGeneration: d.metadata.generation ?? 0,
      replicas: sum((rs) => rs.status.replicas),
      updatedReplicas: newSet?.status.replicas ?? 0,
      readyReplicas: sum((rs) => rs.status.readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, totalSize(all) - available),
    }),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(d.status.conditions ?? [], availability),
  }
}

/** Undefined while a replica set that was seen by its controller has not told its count. */
function terminatingCount(all: readonly ReplicaSet[]): number | undefined {
  let total = 0
  for (const { status } of all) {
    if (status.terminatingReplicas !== undefined) total += status.terminatingReplicas
    else if ((status.observedGeneration ?? 0) !== 0) return undefined
  }
  return total
}

/** All desired replicas are updated and available, and no old pod is left. */
export function isComplete(d: Deployment, status: DeploymentStatus): boolean {
  const desired = desiredOf(d)
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= (d.metadata.generation ?? 0)
  )
}

function hasProgressed(was: DeploymentStatus, now: DeploymentStatus): boolean {
  const oldPods = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    (now.updatedReplicas ?? 0) > (was.updatedReplicas ?? 0) ||
    oldPods(now) < oldPods(was) ||
    (now.readyReplicas ?? 0) > (was.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (was.availableReplicas ?? 0)
  )
}

function hasTimedOut(d: Deployment, status: DeploymentStatus, now: Date): boolean {
  const progressing = conditionOf(status.conditions, 'Progressing')
  // A finished rollout estimates nothing, even where the deadline is shorter than the time since it ended.
  if (!hasProgressDeadline(d) || !progressing || progressing.reason === 'NewReplicaSetAvailable') return false
  if (progressing.reason === 'ProgressDeadlineExceeded') return true
  return Date.parse(progressing.lastUpdateTime ?? '') + (d.spec.progressDeadlineSeconds ?? 0) * 1000 < now.getTime()
}

/** The status during a rollout: counts, the Progressing condition, and failures of the replica sets. */
export function rolloutStatus(d: Deployment, sets: Sets, now: Date): DeploymentStatus {
  const status = countedStatus(d, sets, now)
  let conditions = status.conditions ?? []
  if (!hasProgressDeadline(d)) conditions = withoutCondition(conditions, 'Progressing')
  const current = conditionOf(d.status.conditions, 'Progressing')
  const finished = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable'
  if (hasProgressDeadline(d) && !finished) conditions = withProgress(d, sets.newSet, { ...status, conditions }, now)
  const failure = failureOf(sets)
  conditions = failure ? withCondition(conditions, failure) : withoutCondition(conditions, 'ReplicaFailure')
  return { ...status, conditions }
}

function withProgress(d: Deployment, newSet: ReplicaSet | undefined, status: DeploymentStatus, now: Date): DeploymentCondition[] {
  const conditions = status.conditions ?? []
  const what = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${d.metadata.name}"`
  if (isComplete(d, status)) {
    const done = condition('Progressing', 'True', ['NewReplicaSetAvailable', `${what} has successfully progressed.`], now)
    return withCondition(conditions, done)
  }
  if (hasProgressed(d.status, status)) {
    const current = conditionOf(d.status.conditions, 'Progressing')
    const moving = condition('Progressing', 'True', ['ReplicaSetUpdated', `${what} is progressing.`], now)
    // Unlike other conditions this one is renewed although its reason stays: its update time is what the deadline counts from.
    const kept = current?.status === 'True' && current.lastTransitionTime ? { lastTransitionTime: current.lastTransitionTime } : {}
    return [...withoutCondition(conditions, 'Progressing'), { ...moving, ...kept }]
  }
  if (hasTimedOut(d, status, now)) {
    const late = condition('Progressing', 'False', ['ProgressDeadlineExceeded', `${what} has timed out progressing.`], now)
    return withCondition(conditions, late)
  }
  return conditions
}

/** The failure of the new replica set, or else of an old one. */
function failureOf({ newSet, old }: Sets): DeploymentCondition | undefined {
  const found = [newSet, ...old].flatMap((rs) => rs?.status.conditions ?? []).find((c) => c.type === 'ReplicaFailure')
  if (!found) return undefined
  const { type, status, reason, message, lastTransitionTime } = found
  return {
    type,
    status,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    ...(lastTransitionTime ? { lastTransitionTime, lastUpdateTime: lastTransitionTime } : {}),
  }
}

/** When to look whether the rollout missed its deadline; undefined where nothing can time out. */
export function recheckAfterMs(d: Deployment, status: DeploymentStatus, now: Date): number | undefined {
  const progressing = conditionOf(d.status.conditions, 'Progressing')
  if (!hasProgressDeadline(d) || !progressing) return undefined
  if (isComplete(d, status) || progressing.reason === 'ProgressDeadlineExceeded') return undefined
  const deadline = Date.parse(progressing.lastUpdateTime ?? '') + (d.spec.progressDeadlineSeconds ?? 0) * 1000
  return Math.max(1000, deadline - now.getTime() + 1000)
}
