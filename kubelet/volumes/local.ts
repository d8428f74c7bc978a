/** local volumes: a folder or a disk of this node, mounted into the pod's directory, or a block device of it. */
import { mkdirSync, statSync } from 'node:fs'
import { exec } from '#component/exec.ts'
import { applyFsGroup } from './group-ownership.ts'
import { mountDevice } from './local-device.ts'
import { bindMountsOf, isMountPoint } from './mounts.ts'
import { VolumeError, type VolumeKind, type VolumeSpec } from './volume.ts'

export const localVolume: VolumeKind = {
  plugin: 'kubernetes.io~local-volume',
  async setUp(volume, { path, pod, signal }) {
    const source = checkedSource(volume)
    if (isMountPoint(path)) return path
    const stats = statSync(source)
    if (!stats.isDirectory() && !stats.isBlockDevice()) throw new VolumeError('only directory and block device are supported')
    const { readOnly = false, mountOptions: options = [], local } = volume
    mkdirSync(path, { recursive: true, mode: 0o750 })
    const shared = stats.isDirectory() ? await bindDirectory(source, path, { readOnly, options, signal }) : false
    if (stats.isBlockDevice()) await mountDevice({ device: source, path, fsType: local?.fsType, readOnly, options, signal })
    const { fsGroup, fsGroupChangePolicy = 'Always' } = pod.spec?.securityContext ?? {}
    // Upstream: the first pod decides, and what is read-only stays as it is.
    if (fsGroup !== undefined && !readOnly && !shared) await applyFsGroup(path, fsGroup, fsGroupChangePolicy, signal)
    return path
  },
  device(volume) {
    const source = checkedSource(volume)
    if (!statSync(source).isBlockDevice()) throw new VolumeError(`${source} is not a block device`, 'MapVolume.SetUpDevice')
    return source
  },
}

/** True when other pods have it already. */
async function bindDirectory(
  source: string,
  path: string,
  { readOnly, options, signal }: { readOnly: boolean; options: readonly string[]; signal: AbortSignal },
): Promise<boolean> {
  const shared = bindMountsOf(source).some((other) => other !== source)
  const all = [...new Set(['bind', ...(readOnly ? ['ro'] : []), ...options])]
  await exec(['mount', '-o', all.join(','), source, path], { signal })
  return shared
}

function checkedSource(volume: VolumeSpec): string {
  const path = volume.local?.path ?? ''
  if (path === '') throw new VolumeError(`LocalVolume volume "${volume.name}" path is empty`)
  if (path.split('/').includes('..')) throw new VolumeError(`invalid path: ${path} must not contain '..'`)
  if (!statSync(path, { throwIfNoEntry: false })) throw new VolumeError(`path "${path}" does not exist`)
  return path
}
