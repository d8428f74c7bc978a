/** What a pod has on disk: writable layers, logs, volumes and its hosts file; and the sum that its limits are about. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Volume } from '#api/core/volume.ts'
import type { Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'
import type { DiskUsage, FileSystemUsage } from './disk-usage.ts'
import type { ContainerUsage, MeasuredPod, PodUsage, VolumeUsage } from './usage.ts'

export interface PodFilesDeps {
  usage(path: string): Promise<DiskUsage | undefined>
  fileSystem(path: string): Promise<FileSystemUsage>
  volumePath(uid: string, volume: string): string | undefined
  podDir(uid: string): string
  /** Leave out the volumes that no limit of the pod counts. */
  limitsOnly?: boolean
}

export async function podFiles(
  measured: MeasuredPod,
  running: readonly ContainerUsage[],
  deps: PodFilesDeps,
): Promise<Pick<PodUsage, 'containers' | 'volumes' | 'ephemeralStorage'>> {
  const containers = await Promise.all(running.map((each) => withFiles(each, measured.containers, deps)))
  const volumes = await volumesOf(measured, deps)
  const own = await sizeOf(await ownFiles(measured, deps))
  const parts = [
    ...containers.flatMap(({ rootfs, logs }) => [rootfs, logs]),
    ...volumes.filter(({ ephemeral }) => ephemeral).map(({ used }) => used),
    own,
  ]
  return { containers, volumes, ephemeralStorage: sum(parts) }
}

/** What containers can fill beside their layers and volumes: the hosts file, and the files for messages at their end. */
async function ownFiles({ pod, containers }: MeasuredPod, deps: PodFilesDeps): Promise<string[]> {
  const folder = deps.podDir(pod.metadata.uid ?? '')
  const names = new Set(containers.map(({ name }) => name))
  const messages = await Promise.all(
    [...names].map(async (name) => {
      const files = await readdir(join(folder, 'containers', name)).catch(() => [])
      return files.map((file) => join(folder, 'containers', name, file))
    }),
  )
  return [join(folder, 'etc-hosts'), ...messages.flat()]
}

async function withFiles(usage: ContainerUsage, all: readonly RuntimeContainer[], deps: PodFilesDeps): Promise<ContainerUsage> {
  const own = all.find(({ id }) => id === usage.id)?.files?.writableLayer
  const rootfs = own === undefined ? undefined : await deps.usage(own)
  const logs = all.filter(({ name }) => name === usage.name).map(({ files }) => files?.log)
  return { ...usage, ...(rootfs ? { rootfs } : {}), logs: await logUsage(logs.filter((path) => path !== undefined)) }
}

/** A log and what was rotated away from it lie beside each other under one name. */
async function logUsage(logs: readonly string[]): Promise<DiskUsage> {
  const files = await Promise.all(
    logs.map(async (log) => {
      const names = await readdir(dirname(log)).catch(() => [])
      return names.filter((name) => name.startsWith(basename(log))).map((name) => join(dirname(log), name))
    }),
  )
  return await sizeOf(files.flat())
}

async function sizeOf(files: readonly string[]): Promise<DiskUsage> {
  const all = await Promise.all(files.map((file) => stat(file).catch(() => undefined)))
  const found = all.filter((each) => each !== undefined)
  return { usedBytes: found.reduce((bytes, { blocks }) => bytes + blocks * 512, 0), inodesUsed: found.length }
}

function sum(parts: readonly (DiskUsage | undefined)[]): DiskUsage {
  const known = parts.filter((each) => each !== undefined)
  return {
    usedBytes: known.reduce((total, { usedBytes }) => total + usedBytes, 0),
    inodesUsed: known.reduce((total, { inodesUsed }) => total + inodesUsed, 0),
  }
}

/** As upstream: folders of the kubelet's own are counted, claims ask their file system, and a path of the host tells nothing. */
export function volumeRule(volume: Volume): { measure: 'tree' | 'fileSystem' | 'nothing'; ephemeral: boolean } {
  if (volume.emptyDir) return { measure: 'tree', ephemeral: (volume.emptyDir.medium ?? '') === '' }
  if (volume.configMap) return { measure: 'tree', ephemeral: true }
  if (volume.secret || volume.downwardAPI || volume.projected) return { measure: 'tree', ephemeral: false }
  if (volume.persistentVolumeClaim || volume.ephemeral) return { measure: 'fileSystem', ephemeral: false }
  return { measure: 'nothing', ephemeral: false }
}

async function volumesOf({ pod }: MeasuredPod, deps: PodFilesDeps): Promise<VolumeUsage[]> {
  const found = await Promise.all(
    (pod.spec?.volumes ?? []).map(async (volume): Promise<VolumeUsage | undefined> => {
      const { measure, ephemeral } = volumeRule(volume)
      const path = deps.volumePath(pod.metadata.uid ?? '', volume.name)
      if (measure === 'nothing' || path === undefined || (deps.limitsOnly && !ephemeral)) return undefined
      const fs = await deps.fileSystem(path)
      const used = measure === 'tree' ? await deps.usage(path) : { usedBytes: fs.usedBytes, inodesUsed: fs.inodes - fs.inodesFree }
      if (used === undefined) return undefined
      const claim = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined)
      return { name: volume.name, used, fs, ephemeral, ...(claim === undefined ? {} : { claim }) }
    }),
  )
  return found.filter((each) => each !== undefined)
}
