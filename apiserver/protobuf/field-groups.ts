/** The fields of a message as protobuf has them: by number, with messages that JSON has inline as groups of their own (pure). */
import type { FieldNode } from '#api/tree.ts'

export type Group = Map<number, FieldNode | Group>

export function groupOf(fields: readonly FieldNode[]): Group {
  const group: Group = new Map()
  for (const field of fields) {
    // apiVersion and kind stand in the envelope.
    if (field.number === 0) continue
    let at = group
    for (const number of field.inlinedIn) {
      const known = at.get(number)
      const inner: Group = known instanceof Map ? known : new Map()
      at.set(number, inner)
      at = inner
    }
    at.set(field.wrapper ?? field.number, field)
  }
  return group
}
