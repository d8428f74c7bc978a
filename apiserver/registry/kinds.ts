/** The few rules of the write road that belong to one kind: who may be created by an update, what ends when. */
import { groupResourceOf, type KubeObject, type Resource } from '#api/resource.ts'

/** Kinds whose delete answers with the object instead of a Status (upstream: ReturnDeletedObject). */
const deletedReturned: ReadonlySet<string> = new Set(['pods', 'services', 'serviceaccounts', 'namespaces'])

export const createsOnUpdate = (resource: Resource): boolean => resource.createOnUpdate === true
export const overwritesBlindly = (resource: Resource): boolean => resource.unconditionalUpdate !== false
export const returnsDeleted = (resource: Resource): boolean => deletedReturned.has(groupResourceOf(resource))
/** The garbage collector's finalizers do not apply to events. */
export const isCollected = (resource: Resource): boolean => resource.plural !== 'events'

/** Namespaces end when the controllers have emptied them and taken their name out of spec.finalizers. */
export const isNamespace = (resource: Resource): boolean => resource.group === '' && resource.plural === 'namespaces'

export function namespaceFinalizers(object: KubeObject): readonly string[] {
  const spec = (object as { spec?: { finalizers?: readonly string[] } }).spec
  return spec?.finalizers ?? []
}
