/** Mount points of the host, read from the kernel's own table. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ExecError, exec } from '#component/exec.ts'

/** Escapes of /proc/self/mountinfo: a space is `\040`. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

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
  return existsSync(dirname(path)) ? join(realpathSync(dirname(path)), basename(path)) : path
}

export function isMountPoint(path: string): boolean {
  return parseMountPoints(readFileSync('/proc/self/mountinfo', 'utf8')).includes(kernelName(path))
}

/** Mount points at or below a directory, deepest (newest) first. */
export function mountsBelow(directory: string): string[] {
  const name = kernelName(directory)
  return parseMountPoints(readFileSync('/proc/self/mountinfo', 'utf8'))
    .filter((path) => path === name || path.startsWith(`${name}/`))
    .reverse()
}

/** Unmounts all at or below a directory; one that is busy, or whose server does not answer, is detached, so that it goes when its last user does. */
export async function unmountBelow(directory: string): Promise<void> {
  for (const path of mountsBelow(directory)) {
    try {
      await exec(['umount', path])
    } catch (error) {
      if (!mountsBelow(directory).includes(path)) continue
      if (!(error instanceof ExecError && (error.timedOut || /busy/.test(error.message)))) throw error
      await exec(['umount', '-l', path])
    }
  }
}
