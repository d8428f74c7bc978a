/** The kinds of volumes that a node can offer, by the field of a Volume that asks for them. Adding one is a file and a line here. */
import { configMapVolume } from './config-map.ts'
import { csiVolume } from './csi.ts'
import { downwardApiVolume } from './downward-api.ts'
import { emptyDirVolume } from './empty-dir.ts'
import { hostPathVolume } from './host-path.ts'
import { imageVolume } from './image.ts'
import { localVolume } from './local.ts'
import { nfsVolume } from './nfs.ts'
import { projectedVolume } from './projected.ts'
import { secretVolume } from './secret.ts'
import type { VolumeKind, VolumeSpec } from './volume.ts'

const kinds = {
  configMap: configMapVolume,
  csi: csiVolume,
  downwardAPI: downwardApiVolume,
  emptyDir: emptyDirVolume,
  hostPath: hostPathVolume,
  image: imageVolume,
  local: localVolume,
  nfs: nfsVolume,
  projected: projectedVolume,
  secret: secretVolume,
} as const satisfies Readonly<Partial<Record<keyof VolumeSpec, VolumeKind>>>
export type VolumeField = keyof typeof kinds

const fields = Object.keys(kinds) as VolumeField[]
/** Of a VolumeSpec that are not sources. */
const notSources: ReadonlySet<string> = new Set(['name', 'readOnly', 'mountOptions', 'block', 'gid', 'claimed'])

export interface KindOfVolume {
  field: VolumeField
  kind: VolumeKind
}

/** Undefined for a kind that is not here. */
export function kindOfVolume(volume: VolumeSpec): KindOfVolume | undefined {
  const field = fields.find((name) => volume[name] !== undefined)
  if (field) return { field, kind: kinds[field] }
  // A volume without a source is an emptyDir, as upstream's default has it.
  return sourceName(volume) === undefined ? { field: 'emptyDir', kind: emptyDirVolume } : undefined
}

/** The field that says where the volume comes from. */
export function sourceName(volume: VolumeSpec): string | undefined {
  return Object.entries(volume).find(([key, value]) => value !== undefined && !notSources.has(key))?.[0]
}
