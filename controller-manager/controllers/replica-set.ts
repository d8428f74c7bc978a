/** ReplicaSets: as many pods of a template as are asked for (upstream: pkg/controller/replicaset). */
import { type ReplicaSet, type ReplicaSetStatus, ReplicaSets } from '#api/apps/replica-set.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { isPodActive, isPodAvailable, isPodReady, isPodTerminating, podAvailableInMs } from '#api/core/rules/pod-state.ts'
import { matches, selectorFromLabelSelector, selectorFromLabels } from '#api/meta/label-selector.ts'
import { controllerOf, controllerReference, isControlledBy } from '#api/meta/owner.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { keyOf, refOf, refOfKey } from '#client/resource-path.ts'
import type { Client } from '#client/rest.ts'
import type { Controller } from '#client/runner/controller.ts'
import { type Action, nothing, type Plan } from '#client/runner/plan.ts'
import { type Failure, type World, watch } from '#client/runner/world.ts'
import { conditionOf, timeText, withCondition, withoutCondition, withoutZeros } from './conditions.ts'
import { claim, controllerIndex, namespaceIndex, orphans, wouldAdopt } from './ownership.ts'
import { rankForDeletion } from './pod-deletion-order.ts'

interface Seen {
  canAdopt: boolean
}

/** Pods made or deleted in one plan at most. */
const maxBurst = 500
const countsMayWaitMs = 500

export function replicaSetController(client: Pick<Client, 'get'>): Controller<Seen> {
  return {
    name: 'replicaset-controller',
    watches: [
      watch(ReplicaSets, { indexes: { ...controllerIndex, ...namespaceIndex }, keys: (rs) => [keyOf(rs)] }),
      watch(Pods, { indexes: controllerIndex, keys: setsOfPod }),
    ],
    observe: (key, world, signal) => observe(client, { key, world, signal }),
    reconcile: (key, world, seen, now) => reconcileReplicaSet(key, world, seen, now),
  }
}

function setsOfPod(pod: Pod, world: World): string[] {
  const reference = controllerOf(pod)
  const { namespace = '', labels } = pod.metadata
  if (reference) return reference.kind === 'ReplicaSet' ? [`${namespace}/${reference.name}`] : []
  // An orphan concerns every set that would adopt it.
  return world
    .of(ReplicaSets)
    .byIndex('namespace', namespace)
    .filter((rs) => matches(selectorFromLabelSelector(rs.spec.selector), labels))
    .map(keyOf)
}

const candidatesOf = (rs: ReplicaSet, world: World): Pod[] => [
  ...world.of(Pods).byIndex('controller', rs.metadata.uid ?? ''),
  ...world.of(Pods).byIndex('controller', orphans(rs.metadata.namespace)),
]

async function observe(client: Pick<Client, 'get'>, at: { key: string; world: World; signal: AbortSignal }): Promise<Seen> {
  const rs = at.world.of(ReplicaSets).get(at.key)
  if (!rs || !wouldAdopt({ owner: rs, candidates: candidatesOf(rs, at.world).filter(isPodActive) })) return { canAdopt: false }
  const live = await client.get(ReplicaSets, refOfKey(at.key), { signal: at.signal })
  return { canAdopt: live.metadata.uid === rs.metadata.uid && live.metadata.deletionTimestamp === undefined }
}

export function reconcileReplicaSet(key: string, world: World, seen: Seen, now: Date): Plan {
  const rs = world.of(ReplicaSets).get(key)
  if (!rs) return nothing
  const candidates = candidatesOf(rs, world)
  const active = candidates.filter(isPodActive)
  const { claimed, actions } = claim({ type: Pods, owner: rs, candidates: active, canAdopt: seen.canAdopt })
  // Adopted and released pods change the count: it is taken once the cache shows them.
  if (actions.length > 0) return { actions }
  const selector = selectorFromLabelSelector(rs.spec.selector)
  const terminating = candidates.filter((pod) => isPodTerminating(pod) && isControlledBy(pod, rs) && matches(selector, pod.metadata.labels))
  const status = statusOf(rs, { active: claimed, terminating }, world.failed, now)
  const writeStatus: Action[] = sameStatus(rs.status, status)
    ? []
    : [{ verb: 'updateStatus', type: ReplicaSets, object: { ...rs, status } as ReplicaSet, reason: 'status', ...patience(rs, status) }]
  const manage = rs.metadata.deletionTimestamp === undefined ? manageActions(rs, claimed, world, now) : []
  const recheckAfterMs = nextAvailabilityMs(rs, claimed, now)
  return {
    // After a failure its condition comes first, as the next attempt may fail as well.
    actions: [...(world.failed ? writeStatus : []), { parallel: manage }, ...(world.failed ? [] : writeStatus)],
    ...(recheckAfterMs === undefined ? {} : { recheckAfterMs }),
  }
}

function manageActions(rs: ReplicaSet, pods: readonly Pod[], world: World, now: Date): Action[] {
  const missing = (rs.spec.replicas ?? 1) - pods.length
  if (missing > 0) return Array.from({ length: Math.min(missing, maxBurst) }, () => createPod(rs))
  if (missing === 0) return []
  const excess = Math.min(-missing, maxBurst)
  const doomed = excess < pods.length ? rankForDeletion(pods, relatedPods(rs, world), now).slice(0, excess) : pods
  return doomed.map((pod) => deletePod(rs, pod))
}

