/** emptyDir volumes: a directory on disk, or a file system in memory or huge pages, that lives as long as the pod. */
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { quantityValue } from '#api/meta/quantity.ts'
import { applyFsGroup } from './group-ownership.ts'
import { hugePageSize } from './huge-pages.ts'
import { isMountPoint, mount, unswappedHere } from './mounts.ts'
import { type VolumeContext, VolumeError, type VolumeKind, type VolumeSpec } from './volume.ts'

export const emptyDirVolume: VolumeKind = {
  plugin: 'kubernetes.io~empty-dir',
  async setUp(volume, context) {
    const { path, notesPath, pod, signal } = context
    const wanted = mountOf(volume, context)
    const ready = join(notesPath, 'ready')
    const mounted = wanted === undefined || isMountPoint(path)
    // Set up before the kubelet was restarted: what is in it, and who may use it, is the containers' business by now.
    if (existsSync(ready) && mounted) return path
    mkdirSync(path, { recursive: true, mode: 0o750 })
    if (wanted && !mounted) await mount(['-t', wanted.type, '-o', wanted.options, wanted.type, path], { signal })
    if ((statSync(path).mode & 0o777) !== 0o777) chmodSync(path, 0o777)
    const group = pod.spec?.securityContext?.fsGroup
    if (group !== undefined) await applyFsGroup(path, group, 'Always', signal)
    mkdirSync(notesPath, { recursive: true, mode: 0o750 })
    writeFileSync(ready, '')
    return path
  },
}

/** Undefined for a directory on disk. */
function mountOf({ emptyDir }: VolumeSpec, context: VolumeContext): { type: string; options: string } | undefined {
  const { medium = '', sizeLimit } = emptyDir ?? {}
  if (medium === '') return undefined
  if (medium === 'Memory') {
    const limit = sizeLimit === undefined ? 0 : quantityValue(sizeLimit)
    const size = limit > 0 ? Math.min(limit, context.memoryLimitBytes) : context.memoryLimitBytes
    return { type: 'tmpfs', options: [`size=${size}`, ...unswappedHere()].join(',') }
  }
  if (!/^HugePages(-|$)/.test(medium)) throw new VolumeError(`unknown storage medium "${medium}"`)
  return { type: 'hugetlbfs', options: `pagesize=${hugePageSize(context.pod, medium)}` }
}
