/** Dependent defaults of volumes (upstream: pkg/apis/core/v1/defaults.go). */
import { defaultPullPolicy } from '#api/core/rules/image.ts'
import type { DownwardAPIVolumeFile, ProjectedVolumeSource, Volume } from '#api/core/volume.ts'
import { roundResourceList } from './resource-list.ts'

const filesMode = 0o644
const tokenLifetimeSeconds = 3600

function defaultDownwardItems(items: readonly DownwardAPIVolumeFile[] | undefined): void {
  for (const item of items ?? []) {
    if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1'
  }
}

function defaultProjected(projected: ProjectedVolumeSource): void {
  projected.defaultMode ??= filesMode
  for (const source of projected.sources ?? []) {
    defaultDownwardItems(source.downwardAPI?.items)
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= tokenLifetimeSeconds
  }
}

/** A volume without any source is an emptyDir. */
export function defaultVolume(volume: Volume): void {
  const sources = Object.entries(volume).filter(([key, value]) => key !== 'name' && value !== undefined && value !== null)
  if (sources.length === 0) volume.emptyDir = {}
  if (volume.image && !volume.image.pullPolicy) volume.image.pullPolicy = defaultPullPolicy(volume.image.reference ?? '')
  if (volume.hostPath) volume.hostPath.type ??= ''
  if (volume.secret) volume.secret.defaultMode ??= filesMode
  if (volume.configMap) volume.configMap.defaultMode ??= filesMode
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= filesMode
    defaultDownwardItems(volume.downwardAPI.items)
  }
  if (volume.projected) defaultProjected(volume.projected)
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec
  if (claim) {
    claim.volumeMode ??= 'Filesystem'
    roundResourceList(claim.resources?.limits)
    roundResourceList(claim.resources?.requests)
  }
}