function createPod(rs: ReplicaSet): Action {
  const { namespace, name = '' } = rs.metadata
  const { labels, annotations, finalizers } = rs.spec.template?.metadata ?? {}
  const prefix = `${name}-`
  const object = {
    metadata: {
      // A name that would be too long loses its dash first, as upstream's does.
      generateName: prefix.length > 253 ? name : prefix,
      ...(namespace ? { namespace } : {}),
      labels: { ...labels },
      ...(annotations ? { annotations: { ...annotations } } : {}),
      ...(finalizers ? { finalizers: [...finalizers] } : {}),
      ownerReferences: [controllerReference(rs)],
    },
    spec: rs.spec.template?.spec,
  }
  return {
    verb: 'create',
    type: Pods,
    object,
    reason: 'too few replicas',
    event: { about: rs, type: 'Normal', reason: 'SuccessfulCreate', message: 'Created pod: {name}' },
    failureEvent: { about: rs, type: 'Warning', reason: 'FailedCreate', message: 'Error creating: {error}' },
  }
}

function deletePod(rs: ReplicaSet, pod: Pod): Action {
  const { uid } = pod.metadata
  return {
    verb: 'delete',
    type: Pods,
    ref: refOf(pod),
    ...(uid === undefined ? {} : { preconditions: { uid } }),
    reason: 'too many replicas',
    event: { about: rs, type: 'Normal', reason: 'SuccessfulDelete', message: 'Deleted pod: {name}' },
    failureEvent: { about: rs, type: 'Warning', reason: 'FailedDelete', message: 'Error deleting: {error}' },
  }
}

/** Pods of all replica sets under the same deployment: on their nodes a pod is missed least. */
function relatedPods(rs: ReplicaSet, world: World): Pod[] {
  const owner = controllerOf(rs)
  const sets = owner ? world.of(ReplicaSets).byIndex('controller', owner.uid) : [rs]
  return sets.flatMap((set) => world.of(Pods).byIndex('controller', set.metadata.uid ?? ''))
}

interface OwnPods {
  active: readonly Pod[]
  terminating: readonly Pod[]
}

export function statusOf(rs: ReplicaSet, { active, terminating }: OwnPods, failed: Failure | undefined, now: Date): ReplicaSetStatus {
  const templateLabels = selectorFromLabels(rs.spec.template?.metadata?.labels)
  const minReadySeconds = rs.spec.minReadySeconds ?? 0
  const count = (test: (pod: Pod) => boolean): number => active.filter(test).length
  const conditions = withFailure(rs, active.length, failed, now)
  return {
    replicas: active.length,
    ...withoutZeros({
      fullyLabeledReplicas: count((pod) => matches(templateLabels, pod.metadata.labels)),
      readyReplicas: count(isPodReady),
      availableReplicas: count((pod) => isPodAvailable(pod, minReadySeconds, now)),
      observedGeneration: rs.metadata.generation ?? 0,
    }),
    terminatingReplicas: terminating.length,
    ...(conditions.length > 0 ? { conditions } : {}),
  }
}

function withFailure(rs: ReplicaSet, active: number, failed: Failure | undefined, now: Date): NonNullable<ReplicaSetStatus['conditions']> {
  const conditions = rs.status.conditions ?? []
  const managing = failed?.kind === 'Pod' && (failed.verb === 'create' || failed.verb === 'delete')
  if (!managing) return withoutCondition(conditions, 'ReplicaFailure')
  if (conditionOf(conditions, 'ReplicaFailure')) return conditions
  const reason = active < (rs.spec.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete'
  const { message } = failed
  return withCondition(conditions, { type: 'ReplicaFailure', status: 'True', reason, message, lastTransitionTime: timeText(now) })
}

function sameStatus(was: ReplicaSetStatus, now: ReplicaSetStatus): boolean {
  return (
    sameValue(withoutZeros({ ...was, terminatingReplicas: undefined }), withoutZeros({ ...now, terminatingReplicas: undefined })) &&
    was.terminatingReplicas === now.terminatingReplicas
  )
}

/** A count that moves by less than a tenth of the set, and neither to its goal nor to nothing, may be told with the pods that follow. */
function patience(rs: ReplicaSet, next: ReplicaSetStatus): { mayWaitMs?: number } {
  const { status } = rs
  if (status.observedGeneration !== next.observedGeneration || !sameValue(status.conditions ?? [], next.conditions ?? [])) return {}
  const wanted = rs.spec.replicas ?? 1
  const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'terminatingReplicas'] as const
  const moves = counts.map((count) => ({ was: status[count] ?? 0, is: next[count] ?? 0 })).filter(({ was, is }) => was !== is)
  const little = moves.every(({ was, is }) => is !== 0 && is !== wanted && Math.abs(is - was) * 10 < Math.max(wanted, was))
  return little ? { mayWaitMs: countsMayWaitMs } : {}
}

/** When the next ready pod will have been ready for minReadySeconds. */
function nextAvailabilityMs(rs: ReplicaSet, pods: readonly Pod[], now: Date): number | undefined {
  const minReadySeconds = rs.spec.minReadySeconds ?? 0
  const waits = pods.flatMap((pod) => podAvailableInMs(pod, minReadySeconds, now) ?? [])
  // A timer may fire a moment early, and availability asks for strictly more than the time.
  return waits.length === 0 ? undefined : Math.min(...waits) + 5
}
