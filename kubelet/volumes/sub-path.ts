/**
 * Paths within a volume that a container cannot lead astray: they are walked by handles from the volume's root, no component may be a link, and
 * what was reached is what gets mounted or read, whatever is done to the names meanwhile.
 */
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { exec } from '#component/exec.ts'
import { isMountPoint } from './mounts.ts'

/** O_PATH: a handle that only names a file; not among Node's constants. */
export const pathOnly = 0o10000000

/** The path leads out of the volume, or to nothing. */
export class SubPathError extends Error {}

/**
 * Binds `volumePath/subPath` at `target` and answers `target`. With `create` a directory is made where nothing is there yet. A target that shows
 * something else by now (a file that was swapped for a newer one) is bound anew.
 */
export async function bindSubPath(volumePath: string, subPath: string, target: string, options = { create: true }): Promise<string> {
  const handle = openInside(volumePath, subPath, options)
  try {
    const source = fstatSync(handle)
    if (isMountPoint(target)) {
      const mounted = statSync(target)
      if (mounted.dev === source.dev && mounted.ino === source.ino) return target
      // Containers that run with it keep what they have.
      await exec(['umount', '--lazy', target])
    }
    mkdirSync(dirname(target), { recursive: true, mode: 0o750 })
    const kept = statSync(target, { throwIfNoEntry: false })
    // Neither call takes anything away but an empty place.
    if (kept && kept.isDirectory() !== source.isDirectory()) {
      if (kept.isDirectory()) rmdirSync(target)
      else unlinkSync(target)
    }
    if (!existsSync(target)) {
      if (source.isDirectory()) mkdirSync(target, { mode: 0o750 })
      else writeFileSync(target, '')
    }
    await exec(['mount', '--no-canonicalize', '--bind', `/proc/${process.pid}/fd/${handle}`, target])
  } finally {
    closeSync(handle)
  }
  return target
}

/** What an expanded subPath may not be, in upstream's words; undefined where it will do. Pure. */
export function subPathProblem(subPath: string): string | undefined {
  if (subPath.startsWith('/')) return `error SubPath \`${subPath}\` must not be an absolute path`
  return subPath.split('/').includes('..') ? `unable to provision SubPath \`${subPath}\`: must not contain '..'` : undefined
}

/** A handle (O_PATH) of what is at a path within a volume; the caller closes it. Links within the volume are followed, none leads out. */
export function openInside(volumePath: string, subPath: string, { create }: { create: boolean }): number {
  const root = realpathSync(volumePath)
  return walk(root, resolvedParts(root, subPath), create)
}

/** Links are followed once, here, and must stay inside; after this none is. */
function resolvedParts(root: string, subPath: string): string[] {
  const full = join(root, subPath)
  let existing = full
  while (!existsSync(existing) && existing !== root) existing = dirname(existing)
  const path = join(realpathSync(existing), relative(existing, full))
  const inside = relative(root, path)
  if (inside === '..' || inside.startsWith('../')) throw new SubPathError(`subpath "${subPath}" not within volume path "${root}"`)
  return inside.split('/').filter((part) => part !== '')
}

function walk(root: string, parts: readonly string[], create: boolean): number {
  let handle = openSync(root, pathOnly | constants.O_NOFOLLOW | constants.O_DIRECTORY)
  const mode = fstatSync(handle).mode & 0o7777
  for (const part of parts) {
    try {
      const next = step(handle, part, create ? mode : undefined)
      closeSync(handle)
      handle = next
    } catch (error) {
      closeSync(handle)
      throw error
    }
  }
  return handle
}

/** Into `part` of an open directory; one that is made is as open as the volume itself: the container's user may be nobody in particular. */
function step(directory: number, part: string, mode: number | undefined): number {
  const path = `/proc/self/fd/${directory}/${part}`
  if (mode !== undefined && makeDirectory(path)) {
    // Through a handle: by its name a link could have taken its place meanwhile.
    const made = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY)
    fchmodSync(made, mode)
    closeSync(made)
  }
  const opened = openSync(path, pathOnly | constants.O_NOFOLLOW)
  if (!fstatSync(opened).isSymbolicLink()) return opened
  closeSync(opened)
  throw new SubPathError(`"${part}" is a symbolic link`)
}

/** False where something is there already. */
function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
