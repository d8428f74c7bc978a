/** image volumes: what an image holds, read-only. Nothing is done with the pod's other volumes: each container that uses one gets the image first. */
import type { VolumeKind } from './volume.ts'

export const imageVolume: VolumeKind = {
  plugin: 'kubernetes.io~image',
  readOnly: true,
  setUp: async (_volume, { path }) => path,
}
