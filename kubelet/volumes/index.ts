/** The kinds of volumes that a node can offer, by the field of a Volume that asks for them. Adding one is a file and a line here. */
import type { Volume } from '#api/core/volume.ts'
import { configMapVolume } from './config-map.ts'
import { downwardApiVolume } from './downward-api.ts'
import { emptyDirVolume } from './empty-dir.ts'
import { hostPathVolume } from './host-path.ts'
import { projectedVolume } from './projected.ts'
import { secretVolume } from './secret.ts'
import { VolumeError, type VolumeKind } from './volume.ts'

const kinds: Readonly<Partial<Record<keyof Volume, VolumeKind>>> = {
  configMap: configMapVolume,
  downwardAPI: downwardApiVolume,
  emptyDir: emptyDirVolume,
  hostPath: hostPathVolume,
  projected: projectedVolume,
  secret: secretVolume,
}

/** Throws VolumeError for a kind that is not here. */
export function volumeKind(volume: Volume): VolumeKind {
  const field = Object.keys(volume).find((key) => key !== 'name') as keyof Volume | undefined
  // A volume without a source is an emptyDir, as upstream's default has it.
  const kind = field === undefined ? emptyDirVolume : kinds[field]
  if (!kind) throw new VolumeError(`volumes of the kind ${field} are not supported by this node`)
  return kind
}
