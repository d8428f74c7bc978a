/** Mount points of the host, read from the kernel's own table. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { release } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { ExecError, type ExecOptions, exec } from '#component/exec.ts'

/** Escapes of /proc/self/mountinfo: a space is `\040`. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

/** As the kernel writes a path there. Pure. */
export const escaped = (path: string): string =>
  path.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)

/** All mount points, in the order in which they were mounted. Pure. */
export function parseMountPoints(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((path): path is string => path !== undefined)
    .map(unescaped)
}

/** Root within its file system, device and place of each mount. Pure. */
function parseMounts(mountinfo: string): { device: string; root: string; at: string }[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields.length > 4)
    .map((fields) => ({ device: fields[2] ?? '', root: unescaped(fields[3] ?? ''), at: unescaped(fields[4] ?? '') }))
}

/** All mount points at which a directory is seen as a whole, itself among them if it is one. */
export function bindMountsOf(directory: string, mountinfo = readFileSync('/proc/self/mountinfo', 'utf8')): string[] {
  const mounts = parseMounts(mountinfo)
  const holds = (at: string): boolean => directory === at || directory.startsWith(at === '/' ? '/' : `${at}/`)
  const on = mounts.filter(({ at }) => holds(at)).reduce((a, b) => (b.at.length >= a.at.length ? b : a), { device: '', root: '/', at: '' })
  const below = directory.slice(on.at === '/' ? 0 : on.at.length)
  const root = `${on.root === '/' ? '' : on.root}${below}` || '/'
  return mounts.filter((mount) => mount.device === on.device && mount.root === root).map(({ at }) => at)
}

/** As the kernel names it: the kubelet's root may be a link to a larger disk. */
function kernelName(path: string): string {
  return existsSync(dirname(path)) ? join(realpathSync.native(dirname(path)), basename(path)) : path
}

/**
 * The kernel's table if it holds a place by its name, else nothing. Each pod has a few lines there, and most pods ask for none: to take it all apart made
 * so much garbage that a third of what a pod's end costs was to collect it.
 */
function tableWith(name: string): string {
  const table = readFileSync('/proc/self/mountinfo')
  return table.includes(escaped(name)) ? table.toString() : ''
}

export function isMountPoint(path: string): boolean {
  const name = kernelName(path)
  return parseMountPoints(tableWith(name)).includes(name)
}

/** Mount points at or below a directory, deepest (newest) first. */
export function mountsBelow(directory: string): string[] {
  const name = kernelName(directory)
  return parseMountPoints(tableWith(name))
    .filter((path) => path === name || path.startsWith(`${name}/`))
    .reverse()
}

/** Runs the host's mount. Rejects with upstream's words, which hold what the program said. */
export async function mount(args: readonly string[], options: Pick<ExecOptions, 'signal' | 'timeoutMs'>): Promise<void> {
  try {
    await exec(['mount', ...args], options)
  } catch (error) {
    if (!(error instanceof ExecError) || error.exitCode === undefined) throw error
    const said = `${error.stdout}${error.stderr}`
    const message = `mount failed: exit status ${error.exitCode}\nMounting command: mount\nMounting arguments: ${args.join(' ')}\nOutput: ${said}`
    throw new Error(message, { cause: error })
  }
}

/** Options of file systems in memory whose content must not reach a disk: kernels since 6.4 can, but not in a user namespace. Pure. */
export function unswapped(release: string, uidMap: string): readonly string[] {
  const [major = 0, minor = 0] = release.split('.').map(Number)
  const isWhole = /^\s*0\s+0\s+4294967295\s*$/.test(uidMap)
  return isWhole && (major > 6 || (major === 6 && minor >= 4)) ? ['noswap'] : []
}

/** As this host has it. */
export const unswappedHere = (): readonly string[] => unswapped(release(), readFileSync('/proc/self/uid_map', 'utf8'))

/**
 * Unmounts all at or below a directory; one that is busy, or whose server does not answer, is detached, so that it goes when its last user does. Answers
 * what is there all the same.
 */
export async function unmountBelow(directory: string): Promise<readonly string[]> {
  const found = mountsBelow(directory)
  for (const path of found) {
    try {
      await exec(['umount', path])
    } catch (error) {
      if (!mountsBelow(directory).includes(path)) continue
      if (!(error instanceof ExecError && (error.timedOut || /busy/.test(error.message)))) throw error
      await exec(['umount', '-l', path])
    }
  }
  return found.length === 0 ? [] : mountsBelow(directory)
}
