/**
 * subPath mounts that a container cannot lead astray: the path is walked by handles from the volume's root, no component may be a link, and
 * what was reached is what gets mounted, whatever is done to the names meanwhile.
 */
import { chmodSync, closeSync, constants, existsSync, fstatSync, mkdirSync, openSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { exec } from '#component/exec.ts'
import { isMountPoint } from './mounts.ts'
import { VolumeError } from './volume.ts'

/** O_PATH: a handle that only names a file; not among Node's constants. */
const pathOnly = 0o10000000

/** Binds `volumePath/subPath` at `target` and answers `target`. A directory is made where nothing is there yet. */
export async function bindSubPath(volumePath: string, subPath: string, target: string): Promise<string> {
  if (isMountPoint(target)) return target
  const root = realpathSync(volumePath)
  const parts = resolvedParts(root, subPath)
  const handle = walk(root, parts, subPath)
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o750 })
    if (fstatSync(handle).isDirectory()) mkdirSync(target, { recursive: true, mode: 0o750 })
    else if (!existsSync(target)) writeFileSync(target, '')
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

/** Links are followed once, here, and must stay inside; after this none is. */
function resolvedParts(root: string, subPath: string): string[] {
  const full = join(root, subPath)
  let existing = full
  while (!existsSync(existing) && existing !== root) existing = dirname(existing)
  const path = join(realpathSync(existing), relative(existing, full))
  const inside = relative(root, path)
  if (inside === '..' || inside.startsWith('../')) throw new VolumeError(`subpath "${subPath}" not within volume path "${root}"`)
  return inside.split('/').filter((part) => part !== '')
}

/** The caller closes the handle. */
function walk(root: string, parts: readonly string[], subPath: string): number {
  let handle = openSync(root, pathOnly | constants.O_NOFOLLOW | constants.O_DIRECTORY)
  const mode = fstatSync(handle).mode & 0o7777
  for (const part of parts) {
    const next = `/proc/self/fd/${handle}/${part}`
    try {
      if (!existsSync(next)) makeDirectory(next, mode)
      const opened = openSync(next, pathOnly | constants.O_NOFOLLOW)
      if (fstatSync(opened).isSymbolicLink()) {
        closeSync(opened)
        throw new VolumeError(`subpath "${subPath}" leads through a symbolic link`)
      }
      closeSync(handle)
      handle = opened
    } catch (error) {
      closeSync(handle)
      throw error
    }
  }
  return handle
}

/** As open as the volume itself, whatever the process's mask: the container's user may be nobody in particular. */
function makeDirectory(path: string, mode: number): void {
  mkdirSync(path)
  chmodSync(path, mode)
}
