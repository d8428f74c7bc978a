/** Rules of namespaces, their status and their finalizers. */
import type { Namespace } from '#api/core/namespace.ts'
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import { validateFinalizerName } from '#api/validation/object-meta.ts'
import { validateKubeFinalizer, validateKubeFinalizers } from './finalizers.ts'

const validateFinalizer = (name: string, field: string): FieldError[] => [
  ...validateFinalizerName(name, field),
  ...validateKubeFinalizer(name, field),
]

export function validateNamespace(next: Namespace): FieldError[] {
  return [
    ...validateKubeFinalizers(next.metadata),
    ...(next.spec.finalizers ?? []).flatMap((name) => validateFinalizer(name, 'spec.finalizers')),
  ]
}

export function validateNamespaceStatus(next: Namespace): FieldError[] {
  const found = validateKubeFinalizers(next.metadata)
  const phase = next.status.phase ?? ''
  const ending = next.metadata.deletionTimestamp !== undefined
  if (!ending && phase !== 'Active') {
    found.push(invalid('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty"))
  }
  if (ending && phase !== 'Terminating') {
    found.push(invalid('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty"))
  }
  return found
}

export function validateNamespaceFinalize(next: Namespace): FieldError[] {
  return [
    ...validateKubeFinalizers(next.metadata),
    ...(next.spec.finalizers ?? []).flatMap((name, i) => validateFinalizer(name, `spec.finalizers[${i}]`)),
  ]
}
