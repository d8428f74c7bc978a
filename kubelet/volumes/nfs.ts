/** nfs volumes: an export of a server, mounted by the host's own mount.nfs. */
import { mkdirSync, rmdirSync } from 'node:fs'
import { isMountPoint, mount, unmountBelow } from './mounts.ts'
import { VolumeError, type VolumeKind } from './volume.ts'

/** A server that does not answer keeps mount.nfs busy for minutes; the next try comes anyway. */
const timeoutMs = 120_000

export const nfsVolume: VolumeKind = {
  plugin: 'kubernetes.io~nfs',
  async setUp(volume, { path, signal }) {
    if (isMountPoint(path)) return path
    const { server = '', path: exported = '', readOnly } = volume.nfs ?? {}
    const options = [...new Set([...(volume.mountOptions ?? []), ...(readOnly || volume.readOnly ? ['ro'] : [])])]
    mkdirSync(path, { recursive: true, mode: 0o750 })
    try {
      const flags = options.length > 0 ? ['-o', options.join(',')] : []
      await mount(['-t', 'nfs', ...flags, `${server}:${exported}`, path], { signal, timeoutMs })
    } catch (error) {
      await unmountBelow(path)
      rmdirSync(path)
      throw new VolumeError((error as Error).message)
    }
    return path
  },
}
