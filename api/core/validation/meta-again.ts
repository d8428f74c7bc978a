/** Metadata of kinds whose rules look at changed objects as at new ones; the update's own rules come before. */
import type { FieldError } from '#api/meta/field-error.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { type ObjectMetaRules, validateObjectMeta } from '#api/validation/object-meta.ts'
import { validateKubeFinalizers } from './finalizers.ts'

/** Nothing but the names of finalizers on creation: the rules that all kinds share have looked at the rest. */
export function validateMetaAgain(meta: ObjectMeta, isUpdate: boolean, rules: ObjectMetaRules): FieldError[] {
  const finalizers = validateKubeFinalizers(meta)
  return isUpdate ? [...finalizers, ...validateObjectMeta(meta, rules), ...finalizers] : finalizers
}
