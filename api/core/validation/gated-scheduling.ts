/** While scheduling gates hold a pod, its node selector and node affinity may become stricter, never looser. */
import type { NodeAffinity, NodeSelectorTerm } from '#api/core/affinity.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'

function onlyAdds(next: NodeSelectorTerm, prev: NodeSelectorTerm): boolean {
  const empty = (term: NodeSelectorTerm): boolean => (term.matchExpressions ?? []).length + (term.matchFields ?? []).length === 0
  if (empty(prev) && !empty(next)) return false
  return (['matchExpressions', 'matchFields'] as const).every((name) => {
    const old = prev[name] ?? []
    return sameValue((next[name] ?? []).slice(0, old.length), old)
  })
}

function validateAffinityChange(next: NodeAffinity | undefined, prev: NodeAffinity | undefined): FieldError[] {
  const old = prev?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const now = next?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  if (old.length > 0 && old.length !== now.length) {
    return [invalid(path, now, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')]
  }
  return old.flatMap((term, i) => {
    const changed = now[i] ?? {}
    return onlyAdds(changed, term) ? [] : [invalid(`${path}[${i}]`, changed, 'only additions are allowed (no mutations or deletions)')]
  })
}

function restoreAffinity(munged: PodSpec, prev: PodSpec): void {
  const old = prev.affinity?.nodeAffinity
  const { nodeAffinity: _, ...others } = munged.affinity ?? {}
  if (old) munged.affinity = { ...others, nodeAffinity: old }
  else if (Object.keys(others).length === 0 && !prev.affinity) delete munged.affinity
  else munged.affinity = others
}

/** Puts the two fields of `munged` back to what they were, after it has looked at the change. */
export function validateGatedScheduling(munged: PodSpec, prev: PodSpec): FieldError[] {
  const found: FieldError[] = []
  if (!sameValue(munged.nodeSelector, prev.nodeSelector)) {
    const kept = Object.entries(prev.nodeSelector ?? {}).every(([key, value]) => munged.nodeSelector?.[key] === value)
    if (!kept) {
      const text = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
      found.push(invalid('spec.nodeSelector', munged.nodeSelector ?? null, text))
    }
    delete munged.nodeSelector
    if (prev.nodeSelector) munged.nodeSelector = prev.nodeSelector
  }
  if (!sameValue(munged.affinity?.nodeAffinity, prev.affinity?.nodeAffinity)) {
    found.push(...validateAffinityChange(munged.affinity?.nodeAffinity, prev.affinity?.nodeAffinity))
    restoreAffinity(munged, prev)
  }
  return found
}
