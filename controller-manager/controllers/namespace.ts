/**
 * Deleted namespaces: their pods first, then everything else, then the finalizer (upstream: pkg/controller/namespace). What is left and why is
 * told in the namespace's conditions.
 */
import { type Namespace, type NamespaceCondition, Namespaces } from '#api/core/namespace.ts'
import { Pods } from '#api/core/pod.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { keyOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { type Action, nothing, type Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'
import { timeText } from './conditions.ts'
import type { ContentOfKind, NamespaceContent } from './namespace-content.ts'

const finalizer = 'kubernetes'
/** Objects that are gone with the request that deletes them are looked for again at once. */
const recheckAfterDeleteMs = 50
/** Objects that wait for finalizers or grace periods; the end of pods is also seen by their watch. */
const recheckWaitingMs = 2000

export function namespaceController(
  observe: (namespace: string, signal: AbortSignal) => Promise<NamespaceContent>,
): Controller<NamespaceContent | undefined> {
  return {
    name: 'namespace-controller',
    watches: [
      watch(Namespaces, { keys: (namespace) => (isTerminating(namespace) ? [keyOf(namespace)] : []) }),
      watch(Pods, { keys: ({ metadata }, world) => namespaceOfGonePod(metadata.namespace ?? '', world), concerns: () => false }),
    ],
    observe: async (key, world, signal) => {
      const namespace = world.of(Namespaces).get(key)
      return namespace && wantsContent(namespace) ? observe(key, signal) : undefined
    },
    reconcile: (key, world, seen, now) => reconcileNamespace(key, world, seen, now),
  }
}

const isTerminating = (namespace: Namespace): boolean => namespace.metadata.deletionTimestamp !== undefined
const wantsContent = (namespace: Namespace): boolean =>
  isTerminating(namespace) && namespace.status.phase === 'Terminating' && (namespace.spec.finalizers ?? []).length > 0

function namespaceOfGonePod(name: string, world: World): string[] {
  const namespace = world.of(Namespaces).get(name)
  return namespace && isTerminating(namespace) ? [name] : []
}

export function reconcileNamespace(key: string, world: World, seen: NamespaceContent | undefined, now: Date): Plan {
  const namespace = world.of(Namespaces).get(key)
  if (!namespace || !isTerminating(namespace)) return nothing
  if (namespace.status.phase !== 'Terminating') {
    const object: Namespace = { ...namespace, status: { ...namespace.status, phase: 'Terminating' } }
    return { actions: [{ verb: 'updateStatus', type: Namespaces, object, reason: 'deleted' }] }
  }
  if (!(namespace.spec.finalizers ?? []).includes(finalizer) || !seen) return nothing
  const pods = seen.kinds.filter(({ type }) => type.plural === 'pods' && type.group === '')
  const podsLeft = pods.some(({ objects }) => objects.length > 0)
  const turn = podsLeft ? pods : seen.kinds
  const left = seen.kinds.some(({ objects, error }) => objects.length > 0 || error !== undefined)
  const failure =
    world.failed && (world.failed.verb === 'deleteCollection' || world.failed.verb === 'delete') ? world.failed.message : undefined
  const conditions = conditionsOf(namespace, { ...seen, kinds: podsLeft ? [] : seen.kinds }, failure, now)
  const writeStatus: Action[] = sameValue(conditions, namespace.status.conditions)
    ? []
    : [
        {
          verb: 'updateStatus',
          type: Namespaces,
          object: { ...namespace, status: { ...namespace.status, conditions } } as Namespace,
          reason: 'conditions',
        },
      ]
  if (!left && seen.failures.length === 0) return { actions: [finalize(namespace)] }
  const deletions = turn.flatMap((kind) => deletionsOf(kind, key))
  const recheckAfterMs = deletions.length > 0 ? recheckAfterDeleteMs : recheckWaitingMs
  return { actions: [...writeStatus, ...deletions], recheckAfterMs }
}

/** Nothing where all objects are being deleted already. */
function deletionsOf({ type, objects }: ContentOfKind, namespace: string): Action[] {
  const doomed = objects.filter((o) => !o.deleting)
  if (doomed.length === 0) return []
  if (type.verbs.includes('deletecollection')) return [{ verb: 'deleteCollection', type, namespace, reason: 'namespace is deleted' }]
  return doomed.map(({ name }) => ({
    verb: 'delete',
    type,
    ref: { namespace, name },
    propagationPolicy: 'Background',
    reason: 'namespace is deleted',
  }))
}

function finalize(namespace: Namespace): Action {
  const finalizers = (namespace.spec.finalizers ?? []).filter((f) => f !== finalizer)
  return {
    verb: 'finalize',
    type: Namespaces,
    object: { ...namespace, spec: { ...namespace.spec, finalizers } } as Namespace,
    reason: 'content is gone',
  }
}

const whenWell: Readonly<Record<string, [reason: string, message: string]>> = {
  NamespaceDeletionDiscoveryFailure: ['ResourcesDiscovered', 'All resources successfully discovered'],
  NamespaceDeletionGroupVersionParsingFailure: ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  NamespaceDeletionContentFailure: ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
  NamespaceContentRemaining: ['ContentRemoved', 'All content successfully removed'],
  NamespaceFinalizersRemaining: ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
}

function conditionsOf(namespace: Namespace, seen: NamespaceContent, failure: string | undefined, now: Date): NamespaceCondition[] {
  const bad = troubles(seen, failure)
  return Object.entries(whenWell).map(([type, well]) => {
    const trouble = bad[type]
    const [reason, message] = trouble ?? well
    const status = trouble ? 'True' : 'False'
    const was = namespace.status.conditions?.find((c) => c.type === type)
    const lastTransitionTime = was?.status === status && was.lastTransitionTime ? was.lastTransitionTime : timeText(now)
    return { type, status, lastTransitionTime, reason, message }
  })
}

function troubles({ kinds, failures }: NamespaceContent, failure: string | undefined): Record<string, [reason: string, message: string]> {
  const found: Record<string, [string, string]> = {}
  if (failures.length > 0) {
    const texts = failures.map(({ groupVersion, message }) => `${groupVersion}: ${message}`).join(', ')
    const message = `Discovery failed for some groups, ${failures.length} failing: unable to retrieve the complete list of server APIs: ${texts}`
    found['NamespaceDeletionDiscoveryFailure'] = ['DiscoveryFailed', message]
  }
  const errors = [...kinds.flatMap(({ error }) => error ?? []), ...(failure === undefined ? [] : [failure])].sort()
  if (errors.length > 0) {
    const message = `Failed to delete all resource types, ${errors.length} remaining: ${errors.join(', ')}`
    found['NamespaceDeletionContentFailure'] = ['ContentDeletionFailed', message]
  }
  const remaining = kinds.filter(({ objects }) => objects.length > 0)
  if (remaining.length > 0) {
    const texts = remaining.map(({ type, objects }) => `${type.plural}.${type.group} has ${objects.length} resource instances`).sort()
    found['NamespaceContentRemaining'] = ['SomeResourcesRemain', `Some resources are remaining: ${texts.join(', ')}`]
  }
  const finalizers = new Map<string, number>()
  for (const name of remaining.flatMap(({ objects }) => objects.flatMap((o) => o.finalizers)))
    finalizers.set(name, (finalizers.get(name) ?? 0) + 1)
  if (finalizers.size > 0) {
    const texts = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).sort()
    found['NamespaceFinalizersRemaining'] = [
      'SomeFinalizersRemain',
      `Some content in the namespace has finalizers remaining: ${texts.join(', ')}`,
    ]
  }
  return found
}
