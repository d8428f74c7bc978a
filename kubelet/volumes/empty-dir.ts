/** emptyDir volumes: a directory on disk, or a file system in memory, that lives as long as the pod. */
import { chmodSync, mkdirSync } from 'node:fs'
import { quantityValue } from '#api/meta/quantity.ts'
import { exec } from '#component/exec.ts'
import { isMountPoint } from './mounts.ts'
import { VolumeError, type VolumeKind } from './volume.ts'

export const emptyDirVolume: VolumeKind = {
  plugin: 'kubernetes.io~empty-dir',
  ownedByGroup: true,
  async setUp(volume, context) {
    const { medium = '', sizeLimit } = volume.emptyDir ?? {}
    const { path, memoryLimitBytes, signal } = context
    mkdirSync(path, { recursive: true, mode: 0o750 })
    if (medium === 'Memory') {
      if (!isMountPoint(path)) {
        const limit = sizeLimit === undefined ? 0 : quantityValue(sizeLimit)
        const size = limit > 0 ? Math.min(limit, memoryLimitBytes) : memoryLimitBytes
        await exec(['mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { signal })
      }
    } else if (medium !== '') throw new VolumeError(`emptyDir medium "${medium}" is not supported by this node`)
    chmodSync(path, 0o777)
    return path
  },
}
