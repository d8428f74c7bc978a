/** Rules of controller revisions. */
import type { ControllerRevision } from '#api/apps/controller-revision.ts'
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { checkNonnegative, immutableMessage } from '#api/core/validation/values.ts'
import { type FieldError, invalid, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { isPlain } from '#api/own.ts'

export function validateControllerRevision(next: ControllerRevision, prev: ControllerRevision | undefined): FieldError[] {
  const { data } = next
  const found = [
    ...validateMetaAgain(next.metadata, prev !== undefined, { namespaced: true }),
    ...checkNonnegative('revision', next.revision),
  ]
  if (!prev) {
    if (data === undefined || data === null) return [...found, required('data', 'data is mandatory')]
    return isPlain(data) ? found : [...found, required('data', 'data must be a valid JSON object')]
  }
  // upstream prints the bytes in a struct of its own
  return sameValue(data, prev.data) ? found : [...found, invalid('data', data, immutableMessage)]
}
