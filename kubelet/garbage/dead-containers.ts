/** How many ended containers of one name are kept. Pure. */
import type { Container } from '#kubelet/runtime/runtime.ts'

export interface DeadContainerLimits {
  /** Negative for no limit; so is `perContainer`. */
  total: number
  perContainer: number
  minAgeMs: number
}

/** Upstream's. */
export const usualLimits: DeadContainerLimits = { total: -1, perContainer: 1, minAgeMs: 0 }

/**
 * `ended`: of one name, newest first. The newest container of a name is never among what goes, if it has ended: what it did is what decides
 * about the next.
 */
export function surplus(
  ended: readonly Container[],
  newest: Container | undefined,
  { perContainer }: DeadContainerLimits,
): readonly Container[] {
  if (perContainer < 0) return []
  return ended.slice(Math.max(perContainer, newest?.state === 'exited' ? 1 : 0))
}
