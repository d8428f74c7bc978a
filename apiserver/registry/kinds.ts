/** The few rules of the write road that belong to one kind and are not part of its schema: who may be created by an update, what ends when. */
import { groupResourceOf, type KubeObject, type Resource } from '#api/resource.ts'

/** Kinds that PUT creates where they are absent (upstream: AllowCreateOnUpdate of the strategies). */
const createdByUpdate: ReadonlySet<string> = new Set([
  'services',
  'endpoints',
  'events',
  'events.events.k8s.io',
  'leases.coordination.k8s.io',
])

/** Kinds that an update without resourceVersion does not overwrite (upstream: AllowUnconditionalUpdate is false). */
const conditionalOnly: ReadonlySet<string> = new Set(['leases.coordination.k8s.io'])

/** Kinds whose delete answers with the object instead of a Status (upstream: ReturnDeletedObject). */
const deletedReturned: ReadonlySet<string> = new Set(['pods', 'services', 'serviceaccounts', 'namespaces'])

export const createsOnUpdate = (resource: Resource): boolean => createdByUpdate.has(groupResourceOf(resource))
export const overwritesBlindly = (resource: Resource): boolean => !conditionalOnly.has(groupResourceOf(resource))
export const returnsDeleted = (resource: Resource): boolean => deletedReturned.has(groupResourceOf(resource))
/** The garbage collector's finalizers do not apply to events. */
export const isCollected = (resource: Resource): boolean => resource.plural !== 'events'

/** Namespaces end when the controllers have emptied them and taken their name out of spec.finalizers. */
export const isNamespace = (resource: Resource): boolean => resource.group === '' && resource.plural === 'namespaces'

export function namespaceFinalizers(object: KubeObject): readonly string[] {
  const spec = (object as { spec?: { finalizers?: readonly string[] } }).spec
  return spec?.finalizers ?? []
}
