/** What the server itself decides about persistent volumes and claims (upstream: pkg/registry/core, pkg/api/persistentvolumeclaim). */
import { formatTime } from '#api/meta/time.ts'
import type { PersistentVolume } from './persistent-volume.ts'
import type { PersistentVolumeClaim } from './persistent-volume-claim.ts'
import type { PersistentVolumeClaimSpec } from './volume-claim-spec.ts'

export function preparePersistentVolume(next: PersistentVolume, prev: PersistentVolume | undefined): PersistentVolume {
  if (prev) return next
  const { creationTimestamp } = next.metadata
  next.status = { phase: 'Pending', ...(creationTimestamp === undefined ? {} : { lastPhaseTransitionTime: creationTimestamp }) }
  return next
}

/** The time of a change of phase is the server's unless the writer names a new one. */
export function preparePersistentVolumeStatus(next: PersistentVolume, prev: PersistentVolume, now: Date): PersistentVolume {
  next.spec = prev.spec
  const [since, before] = [next.status.lastPhaseTransitionTime, prev.status.lastPhaseTransitionTime]
  if (next.status.phase === prev.status.phase) {
    if (since === undefined && before !== undefined) next.status.lastPhaseTransitionTime = before
  } else if (since === undefined || since === before) next.status.lastPhaseTransitionTime = formatTime(now)
  return next
}

/** Sources in other namespaces are off in v1.35 by default: they are dropped unless the stored claim has one. */
function dropForeignSource(spec: PersistentVolumeClaimSpec, prev: PersistentVolumeClaimSpec | undefined): void {
  if (spec.dataSourceRef?.namespace && !prev?.dataSourceRef) delete spec.dataSourceRef
}

/** The old field holds snapshots and claims only; anything else there never had an effect. */
function dropUnknownSource(spec: PersistentVolumeClaimSpec, prev: PersistentVolumeClaimSpec | undefined): void {
  const { dataSource } = spec
  if (!dataSource || spec.dataSourceRef || prev?.dataSource || prev?.dataSourceRef) return
  const isClaim = dataSource.kind === 'PersistentVolumeClaim' && !dataSource.apiGroup
  const isSnapshot = dataSource.kind === 'VolumeSnapshot' && dataSource.apiGroup === 'snapshot.storage.k8s.io'
  if (!isClaim && !isSnapshot) delete spec.dataSource
}

/** Both fields say the same, unless the newer one names a namespace. */
export function normalizeSources(spec: PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource }
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...local } = dataSourceRef
    spec.dataSource = local
  }
}

export function prepareClaim(next: PersistentVolumeClaim, prev: PersistentVolumeClaim | undefined): PersistentVolumeClaim {
  if (!prev) next.status = { phase: 'Pending' }
  dropForeignSource(next.spec, prev?.spec)
  dropUnknownSource(next.spec, prev?.spec)
  normalizeSources(next.spec)
  return next
}
