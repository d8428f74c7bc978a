/** What clients may not set in definitions: the status, which remembers every version that was ever stored. */
import { keepSpec } from '#api/meta/status-write.ts'
import { nilList } from '#api/nil-list.ts'
import type { SubresourceRules } from '#api/resource.ts'
import type { CustomResourceDefinition } from './custom-resource-definition.ts'
import { withCondition } from './status.ts'

/** Keeps a deleted definition until its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io'

export function prepareDefinition(next: CustomResourceDefinition, prev: CustomResourceDefinition | undefined): CustomResourceDefinition {
  next.status =
    prev === undefined ? { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: [] } : structuredClone(prev.status)
  // The canonical form of no versions is null.
  next.spec.versions ??= nilList() as []
  const storage = next.spec.versions.find((version) => version.storage)
  const stored = next.status.storedVersions ?? []
  if (storage && !stored.includes(storage.name)) next.status.storedVersions = [...stored, storage.name]
  return next
}

export const statusRules: SubresourceRules<CustomResourceDefinition> = { prepare: keepSpec }

export function markDefinitionDeleted(definition: CustomResourceDefinition, now: string): CustomResourceDefinition {
  const { metadata, status } = definition
  const finalizers = metadata.finalizers ?? []
  metadata.deletionTimestamp = now
  metadata.finalizers = finalizers.includes(CLEANUP_FINALIZER) ? finalizers : [...finalizers, CLEANUP_FINALIZER]
  const message = 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon'
  const pending = { type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message } as const
  status.conditions = withCondition(status.conditions ?? [], pending, now)
  return definition
}
