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
  // Alike but for their two flags: few, where all references may be tens of thousands.
  const alike = new Map<string, OwnerReference[]>()
  for (const reference of references) {
    const key = JSON.stringify([reference.uid, reference.apiVersion, reference.kind, reference.name])
    const others = alike.get(key) ?? []
    if (others.some((other) => sameValue(other, reference))) {
      twice.push(reference.uid)
      continue
    }
    kept.push(reference)
    alike.set(key, [...others, reference])
  }
  if (twice.length === 0) return
  const when = found === 'admitted' ? ' after mutating admission happens' : ''
  const why = 'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests'
  warn(`.metadata.ownerReferences contains duplicate entries${when}; ${why}; duplicate UID(s) observed: ${twice.join(', ')}`)
  metadata.ownerReferences = kept
}
