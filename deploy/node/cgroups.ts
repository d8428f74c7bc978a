/** The node's own cgroup root on hosts with cgroup v1 and v2. */
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface CgroupMount {
  /** Folder below /sys/fs/cgroup, for example `cpu,cpuacct`. */
  folder: string
  /** Mount options that name the hierarchy, for example `cpu,cpuacct` or `none,name=systemd`. */
  options: string
}

export type CgroupHost = { version: 2 } | { version: 1; mounts: readonly CgroupMount[] }

const notControllers = new Set(['rw', 'ro', 'clone_children', 'noprefix', 'xattr', 'all', 'release_agent'])

/** Reads /proc/self/mountinfo. Throws if no cgroup hierarchy is mounted where it belongs. Pure. */
export function parseCgroupHost(mountinfo: string): CgroupHost {
  const mounts: CgroupMount[] = []
  for (const line of mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ')
    const target = left.split(' ')[4] ?? ''
    const [type, , options = ''] = right.split(' ')
    if (type === 'cgroup2' && target === '/sys/fs/cgroup') return { version: 2 }
    if (type !== 'cgroup' || !target.startsWith('/sys/fs/cgroup/')) continue
    const names = options.split(',').filter((option) => !notControllers.has(option.split('=')[0] ?? ''))
    const named = names.some((name) => name.startsWith('name='))
    mounts.push({ folder: target.slice('/sys/fs/cgroup/'.length), options: [...(named ? ['none'] : []), ...names].join(',') })
  }
  if (mounts.length === 0) throw new Error('no cgroup hierarchy is mounted below /sys/fs/cgroup')
  return { version: 1, mounts }
}

export async function cgroupHost(): Promise<CgroupHost> {
  return parseCgroupHost(await readFile('/proc/self/mountinfo', 'utf8'))
}

/** The folders of one cgroup, one per hierarchy. Pure. */
export function cgroupFolders(host: CgroupHost, path: string): readonly string[] {
  if (host.version === 2) return [join('/sys/fs/cgroup', path)]
  return host.mounts.map((mount) => join('/sys/fs/cgroup', mount.folder, path))
}

/** Hands every controller of `folder` to its children (v2). One that the kernel refuses is left out. */
async function delegate(folder: string): Promise<void> {
  const controllers = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim().split(' ').filter(Boolean)
  for (const controller of controllers) {
    await writeFile(join(folder, 'cgroup.subtree_control'), `+${controller}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EBUSY' && error.code !== 'EINVAL' && error.code !== 'ENOENT') throw error
    })
  }
}

/** On v1 a cpuset without cpus and memory nodes takes no process: every level takes its parent's. */
async function inheritCpuset(root: string, path: string): Promise<void> {
  let folder = root
  for (const part of path.split('/')) {
    const parent = folder
    folder = join(folder, part)
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const own = (await readFile(join(folder, file), 'utf8')).trim()
      if (own === '') await writeFile(join(folder, file), await readFile(join(parent, file), 'utf8'))
    }
  }
}

export async function makeCgroup(host: CgroupHost, path: string): Promise<void> {
  for (const folder of cgroupFolders(host, path)) await mkdir(folder, { recursive: true })
  if (host.version === 1) {
    for (const mount of host.mounts) {
      if (mount.options.split(',').includes('cpuset')) await inheritCpuset(join('/sys/fs/cgroup', mount.folder), path)
    }
    return
  }
  let folder = '/sys/fs/cgroup'
  for (const part of path.split('/')) {
    await delegate(folder)
    folder = join(folder, part)
  }
  // Where the node's processes begin.
  await mkdir(join(folder, 'init'), { recursive: true })
}

function ignoreCodes(...codes: readonly string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error
  }
}

/** Removes an empty tree of cgroups; answers the folders that still hold processes. */
export async function removeCgroup(host: CgroupHost, path: string): Promise<readonly string[]> {
  const busy: string[] = []
  const remove = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    for (const entry of entries) if (entry.isDirectory()) await remove(join(folder, entry.name))
    await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EBUSY') busy.push(folder)
      else if (error.code !== 'ENOENT') throw error
    })
  }
  for (const folder of cgroupFolders(host, path)) await remove(folder)
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    // The levels above are shared with other clusters of this machine: they go with the last one.
    for (const folder of cgroupFolders(host, parent)) await rmdir(folder).catch(ignoreCodes('ENOENT', 'EBUSY', 'ENOTEMPTY'))
  }
  return busy
}
