/** What the validator of values finds. */
import type { FieldError } from '#api/meta/field-error.ts'

/** One broken rule: `text` tells it apart from others, `error` makes the cause of it at a field. */
export interface Fault {
  text: string
  /** `spec.a`; empty for the root. */
  path: string
  error(field: string): FieldError
  /** It is about alternatives and names no field. */
  isComposite?: true
}
