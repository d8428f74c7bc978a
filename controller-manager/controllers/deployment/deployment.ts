/** Deployments: a replica set per pod template, rolled over within surge and unavailability (upstream: pkg/controller/deployment). */
import { type Deployment, type DeploymentStatus, Deployments } from '#api/apps/deployment.ts'
import { type ReplicaSet, ReplicaSets } from '#api/apps/replica-set.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { isPodTerminal } from '#api/core/rules/pod-state.ts'
import { matches, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { controllerOf, controllerReference } from '#api/meta/owner.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { keyOf, refOf, refOfKey } from '#client/resource-path.ts'
import type { Client } from '#client/rest.ts'
import type { Controller } from '#client/runner/controller.ts'
import { type Action, nothing, type Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'
import { conditionOf, withCondition } from '#controller-manager/controllers/conditions.ts'
import { claim, controllerIndex, namespaceIndex, orphans, wouldAdopt } from '#controller-manager/controllers/ownership.ts'
import { templateHash } from '#controller-manager/controllers/template-hash.ts'
import {
  beyondHistory,
  hashLabel,
  lastRevision,
  maxRevision,
  newSetAnnotations,
  parseRevision,
  revisionAnnotation,
  revisionOf,
  rollbackAnnotation,
  rolledBack,
  sameTemplate,
  sizeAnnotations,
  splitSets,
  withoutRollback,
} from './revisions.ts'
import {
  annotatedCount,
  desiredAnnotation,
  desiredOf,
  isActive,
  isRolling,
  newSetSize,
  type Resize,
  resizeForScaling,
  resizeNew,
  resizeOld,
  sizeOf,
} from './sizes.ts'
import { condition, countedStatus, hasProgressDeadline, isComplete, recheckAfterMs, rolloutStatus } from './status.ts'

/** The deployment as a live read shows it, asked for only where an orphan is to be adopted. */
interface Seen {
  canAdopt: boolean
}

/** What one decision is about. */
interface Situation {
  deployment: Deployment
  newSet: ReplicaSet | undefined
  old: ReplicaSet[]
  world: World
  now: Date
}

export function deploymentController(client: Pick<Client, 'get'>): Controller<Seen> {
  return {
    name: 'deployment-controller',
    watches: [
      watch(Deployments, { indexes: namespaceIndex, keys: (d) => [keyOf(d)] }),
      watch(ReplicaSets, { indexes: { ...controllerIndex, ...namespaceIndex }, keys: deploymentsOfSet }),
      watch(Pods, { indexes: controllerIndex, keys: deploymentsOfPod, concerns: () => false }),
    ],
    observe: (key, world, signal) => observe(client, { key, world, signal }),
    reconcile: (key, world, seen, now) => reconcileDeployment(key, world, seen, now),
  }
}

function deploymentsOfSet(rs: ReplicaSet, world: World): string[] {
  const reference = controllerOf(rs)
  const { namespace = '' } = rs.metadata
  if (reference) return reference.kind === 'Deployment' ? [`${namespace}/${reference.name}`] : []
  return world
    .of(Deployments)
    .byIndex('namespace', namespace)
    .filter((d) => matches(selectorFromLabelSelector(d.spec.selector), rs.metadata.labels))
    .map(keyOf)
}

/** Only Recreate waits for single pods: until the last old one is gone. */
function deploymentsOfPod(pod: Pod, world: World): string[] {
  const reference = controllerOf(pod)
  if (reference?.kind !== 'ReplicaSet') return []
  const rs = world.of(ReplicaSets).get(`${pod.metadata.namespace}/${reference.name}`)
  const owner = rs && controllerOf(rs)
  if (owner?.kind !== 'Deployment') return []
  const key = `${pod.metadata.namespace}/${owner.name}`
  const deployment = world.of(Deployments).get(key)
  return deployment && !isRolling(deployment) ? [key] : []
}

const candidatesOf = (d: Deployment, world: World): ReplicaSet[] => [
  ...world.of(ReplicaSets).byIndex('controller', d.metadata.uid ?? ''),
  ...world.of(ReplicaSets).byIndex('controller', orphans(d.metadata.namespace)),
]

async function observe(client: Pick<Client, 'get'>, at: { key: string; world: World; signal: AbortSignal }): Promise<Seen> {
  const deployment = at.world.of(Deployments).get(at.key)
  if (!deployment || !wouldAdopt({ owner: deployment, candidates: candidatesOf(deployment, at.world) })) return { canAdopt: false }
  const live = await client.get(Deployments, refOfKey(at.key), { signal: at.signal })
  return { canAdopt: live.metadata.uid === deployment.metadata.uid && live.metadata.deletionTimestamp === undefined }
}

export function reconcileDeployment(key: string, world: World, seen: Seen, now: Date): Plan {
  const deployment = world.of(Deployments).get(key)
  if (!deployment) return nothing
  const { matchLabels, matchExpressions } = deployment.spec.selector
  if (sameValue(matchLabels ?? {}, {}) && (matchExpressions ?? []).length === 0) return selectsAll(deployment)
  const { claimed, actions } = claim({
    type: ReplicaSets,
    owner: deployment,
    candidates: candidatesOf(deployment, world),
    canAdopt: seen.canAdopt,
  })
  if (actions.length > 0) return { actions }
  const situation = { deployment, ...splitSets(deployment, claimed), world, now }
  if (deployment.metadata.deletionTimestamp !== undefined)
    return { actions: statusActions(situation, countedStatus(deployment, situation, now)) }
  return pauseChanged(situation) ?? created(situation)
}

/** The rest, once the new set has its annotations and the deployment its revision. */
function created(situation: Situation): Plan {
  const { deployment, newSet, old } = situation
  const synced = syncedRevision(situation)
  if (synced) return synced
  if (deployment.spec.paused) return scaled(situation)
  if (rollbackTarget(deployment) !== undefined && newSet) return rollback(situation, newSet)
  if ([...old, ...(newSet ? [newSet] : [])].filter(isActive).some((rs) => wasScaled(deployment, rs))) return scaled(situation)
  return isRolling(deployment) ? rollOver(situation) : recreate(situation)
}

function wasScaled(d: Deployment, rs: ReplicaSet): boolean {
  const desired = annotatedCount(rs, desiredAnnotation)
  return desired !== undefined && desired !== desiredOf(d)
}

function selectsAll(deployment: Deployment): Plan {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.'
  const { generation } = deployment.metadata
  const late = (deployment.status.observedGeneration ?? 0) < (generation ?? 0)
  const status = { ...deployment.status, ...(generation === undefined ? {} : { observedGeneration: generation }) }
  return {
    actions: late
      ? [{ verb: 'updateStatus', type: Deployments, object: { ...deployment, status } as Deployment, reason: 'selects everything' }]
      : [],
    events: [{ about: deployment, type: 'Warning', reason: 'SelectingAll', message }],
  }
}

/** Pausing and resuming are told in the Progressing condition, so that the time in between does not count against the deadline. */
function pauseChanged({ deployment, now }: Situation): Plan | undefined {
  const current = conditionOf(deployment.status.conditions, 'Progressing')
  if (!hasProgressDeadline(deployment) || current?.reason === 'ProgressDeadlineExceeded') return undefined
  const told = current?.reason === 'DeploymentPaused'
  if (told === (deployment.spec.paused ?? false)) return undefined
  const next = deployment.spec.paused
    ? condition('Progressing', 'Unknown', ['DeploymentPaused', 'Deployment is paused'], now)
    : condition('Progressing', 'Unknown', ['DeploymentResumed', 'Deployment is resumed'], now)
  const status = { ...deployment.status, conditions: withCondition(deployment.status.conditions ?? [], next) }
  return { actions: [updateStatus(deployment, status, deployment.spec.paused ? 'paused' : 'resumed')] }
}

/** Annotations of the existing new set and the revision of the deployment; undefined where both are as they should be. */
function syncedRevision({ deployment, newSet, old, now }: Situation): Plan | undefined {
  if (!newSet) return undefined
  const annotations = newSetAnnotations(deployment, newSet.metadata.annotations, maxRevision(old) + 1n)
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0
  if (annotations !== newSet.metadata.annotations || (newSet.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    const object: ReplicaSet = {
      ...newSet,
      metadata: { ...newSet.metadata, annotations: { ...annotations } },
      spec: { ...newSet.spec, minReadySeconds },
    }
    return { actions: [{ verb: 'update', type: ReplicaSets, object, reason: 'annotations of the new replica set' }] }
  }
  const revision = annotations?.[revisionAnnotation] ?? ''
  const progressing = conditionOf(deployment.status.conditions, 'Progressing')
  const message = `Found new replica set "${newSet.metadata.name}"`
  const found = condition('Progressing', 'True', ['FoundNewReplicaSet', message], now)
  const isNew = hasProgressDeadline(deployment) && !progressing
  if (deployment.metadata.annotations?.[revisionAnnotation] === revision && !isNew) return undefined
  const conditions = isNew ? withCondition(deployment.status.conditions ?? [], found) : deployment.status.conditions
  const status = { ...deployment.status, ...(conditions ? { conditions } : {}) }
  return { actions: [updateStatus(withRevision(deployment, revision), status, 'revision of the new replica set')] }
}

function withRevision(deployment: Deployment, revision: string): Deployment {
  const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: revision }
  return { ...deployment, metadata: { ...deployment.metadata, annotations } }
}

function rollOver(situation: Situation): Plan {
  const { deployment, newSet, old } = situation
  if (!newSet) return createNewSet(situation)
  const up = resizeNew(deployment, [...old, newSet], newSet)
  const steps = up ? [up] : resizeOld(deployment, old, newSet)
  return rolloutPlan(situation, steps)
}

function recreate(situation: Situation): Plan {
  const { deployment, newSet, old } = situation
  const down = old.filter(isActive).map((replicaSet) => ({ replicaSet, replicas: 0 }))
  if (down.length > 0 || oldPodsLeft(situation)) return rolloutPlan(situation, down)
  if (!newSet) return createNewSet(situation)
  return rolloutPlan(situation, sizeOf(newSet) === desiredOf(deployment) ? [] : [{ replicaSet: newSet, replicas: desiredOf(deployment) }])
}

function oldPodsLeft({ old, world }: Situation): boolean {
  if (old.some((rs) => (rs.status.replicas ?? 0) > 0)) return true
  return old.some((rs) =>
    world
      .of(Pods)
      .byIndex('controller', rs.metadata.uid ?? '')
      .some((pod) => !isPodTerminal(pod)),
  )
}

function rolloutPlan(situation: Situation, steps: readonly Resize[]): Plan {
  const { deployment, old, now } = situation
  const status = rolloutStatus(deployment, situation, now)
  const cleanup = steps.length === 0 && isComplete(deployment, deployment.status) ? cleanupActions(deployment, old) : []
  const recheck = recheckAfterMs(deployment, status, now)
  return {
    actions: [...steps.flatMap((step) => resizeActions(deployment, step)), ...cleanup, ...statusActions(situation, status)],
    ...(recheck === undefined ? {} : { recheckAfterMs: recheck }),
  }
}

function scaled(situation: Situation): Plan {
  const { deployment, newSet, old, now } = situation
  const steps = resizeForScaling(deployment, old, newSet)
  const cleanup = deployment.spec.paused && rollbackTarget(deployment) === undefined ? cleanupActions(deployment, old) : []
  const status = countedStatus(deployment, situation, now)
  return { actions: [...steps.flatMap((step) => resizeActions(deployment, step)), ...cleanup, ...statusActions(situation, status)] }
}

/** Sizes and the annotations that later tell a change of `replicas` from a step of a rollout. */
function resizeActions(deployment: Deployment, { replicaSet, replicas }: Resize): Action[] {
  const was = sizeOf(replicaSet)
  const annotations = { ...replicaSet.metadata.annotations, ...sizeAnnotations(deployment) }
  if (was === replicas && sameValue(annotations, replicaSet.metadata.annotations)) return []
  const object: ReplicaSet = { ...replicaSet, metadata: { ...replicaSet.metadata, annotations }, spec: { ...replicaSet.spec, replicas } }
  const message = `Scaled ${was < replicas ? 'up' : 'down'} replica set ${replicaSet.metadata.name} from ${was} to ${replicas}`
  const event = { about: deployment, type: 'Normal', reason: 'ScalingReplicaSet', message } as const
  return [
    {
      verb: 'update',
      type: ReplicaSets,
      object,
      reason: was === replicas ? 'size annotations' : 'scale',
      ...(was === replicas ? {} : { event }),
    },
  ]
}

function cleanupActions(deployment: Deployment, old: readonly ReplicaSet[]): Action[] {
  return beyondHistory(deployment, old).map((rs) => ({
    verb: 'delete',
    type: ReplicaSets,
    ref: refOf(rs),
    preconditions: rs.metadata.uid === undefined ? {} : { uid: rs.metadata.uid },
    propagationPolicy: 'Background',
    reason: 'beyond revisionHistoryLimit',
  }))
}

function createNewSet(situation: Situation): Plan {
  const { deployment, old, world, now } = situation
  const hash = templateHash(deployment.spec.template, deployment.status.collisionCount)
  const name = `${(deployment.metadata.name ?? '').slice(0, 253 - 1 - hash.length)}-${hash}`
  const clash = world.of(ReplicaSets).get(`${deployment.metadata.namespace}/${name}`)
  if (clash && !(controllerOf(clash)?.uid === deployment.metadata.uid && sameTemplate(clash.spec.template, deployment.spec.template))) {
    const status = { ...deployment.status, collisionCount: (deployment.status.collisionCount ?? 0) + 1 }
    return { actions: [updateStatus(deployment, status, 'another template has the same hash')] }
  }
  const revision = maxRevision(old) + 1n
  const replicas = newSetSize(deployment, old, 0)
  const object = newReplicaSet(deployment, { hash, name, replicas, revision })
  const scaledUp = `Scaled up replica set ${name} from 0 to ${replicas}`
  const create: Action = {
    verb: 'create',
    type: ReplicaSets,
    object,
    reason: 'no replica set has the template',
    ...(replicas > 0 ? { event: { about: deployment, type: 'Normal', reason: 'ScalingReplicaSet', message: scaledUp } } : {}),
    failureEvent: {
      about: deployment,
      type: 'Warning',
      reason: 'ReplicaSetCreateError',
      message: `Failed to create new replica set "${name}": {error}`,
    },
  }
  const failed = world.failed?.verb === 'create' ? world.failed : undefined
  const message = failed ? `Failed to create new replica set "${name}": ${failed.message}` : `Created new replica set "${name}"`
  const progress = failed
    ? condition('Progressing', 'False', ['ReplicaSetCreateError', message], now)
    : condition('Progressing', 'True', ['NewReplicaSetCreated', message], now)
  const conditions = hasProgressDeadline(deployment)
    ? withCondition(deployment.status.conditions ?? [], progress)
    : deployment.status.conditions
  const status = { ...deployment.status, ...(conditions ? { conditions } : {}) }
  if (failed)
    return { actions: [...(sameValue(status, deployment.status) ? [] : [updateStatus(deployment, status, 'create failed')]), create] }
  return { actions: [create, updateStatus(withRevision(deployment, String(revision)), status, 'replica set created')] }
}

function newReplicaSet(deployment: Deployment, at: { hash: string; name: string; replicas: number; revision: bigint }): ReplicaSet {
  const { selector, template, minReadySeconds } = deployment.spec
  const labels = { ...template.metadata?.labels, [hashLabel]: at.hash }
  const annotations = { ...newSetAnnotations(deployment, undefined, at.revision), ...sizeAnnotations(deployment) }
  const { namespace } = deployment.metadata
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: at.name,
      ...(namespace ? { namespace } : {}),
      labels,
      annotations,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: at.replicas,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: at.hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
    status: { replicas: 0 },
  }
}

/** The revision of the deprecated rollback annotation, which apps/v1beta1 clients and nobody else write. */
function rollbackTarget(d: Deployment): bigint | undefined {
  const text = d.metadata.annotations?.[rollbackAnnotation]
  return text === undefined || text === '' ? undefined : parseRevision(text)
}

function rollback({ deployment, old }: Situation, newSet: ReplicaSet): Plan {
  const all = [...old, newSet]
  const wanted = rollbackTarget(deployment) || lastRevision(all)
  const target = wanted === 0n ? undefined : all.find((rs) => revisionOf(rs) === wanted)
  const give = (event: { type: 'Normal' | 'Warning'; reason: string; message: string }, object: Deployment): Plan => ({
    actions: [{ verb: 'update', type: Deployments, object, reason: 'rollback', event: { about: deployment, ...event } }],
  })
  if (!target) {
    const message = wanted === 0n ? 'Unable to find last revision.' : 'Unable to find the revision to rollback to.'
    return give({ type: 'Warning', reason: 'DeploymentRollbackRevisionNotFound', message }, withoutRollback(deployment))
  }
  if (sameTemplate(target.spec.template, deployment.spec.template)) {
    const message = `The rollback revision contains the same template as current deployment "${deployment.metadata.name}"`
    return give({ type: 'Warning', reason: 'DeploymentRollbackTemplateUnchanged', message }, withoutRollback(deployment))
  }
  const message = `Rolled back deployment "${deployment.metadata.name}" to revision ${wanted}`
  return give({ type: 'Normal', reason: 'DeploymentRollback', message }, rolledBack(deployment, target))
}

function statusActions({ deployment }: Situation, status: DeploymentStatus): Action[] {
  return sameValue(status, deployment.status) ? [] : [updateStatus(deployment, status, 'status')]
}

function updateStatus(deployment: Deployment, status: DeploymentStatus, reason: string): Action {
  const object: Deployment = { ...deployment, status }
  return { verb: 'updateStatus', type: Deployments, object, reason }
}
