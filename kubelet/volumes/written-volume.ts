/** The common part of volumes that are files written by the kubelet: where they lie and who owns them. */
import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { containersOf } from '#kubelet/pods/pod-containers.ts'
import { writeAtomically } from './atomic-writer.ts'
import { ownWritten } from './group-ownership.ts'
import { nestedMountPoints } from './nested-mounts.ts'
import type { Payload } from './payload.ts'
import type { VolumeContext } from './volume.ts'

/** Upstream's default for all of them. */
export const defaultFileMode = 0o644

/**
 * Writes the files and answers the path. With `inMemory` they lie in the kubelet's memory file system, to which the volume's own place is a link:
 * one mount for all volumes in place of one for each.
 */
export function writeVolume(context: VolumeContext, payload: Payload, options: { inMemory: boolean }): string {
  const { path, memoryPath, pod } = context
  const target = options.inMemory && memoryPath !== undefined ? memoryPath : path
  if (target !== path && !isLink(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
    if (existsSync(path)) rmSync(path, { recursive: true })
    symlinkSync(target, path)
  }
  mkdirSync(target, { recursive: true, mode: 0o750 })
  const { mode } = lstatSync(target)
  // Upstream's are the roots of file systems in memory, which are sticky.
  if ((mode & 0o777) !== 0o777) chmodSync(target, (mode & 0o7777) | (target === path ? 0o777 : 0o1777))
  // The runtime cannot make them: containers get the volume read-only.
  for (const nested of nestedMountPoints(pod, context.mountName))
    if (!lstatSync(join(target, nested), { throwIfNoEntry: false })) mkdirSync(join(target, nested), { recursive: true, mode: 0o755 })
  const group = pod.spec?.securityContext?.fsGroup
  writeAtomically(target, payload, (directory) => void (group === undefined ? 0 : ownWritten(directory, group)), new Date())
  return target
}

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false

/** The user that all containers run as, where it is one and the same. */
export function commonUser(context: VolumeContext): number | undefined {
  const shared = context.pod.spec?.securityContext?.runAsUser
  const users = containersOf(context.pod).map(({ container }) => container.securityContext?.runAsUser ?? shared)
  return users.every((user) => user === users[0]) ? users[0] : undefined
}
