/** What a write of the status leaves as it was. */

/** Most status subresources: the spec stays. */
export function keepSpec<T extends { spec?: unknown }>(next: T, prev: T): T {
  if (prev.spec === undefined) delete next.spec
  else next.spec = prev.spec
  return next
}
