/** What the rules of a pod's parts need to know about the whole. */
import type { PodSpec } from '#api/core/pod-spec.ts'
import type { Volume } from '#api/core/volume.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'

/**
 * Rules that came later than objects: what the stored object already has may stay (upstream: GetValidationOptionsFromPodSpecAndMeta).
 * On create nothing is tolerated.
 */
export interface Tolerated {
  invalidSelectorValues: boolean
  invalidSpreadSelectors: boolean
  invalidRequiredNodeValues: boolean
  indivisibleHugePages: boolean
  nonLocalTokenPaths: boolean
  hostNamespaceSysctls: boolean
  invalidDeletionCost: boolean
}

export interface PodContext {
  /** A pod itself, not the template of one. */
  isPod: boolean
  spec: PodSpec
  meta: ObjectMeta
  tolerated: Tolerated
  /** Sources by name, of those volumes that are right. */
  volumes: ReadonlyMap<string, Volume>
  claimNames: ReadonlySet<string>
}

export const nothingTolerated: Tolerated = {
  invalidSelectorValues: false,
  invalidSpreadSelectors: false,
  invalidRequiredNodeValues: false,
  indivisibleHugePages: false,
  nonLocalTokenPaths: false,
  hostNamespaceSysctls: false,
  invalidDeletionCost: false,
}
