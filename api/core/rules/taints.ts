/** Taints and tolerations (upstream: component-helpers scheduling/corev1, api/core/v1 Toleration.ToleratesTaint). Pure. */
import type { Taint } from '#api/core/node.ts'
import type { Toleration } from '#api/core/pod-spec.ts'

/** An empty key with Exists tolerates every taint; an empty effect every effect. */
export function tolerates(toleration: Toleration, taint: Pick<Taint, 'key' | 'value' | 'effect'>): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '')
    case 'Exists':
      return true
    default:
      return false
  }
}

/** The first taint of one of the effects that nothing tolerates. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !tolerations?.some((toleration) => tolerates(toleration, taint)))
}

/**
 * How long a pod may stay on a node with these NoExecute taints, in seconds: Infinity for ever, 0 not at all (one taint is not tolerated).
 */
export function tolerationSeconds(taints: readonly Taint[], tolerations: readonly Toleration[] | undefined): number {
  let least = Number.POSITIVE_INFINITY
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue
    const covering = (tolerations ?? []).filter((toleration) => tolerates(toleration, taint))
    if (covering.length === 0) return 0
    for (const { tolerationSeconds: seconds } of covering) if (seconds !== undefined) least = Math.min(least, Math.max(0, seconds))
  }
  return least
}
