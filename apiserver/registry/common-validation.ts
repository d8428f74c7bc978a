/** Validation of metadata, the same for every kind and run before the kind's own rules (pure). */
import type { FieldError } from '#api/meta/field-error.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { validateFinalizers, validateObjectMeta, validateObjectMetaUpdate } from '#api/validation/object-meta.ts'

export function validateCommonOnCreate(resource: Resource, object: KubeObject): readonly FieldError[] {
  const validateName = resource.validateName
  return validateObjectMeta(object.metadata, {
    namespaced: resource.scope === 'Namespaced',
    ...(validateName ? { validateName: (name: string) => validateName.call(resource, name) } : {}),
  })
}

export const validateCommonOnUpdate = (_resource: Resource, next: KubeObject, prev: KubeObject): readonly FieldError[] => [
  ...validateFinalizers(next.metadata.finalizers, 'metadata.finalizers'),
  ...validateObjectMetaUpdate(next.metadata, prev.metadata),
]
