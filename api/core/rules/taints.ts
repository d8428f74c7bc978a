/** Which taints a pod tolerates (upstream: component-helpers/scheduling/corev1). */
import type { Taint } from '#api/core/node.ts'
import type { Toleration } from '#api/core/pod-spec.ts'

/** `Gt` and `Lt` compare whole numbers; upstream has them off by default and they then match nothing. */
export function tolerates(toleration: Toleration, taint: Pick<Taint, 'key' | 'value' | 'effect'>): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  switch (toleration.operator || 'Equal') {
    case 'Equal':
      // an empty key with Equal matches nothing but an empty key
      return (toleration.key ?? '') === taint.key && (toleration.value ?? '') === (taint.value ?? '')
    case 'Exists':
      return true
    default:
      return false
  }
}

export function isTolerated(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return tolerations?.some((toleration) => tolerates(toleration, taint)) ?? false
}

/** The first taint of the given effects that no toleration covers. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !isTolerated(tolerations, taint))
}

/**
 * How long a pod may stay on a node with these NoExecute taints: seconds, `Infinity` for ever, 0 not at all (one taint is not tolerated).
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
