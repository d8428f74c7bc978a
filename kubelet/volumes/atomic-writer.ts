/**
 * Writes a set of files so that a reader sees all of the old or all of the new: each version is a directory of its own, `..data` points at the
 * current one, and every visible name points through it. Upstream's layout, which programs that watch for changes rely on.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Payload } from './payload.ts'

const dataName = '..data'

/**
 * True when something changed on disk. `own` gives the whole directory to whom it belongs, before anybody sees the new version.
 * Synchronous: some dozen calls on a memory file system take less time than leaving and coming back.
 */
export function writeAtomically(directory: string, payload: Payload, own: (directory: string) => void, now: Date): boolean {
  const dataLink = join(directory, dataName)
  const previous = linkTarget(dataLink)
  if (previous !== undefined && isSame(join(directory, previous), payload)) {
    linkNames(directory, payload)
    unlinkOthers(directory, payload, previous)
    return false
  }
  const version = versionName(directory, now)
  const target = join(directory, version)
  mkdirSync(target, { mode: 0o755 })
  chmodSync(target, 0o755)
  for (const [path, file] of payload) {
    const full = join(target, path)
    mkdirSync(dirname(full), { recursive: true, mode: 0o755 })
    writeFileSync(full, file.data, { mode: file.mode })
    if (file.uid !== undefined) chownSync(full, file.uid, 0)
    chmodSync(full, file.mode)
  }
  own(directory)
  const fresh = join(directory, '..data_tmp')
  rmSync(fresh, { force: true })
  symlinkSync(version, fresh)
  renameSync(fresh, dataLink)
  linkNames(directory, payload)
  unlinkOthers(directory, payload, version)
  return true
}

function versionName(directory: string, now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replace(/[-T:]/g, '_')
  for (let n = now.getMilliseconds() * 1_000_000; ; n++) {
    const name = `..${stamp}.${String(n % 4_294_967_296).padStart(9, '0')}`
    if (!existsSync(join(directory, name))) return name
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    // EINVAL: it is no link.
    if (['ENOENT', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

function isSame(directory: string, payload: Payload): boolean {
  const found = filesBelow(directory, '')
  if (!found || found.length !== payload.size) return false
  return found.every((path) => {
    const wanted = payload.get(path)
    const full = join(directory, path)
    return wanted !== undefined && (statSync(full).mode & 0o777 & wanted.mode) === wanted.mode && readFileSync(full).equals(wanted.data)
  })
}

function filesBelow(directory: string, prefix: string): string[] | undefined {
  if (!existsSync(join(directory, prefix))) return undefined
  return readdirSync(join(directory, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`
    return entry.isDirectory() ? (filesBelow(directory, path) ?? []) : [path]
  })
}

const topNames = (payload: Payload): Set<string> => new Set([...payload.keys()].map((path) => path.split('/')[0] ?? ''))

function linkNames(directory: string, payload: Payload): void {
  for (const name of topNames(payload)) {
    const link = join(directory, name)
    if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(join(dataName, name), link)
  }
}

/** What the new version does not have any more, and older versions. Folders that are mount points of other volumes stay. */
function unlinkOthers(directory: string, payload: Payload, version: string): void {
  const wanted = topNames(payload)
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    const isOld = name.startsWith('..')
      ? name !== dataName && name !== version
      : !wanted.has(name) && linkTarget(path) === `${dataName}/${name}`
    if (isOld) rmSync(path, { recursive: true, force: true })
  }
}
