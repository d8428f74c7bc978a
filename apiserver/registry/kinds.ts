/** The few rules of the write road that belong to one kind: who may be created by an update, what ends when. */
import type { KubeObject, Resource } from '#api/resource.ts'

export const createsOnUpdate = (resource: Resource): boolean => resource.createOnUpdate === true
export const overwritesBlindly = (resource: Resource): boolean => resource.unconditionalUpdate !== false
export const returnsDeleted = (resource: Resource): boolean => resource.returnsDeleted === true
/** Custom resources may have any name: only these two groups have the events that expire and that nobody is charged for. */
export const isEvent = ({ group, plural }: Pick<Resource, 'group' | 'plural'>): boolean =>
  plural === 'events' && (group === '' || group === 'events.k8s.io')

/** What comes of dependents where a deletion does not say; the garbage collector's finalizers do not apply to events. */
export type Collection = 'none' | 'deletes' | 'orphans'
export function collectionOf(resource: Resource): Collection {
  if (isEvent(resource)) return 'none'
  return resource.orphansByDefault === true ? 'orphans' : 'deletes'
}

/** Namespaces end when the controllers have emptied them and taken their name out of spec.finalizers. */
export const isNamespace = (resource: Resource): boolean => resource.group === '' && resource.plural === 'namespaces'

export function namespaceFinalizers(object: KubeObject): readonly string[] {
  const spec = (object as { spec?: { finalizers?: readonly string[] } }).spec
  return spec?.finalizers ?? []
}
