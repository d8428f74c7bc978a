/** secret volumes: the keys of a Secret as files in memory, kept up to date. */
import { secretPayload } from './payload.ts'
import type { VolumeKind } from './volume.ts'
import { defaultFileMode, writeVolume } from './written-volume.ts'

const write: VolumeKind['setUp'] = async (volume, context) => {
  const source = volume.secret ?? {}
  const name = source.secretName ?? ''
  const object = context.objects.secret(context.pod.metadata.namespace ?? '', name)
  const selection = { items: source.items, mode: source.defaultMode ?? defaultFileMode, optional: source.optional ?? false }
  return writeVolume(context, secretPayload(object, name, selection), { inMemory: true })
}

export const secretVolume: VolumeKind = {
  plugin: 'kubernetes.io~secret',
  readOnly: true,
  setUp: write,
  refresh: async (volume, context) => void (await write(volume, context)),
}
