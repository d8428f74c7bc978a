/** Owner references that stand twice in an object are taken out, and the client is told (pure; upstream: dedupOwnerReferencesAndAddWarning). */
import type { ObjectMeta, OwnerReference } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'

/** Upstream looks before admission (creations and updates) and after it (patches as well), and says which. */
export type Found = 'sent' | 'admitted'

/** Changes `metadata`. */
export function dropDuplicateOwners(metadata: ObjectMeta, found: Found, warn: (text: string) => void): void {
  const references = metadata.ownerReferences ?? []
  if (references.length < 2) return
  const kept: OwnerReference[] = []
  const twice: string[] = []
  for (const reference of references) {
    if (kept.some((other) => other.uid === reference.uid && sameValue(other, reference))) twice.push(reference.uid)
    else kept.push(reference)
  }
  if (twice.length === 0) return
  const when = found === 'admitted' ? ' after mutating admission happens' : ''
  const why = 'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests'
  warn(`.metadata.ownerReferences contains duplicate entries${when}; ${why}; duplicate UID(s) observed: ${twice.join(', ')}`)
  metadata.ownerReferences = kept
}
