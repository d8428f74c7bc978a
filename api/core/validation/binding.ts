/** Rules of bindings: which node a pod goes to. */
import type { Binding } from '#api/core/binding.ts'
import { type FieldError, notSupported, required } from '#api/meta/field-error.ts'

export function validateBinding({ target }: Binding): FieldError[] {
  const found: FieldError[] = []
  if (target.kind && target.kind !== 'Node') found.push(notSupported('target.kind', target.kind, ['Node', '<empty>']))
  if (!target.name) found.push(required('target.name'))
  return found
}
