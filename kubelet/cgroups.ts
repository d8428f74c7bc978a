/** Makes and removes the cgroups of pods, in the file system of either version. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import { sleep } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'
import { cgroupWrites, podCgroup, podLimits } from './cgroup-plan.ts'

const mountPoint = '/sys/fs/cgroup'
const usedControllers = [
  'cpu',
  'memory',
  'pids',
  'cpuset',
  'cpuacct',
  'blkio',
  'devices',
  'freezer',
  'hugetlb',
  'net_cls',
  'net_prio',
  'perf_event',
  'systemd',
  'rdma',
]

export class Cgroups {
  readonly version: 1 | 2
  readonly #root: string
  readonly #log: Logger
  readonly #trees: readonly { controller: string; path: string }[]
  readonly #mount: string

  /** `root` is the node's cgroup, `/` by default. */
  constructor(root: string, log: Logger, mount: string = mountPoint) {
    this.#root = root
    this.#log = log
    this.#mount = mount
    this.version = existsSync(join(mount, 'cgroup.controllers')) ? 2 : 1
    this.#trees = this.version === 2 ? [{ controller: '', path: mount }] : controllersOf(mount)
  }

  /** The parent for the pod's containers, as the runtime takes it. */
  parent(pod: Pod): string {
    return podCgroup(this.#root, pod)
  }

  create(pod: Pod, pidsLimit?: number): void {
    const path = this.parent(pod)
    const writes = cgroupWrites(this.version, podLimits(pod), pidsLimit)
    for (const controller of new Set(writes.map((write) => write.controller))) {
      const tree = this.#trees.find((each) => each.controller === controller)
      if (tree) this.#makeDirectory(tree.path, path)
    }
    for (const { controller, file, value } of writes) {
      const tree = this.#trees.find((each) => each.controller === controller)
      if (!tree) continue
      try {
        writeFileSync(join(tree.path, path, file), value)
      } catch (error) {
        this.#log.warn({ file: join(tree.path, path, file), value, error }, 'cannot set a limit of the cgroup of a pod')
      }
    }
  }

  /** A directory goes when its last process is gone, which the kernel may tell a moment late. */
  async remove(uid: string): Promise<void> {
    for (const path of this.#pathsOf(uid)) {
      for (let attempt = 0; existsSync(path); attempt++) {
        try {
          removeTree(path)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || attempt >= 50) throw error
          await sleep(10)
        }
      }
    }
  }

  has(uid: string): boolean {
    return this.#pathsOf(uid).length > 0
  }

  /** The uids of all pods that have a cgroup below the node's root. */
  pods(): Set<string> {
    const found = new Set<string>()
    for (const level of this.#levels()) {
      for (const name of directoriesIn(level)) if (/^pod[0-9a-f-]{8,}$/.test(name)) found.add(name.slice(3))
    }
    return found
  }

  #pathsOf(uid: string): string[] {
    return this.#levels()
      .map((level) => join(level, `pod${uid}`))
      .filter((path) => existsSync(path))
  }

  #levels(): string[] {
    return this.#trees.flatMap(({ path }) => ['', 'burstable', 'besteffort'].map((qos) => join(path, this.#root, 'kubepods', qos)))
  }

  /** On version 2 a child only has the controllers that its parent hands down. */
  #makeDirectory(tree: string, path: string): void {
    if (this.version === 1) {
      mkdirSync(join(tree, path), { recursive: true, mode: 0o755 })
      return
    }
    let current = tree
    for (const part of path.split('/').filter((each) => each !== '')) {
      const controllers = readFileSync(join(current, 'cgroup.controllers'), 'utf8').trim().split(' ')
      const wanted = controllers.filter((name) => ['cpu', 'memory', 'pids', 'cpuset', 'io', 'hugetlb'].includes(name))
      if (current !== this.#mount || part !== '')
        writeFileSync(join(current, 'cgroup.subtree_control'), wanted.map((name) => `+${name}`).join(' '))
      current = join(current, part)
      mkdirSync(current, { recursive: true, mode: 0o755 })
    }
  }
}

/** On version 1 several controllers may share a mount, under a joint name and by links. */
function controllersOf(mount: string): { controller: string; path: string }[] {
  return usedControllers.map((controller) => ({ controller, path: join(mount, controller) })).filter(({ path }) => existsSync(path))
}

function directoriesIn(path: string): string[] {
  if (!existsSync(path)) return []
  return readdirSync(path).filter((name) => statSync(join(path, name), { throwIfNoEntry: false })?.isDirectory())
}

function removeTree(path: string): void {
  for (const name of directoriesIn(path)) removeTree(join(path, name))
  try {
    rmdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
