/** downwardAPI volumes: fields and resources of the pod as files, kept up to date. */
import { downwardPayload } from './payload.ts'
import type { VolumeKind } from './volume.ts'
import { defaultFileMode, writeVolume } from './written-volume.ts'

const write: VolumeKind['setUp'] = async (volume, context) => {
  const { items = [], defaultMode = defaultFileMode } = volume.downwardAPI ?? {}
  return writeVolume(context, downwardPayload(context.pod, items, defaultMode, context.facts), { inMemory: true })
}

export const downwardApiVolume: VolumeKind = {
  plugin: 'kubernetes.io~downward-api',
  readOnly: true,
  setUp: write,
  refresh: async (volume, context) => void (await write(volume, context)),
}
