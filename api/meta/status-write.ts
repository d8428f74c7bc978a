/** What a write of the status leaves as it was: one of these is the `prepare` of most status subresources. All change `next` in place. */
import type { KubeObject } from '#api/resource.ts'
import { keepMetadataOfStatus } from './status-metadata.ts'

/** Most kinds: the spec stays. */
export function keepSpec<T extends { spec?: unknown }>(next: T, prev: T): T {
  if (prev.spec === undefined) delete next.spec
  else next.spec = prev.spec
  return next
}

/** Newer kinds: labels, annotations and the like stay too. */
export function keepSpecAndMetadata<T extends KubeObject & { spec?: unknown }>(next: T, prev: T): T {
  return keepMetadataOfStatus(keepSpec(next, prev), prev)
}

/** Flow control: all stays but who owns which field. */
export function keepAllButStatus<T extends KubeObject & { spec?: unknown }>(next: T, prev: T): T {
  const { managedFields } = next.metadata
  next.metadata = { ...prev.metadata, ...(managedFields && { managedFields }) }
  return keepSpec(next, prev)
}
