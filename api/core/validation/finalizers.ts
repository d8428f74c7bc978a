/** Names of finalizers beyond their syntax: without a domain only Kubernetes' own. */
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'

const standard = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

export function validateKubeFinalizer(name: string, field: string): FieldError[] {
  if (name.includes('/') || standard.has(name)) return []
  return [invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified')]
}

export function validateKubeFinalizers(meta: ObjectMeta): FieldError[] {
  return (meta.finalizers ?? []).flatMap((name, i) => validateKubeFinalizer(name, `metadata.finalizers[${i}]`))
}
