/** hostPath volumes: a path of the node itself, checked or made as its type says. */
import { closeSync, mkdirSync, openSync, type Stats, statSync } from 'node:fs'
import { VolumeError, type VolumeKind } from './volume.ts'

const checks: Readonly<Record<string, { is: (stats: Stats) => boolean; text: string }>> = {
  Directory: { is: (s) => s.isDirectory(), text: 'directory' },
  DirectoryOrCreate: { is: (s) => s.isDirectory(), text: 'directory' },
  File: { is: (s) => s.isFile(), text: 'file' },
  FileOrCreate: { is: (s) => s.isFile(), text: 'file' },
  Socket: { is: (s) => s.isSocket(), text: 'socket file' },
  CharDevice: { is: (s) => s.isCharacterDevice(), text: 'character device' },
  BlockDevice: { is: (s) => s.isBlockDevice(), text: 'block device' },
}

export const hostPathVolume: VolumeKind = {
  plugin: 'kubernetes.io~host-path',
  async setUp(volume) {
    const { path = '', type = '' } = volume.hostPath ?? {}
    if (path.split('/').includes('..')) throw new VolumeError(`invalid HostPath \`${path}\`: must not contain '..'`)
    if (type === '') return path
    const check = checks[type]
    if (!check) throw new VolumeError(`unknown hostPath type "${type}"`)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (!stats && type === 'DirectoryOrCreate') mkdirSync(path, { recursive: true, mode: 0o755 })
    else if (!stats && type === 'FileOrCreate') closeSync(openSync(path, 'a', 0o644))
    else if (!stats || !check.is(stats)) throw new VolumeError(`hostPath type check failed: ${path} is not a ${check.text}`)
    return path
  },
}
