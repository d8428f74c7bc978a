/** local volumes: a folder of this node, bound into the pod's directory, or a block device of it. */
import { mkdirSync, statSync } from 'node:fs'
import { exec } from '#component/exec.ts'
import { applyFsGroup } from './group-ownership.ts'
import { bindMountsOf, isMountPoint } from './mounts.ts'
import { VolumeError, type VolumeKind, type VolumeSpec } from './volume.ts'

export const localVolume: VolumeKind = {
  plugin: 'kubernetes.io~local-volume',
  async setUp(volume, { path, pod, signal }) {
    const source = checkedSource(volume)
    if (isMountPoint(path)) return path
    const stats = statSync(source)
    if (stats.isBlockDevice()) throw new VolumeError('file systems on block devices are not supported by this node')
    if (!stats.isDirectory()) throw new VolumeError('only directory and block device are supported')
    const shared = bindMountsOf(source).some((other) => other !== source)
    mkdirSync(path, { recursive: true, mode: 0o750 })
    const options = [...new Set(['bind', ...(volume.readOnly ? ['ro'] : []), ...(volume.mountOptions ?? [])])]
    await exec(['mount', '-o', options.join(','), source, path], { signal })
    const { fsGroup, fsGroupChangePolicy = 'Always' } = pod.spec?.securityContext ?? {}
    // Upstream: the first pod decides, and what is read-only stays as it is.
    if (fsGroup !== undefined && !volume.readOnly && !shared) await applyFsGroup(path, fsGroup, fsGroupChangePolicy, signal)
    return path
  },
  device(volume) {
    const source = checkedSource(volume)
    if (!statSync(source).isBlockDevice()) throw new VolumeError(`${source} is not a block device`, 'MapVolume.SetUpDevice')
    return source
  },
}

function checkedSource(volume: VolumeSpec): string {
  const path = volume.local?.path ?? ''
  if (path === '') throw new VolumeError(`LocalVolume volume "${volume.name}" path is empty`)
  if (path.split('/').includes('..')) throw new VolumeError(`invalid path: ${path} must not contain '..'`)
  if (!statSync(path, { throwIfNoEntry: false })) throw new VolumeError(`path "${path}" does not exist`)
  return path
}
