/** Reads a small file out of one of a pod's volumes, without following links out of it. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { ConfigError } from '#kubelet/environment/env.ts'
import { openInside } from './sub-path.ts'
import type { PlacedVolume } from './volume-manager.ts'

/** A file of variables has no reason to be larger. */
const mostBytes = 1 << 20

/** Throws ConfigError. `volume` undefined: no container mounts it, or there is none of that name. */
export function readVolumeFile(volume: PlacedVolume | undefined, name: string, path: string): string {
  if (!volume) throw new ConfigError(`cannot find the volume "${name}" referenced by FileKeyRef`)
  try {
    const handle = openInside(volume.path, path, { create: false })
    try {
      return readSmall(handle)
    } finally {
      closeSync(handle)
    }
  } catch (cause) {
    throw new ConfigError("couldn't parse env file", { cause })
  }
}

/** Of a handle that only names the file: one that is no plain file is never opened. */
function readSmall(handle: number): string {
  const stats = fstatSync(handle)
  if (!stats.isFile() || stats.size > mostBytes) throw new Error('not a small file')
  const open = openSync(`/proc/self/fd/${handle}`, constants.O_RDONLY)
  try {
    return readFileSync(open, 'utf8')
  } finally {
    closeSync(open)
  }
}
