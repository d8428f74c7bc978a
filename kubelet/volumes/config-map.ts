/** configMap volumes: the keys of a ConfigMap as files, kept up to date. */
import { configMapPayload } from './payload.ts'
import type { VolumeKind } from './volume.ts'
import { defaultFileMode, writeVolume } from './written-volume.ts'

const write: VolumeKind['setUp'] = async (volume, context) => {
  const source = volume.configMap ?? {}
  const name = source.name ?? ''
  const object = context.objects.configMap(context.pod.metadata.namespace ?? '', name)
  const selection = { items: source.items, mode: source.defaultMode ?? defaultFileMode, optional: source.optional ?? false }
  return writeVolume(context, configMapPayload(object, name, selection), { inMemory: false })
}

export const configMapVolume: VolumeKind = {
  plugin: 'kubernetes.io~configmap',
  readOnly: true,
  setUp: write,
  refresh: async (volume, context) => void (await write(volume, context)),
}
