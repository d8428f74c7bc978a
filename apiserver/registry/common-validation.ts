/** Validation of metadata, the same for every kind and run before the kind's own rules (pure). */
import type { FieldError } from '#api/meta/field-error.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { checkPathSegmentName } from '#api/validation/names.ts'
import { validateFinalizers, validateObjectMeta, validateObjectMetaUpdate } from '#api/validation/object-meta.ts'

function validateAsNew(resource: Resource, object: KubeObject, checkName: Resource['validateName']): readonly FieldError[] {
  return validateObjectMeta(object.metadata, {
    namespaced: resource.scope === 'Namespaced',
    ...(checkName ? { validateName: (name: string) => checkName.call(resource, name) } : {}),
  })
}

export const validateCommonOnCreate = (resource: Resource, object: KubeObject): readonly FieldError[] =>
  validateAsNew(resource, object, resource.validateName)

const none: readonly FieldError[] = []

/** What the stored object passed when it was new is not looked at again: of names only the prefix may change. */
export function validateCommonOnUpdate(resource: Resource, next: KubeObject, prev: KubeObject): readonly FieldError[] {
  const { metadata } = next
  const changed = validateObjectMetaUpdate(metadata, prev.metadata)
  const isFine = changed.length === 0 && validateFinalizers(metadata.finalizers, 'metadata.finalizers').length === 0
  if (isFine && metadata.generateName === prev.metadata.generateName) return none
  const found = [...validateAsNew(resource, next, checkPathSegmentName), ...changed]
  if (resource.metadataOnUpdate === 'left to the rules of the kind') return found
  found.push(...changed)
  if (resource.metadataOnUpdate === 'checked as of a new object') found.push(...validateCommonOnCreate(resource, next))
  return found
}
