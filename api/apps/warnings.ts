/** Texts about unwise stateful sets (upstream: pkg/registry/apps/statefulset). */
import { claimSpecWarnings } from '#api/core/claim-warnings.ts'
import { templateWarnings } from '#api/core/pod-warnings.ts'
import type { StatefulSet } from './stateful-set.ts'

export function statefulSetWarnings(next: StatefulSet, prev: StatefulSet | undefined): string[] {
  const { spec } = next
  const changed = !prev || next.metadata.generation !== prev.metadata.generation
  const claims = spec.volumeClaimTemplates ?? []
  return [
    ...(changed ? templateWarnings(spec.template, 'spec.template.') : []),
    ...claims.flatMap((claim, i) => claimSpecWarnings(claim.spec, `spec.volumeClaimTemplates[${i}]${prev ? '.Spec' : ''}`)),
    ...((spec.revisionHistoryLimit ?? 0) < 0
      ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
      : []),
  ]
}
