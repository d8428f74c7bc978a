/** Dependent defaults of persistent volumes and claims (upstream: pkg/apis/core/v1/defaults.go). */
import type { PersistentVolume } from '#api/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import { roundResourceList } from './resource-list.ts'

export function defaultPersistentVolume(volume: PersistentVolume): PersistentVolume {
  const { spec } = volume
  volume.status ??= {}
  volume.status.phase ||= 'Pending'
  spec.persistentVolumeReclaimPolicy ||= 'Retain'
  spec.volumeMode ??= 'Filesystem'
  if (spec.hostPath) spec.hostPath.type ??= ''
  roundResourceList(spec.capacity)
  return volume
}

/** The claims that stateful sets make say what they are. */
export function defaultClaimOfSet(claim: PersistentVolumeClaim): void {
  claim.apiVersion = 'v1'
  claim.kind = 'PersistentVolumeClaim'
  defaultClaim(claim)
}

export function defaultClaim(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const { spec } = claim
  claim.status ??= {}
  claim.status.phase ||= 'Pending'
  spec.volumeMode ??= 'Filesystem'
  roundResourceList(spec.resources?.limits)
  roundResourceList(spec.resources?.requests)
  roundResourceList(claim.status.capacity)
  roundResourceList(claim.status.allocatedResources)
  return claim
}
