/** Makes and removes the cgroups of pods, in the file system of either version. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import { sleep } from '#component/clock.ts'
import { exec } from '#component/exec.ts'
import type { Logger } from '#component/logging.ts'
import { timedCgroup } from '#kubelet/metrics.ts'
import { type CgroupLimits, cgroupWrites, podCgroup, podLimits } from './cgroup-plan.ts'
import { limitSlice, podOfSlice, sliceName, slicePath, startSlice, stopSlice } from './cgroup-systemd.ts'
import { cpuPeriodMicros } from './qos.ts'

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
  // Beside version 1 (hybrid hosts): runc makes its cgroups there as well, and leaves the pod's.
  'unified',
]

/** Attempts to remove a cgroup, 10 ms apart, after which its processes are taken for such that do not end by themselves. */
const endsWithin = 10

export interface CgroupOptions {
  driver?: 'cgroupfs' | 'systemd'
  /** Where the cgroup file systems are. */
  mount?: string
  /** Runs a command to its end. */
  run?(argv: readonly string[]): Promise<unknown>
  /** Of the host's huge pages, as in a resource's name. */
  pageSizes?: readonly string[]
  /** On version 2, the process that is too large ends alone. */
  singleProcessOOMKill?: boolean
}

export class Cgroups {
  readonly version: 1 | 2
  /** The node's cgroup; empty for the root of all. */
  readonly root: string
  readonly #log: Logger
  readonly #trees: readonly { controller: string; path: string }[]
  readonly #mount: string
  readonly #systemd: boolean
  readonly #run: (argv: readonly string[]) => Promise<unknown>
  /** What a pod did not ask for, it must not have. Empty where the host does not count them. */
  readonly #noHugePages: Readonly<Record<string, number>>
  readonly #groupOom: boolean

  /** `root` is the node's cgroup, `/` by default. */
  constructor(root: string, log: Logger, options: CgroupOptions = {}) {
    const { driver = 'cgroupfs', mount = mountPoint, run = exec, pageSizes = [], singleProcessOOMKill = false } = options
    this.root = root === '/' ? '' : root
    this.#log = log
    this.#mount = mount
    this.#systemd = driver === 'systemd'
    this.#run = run
    this.version = existsSync(join(mount, 'cgroup.controllers')) ? 2 : 1
    this.#trees = this.version === 2 ? [{ controller: '', path: mount }] : controllersOf(mount)
    const counted = this.version === 2 ? controllersIn(mount).includes('hugetlb') : existsSync(join(mount, 'hugetlb'))
    this.#noHugePages = counted ? Object.fromEntries(pageSizes.map((size) => [size, 0])) : {}
    this.#groupOom = this.version === 2 && !singleProcessOOMKill
  }

  /** The pod's cgroup, by the name that all others here take; the same whichever driver there is. */
  path(pod: Pod): string {
    return podCgroup(this.root, pod)
  }

  /** The cgroup of one of the pod's containers, as the runtime names it. */
  containerPath(pod: Pod, id: string): string {
    return this.#systemd ? `${this.path(pod)}/docker-${id}.scope` : `${this.path(pod)}/${id}`
  }

  /** The parent for the pod's containers, as the runtime takes it. */
  parent(pod: Pod): string {
    return this.#systemd ? sliceName(this.path(pod)) : this.path(pod)
  }

  async create(pod: Pod, extra: { pids?: number; noCpuQuota?: boolean } = {}): Promise<void> {
    const { pids } = extra
    const asked = podLimits(pod, extra)
    const hugePages = { ...this.#noHugePages, ...asked.hugePages }
    const limits = { ...asked, hugePages, ...(pids === undefined ? {} : { pids }) }
    for (const { file, error } of await timedCgroup('create', () => this.ensure(this.path(pod), limits)))
      this.#log.warn({ file, error }, 'cannot set a limit of the cgroup of a pod')
  }

  /** A container that runs out of memory ends as a whole. One that has ended meanwhile has no cgroup any more. */
  containerStarted(pod: Pod, id: string): void {
    if (!this.#groupOom) return
    const file = join(this.#mount, this.#fs(this.containerPath(pod, id)), 'memory.oom.group')
    try {
      writeFileSync(file, '1', { flag: 'r+' })
    } catch (error) {
      if (!['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? ''))
        this.#log.warn({ file, error }, 'cannot let a container end as a whole when it runs out of memory')
    }
  }

  /** Writes limits of a cgroup that is there. Throws what the kernel says to the first that it refuses. */
  set(path: string, limits: CgroupLimits): Promise<void> {
    return timedCgroup('update', () => this.#set(path, limits))
  }

  async #set(path: string, limits: CgroupLimits): Promise<void> {
    const argv = this.#systemd ? limitSlice(this.version, path, limits) : undefined
    if (argv) await this.#run(argv)
    const [refused] = this.#write(path, limits)
    if (refused) throw refused.error
  }

  /** Makes a cgroup, or sets its limits if it is there; tells what was refused. */
  async ensure(path: string, limits: CgroupLimits): Promise<{ file: string; error: Error }[]> {
    if (this.#systemd) {
      const there = this.#trees.some((tree) => existsSync(join(tree.path, this.#fs(path))))
      const argv = there ? limitSlice(this.version, path, limits) : startSlice(this.version, path, limits)
      if (argv) await this.#run(argv)
    }
    // systemd answers before it has made a slice, and hands down no controllers that it has no words for.
    this.#makeFor(path, limits)
    return this.#write(path, limits)
  }

  /** The limits in force; those that are not set are absent. */
  read(path: string): CgroupLimits & { cpuShares: number; memoryUsageBytes: number } {
    // A node that only pretends.
    if (this.#trees.length === 0) return { cpuShares: 0, memoryUsageBytes: 0 }
    if (this.version === 2) {
      const [quota = 'max', period = ''] = this.#text('', path, 'cpu.max').split(' ')
      const weight = Number(this.#text('', path, 'cpu.weight'))
      return {
        cpuShares: Math.floor(((weight - 1) * 262_142) / 9999) + 2,
        ...(quota === 'max' ? {} : { cpuQuotaMicros: (Number(quota) * cpuPeriodMicros) / Number(period) }),
        ...limitOf(this.#text('', path, 'memory.max')),
        memoryUsageBytes: Number(this.#text('', path, 'memory.current')),
      }
    }
    const quota = Number(this.#text('cpu', path, 'cpu.cfs_quota_us'))
    return {
      cpuShares: Number(this.#text('cpu', path, 'cpu.shares')),
      ...(quota < 0 ? {} : { cpuQuotaMicros: quota }),
      ...limitOf(this.#text('memory', path, 'memory.limit_in_bytes')),
      memoryUsageBytes: Number(this.#text('memory', path, 'memory.usage_in_bytes')),
    }
  }

  #text(controller: string, path: string, file: string): string {
    const tree = this.#trees.find((each) => each.controller === controller)
    return readFileSync(join(tree?.path ?? this.#mount, this.#fs(path), file), 'utf8').trim()
  }

  #makeFor(path: string, limits: CgroupLimits): void {
    for (const controller of new Set(cgroupWrites(this.version, limits).map((write) => write.controller))) {
      const tree = this.#trees.find((each) => each.controller === controller)
      if (tree) this.#makeDirectory(tree.path, this.#fs(path))
    }
  }

  /** In the file system. */
  #fs(path: string): string {
    if (!this.#systemd) return path
    const scope = /\/([^/]+\.scope)$/.exec(path)
    return scope ? `${slicePath(path.slice(0, scope.index))}/${scope[1]}` : slicePath(path)
  }

  /** What was refused, and why. A controller that this host has not is passed over. */
  #write(path: string, limits: CgroupLimits): { file: string; error: Error }[] {
    return cgroupWrites(this.version, limits).flatMap(({ controller, file, value }) => {
      const tree = this.#trees.find((each) => each.controller === controller)
      if (!tree) return []
      const whole = join(tree.path, this.#fs(path), file)
      try {
        writeFileSync(whole, value)
        return []
      } catch (error) {
        return [{ file: whole, error: error as Error }]
      }
    })
  }

  /**
   * A directory goes when its last process is gone, which the kernel may tell a moment late. What then still runs there is nobody's that could end it:
   * it is killed, as upstream does it.
   */
  remove(uid: string): Promise<void> {
    return timedCgroup('destroy', () => this.#remove(uid))
  }

  async #remove(uid: string): Promise<void> {
    const paths = this.#pathsOf(uid)
    if (this.#systemd) for (const name of new Set(paths.map((path) => basename(path)))) await this.#stop(name)
    for (const path of paths) {
      for (let attempt = 0; existsSync(path); attempt++) {
        try {
          removeTree(path)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || attempt >= 50) throw error
          if (attempt === endsWithin) this.#kill(path)
          await sleep(10)
        }
      }
    }
  }

  /** A slice that systemd does not know (any more) is none of its business. */
  async #stop(name: string): Promise<void> {
    await this.#run(stopSlice(name)).catch((error: Error) => {
      if (!/not loaded/.test(error.message)) throw error
    })
  }

  #kill(path: string): void {
    const pids = processesIn(path)
    this.#log.warn({ path, pids }, 'killing what is left in the cgroup of a pod that has ended')
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
    }
  }

  has(uid: string): boolean {
    return this.#candidatesOf(uid).some((path) => existsSync(path))
  }

  /** The uids of all pods that have a cgroup below the node's root. */
  pods(): Set<string> {
    const found = new Set<string>()
    for (const level of this.#levels()) {
      for (const name of directoriesIn(level)) {
        const uid = this.#systemd ? podOfSlice(name) : /^pod([0-9a-f-]{8,})$/.exec(name)?.[1]
        if (uid !== undefined) found.add(uid)
      }
    }
    return found
  }

  #pathsOf(uid: string): string[] {
    return this.#candidatesOf(uid).filter((path) => existsSync(path))
  }

  /** Every pod's start asks for all of them: put together without `join`, which would take most of that time. */
  #candidatesOf(uid: string): string[] {
    const tiers = ['kubepods', 'kubepods/burstable', 'kubepods/besteffort']
    return tiers.flatMap((tier) => {
      const path = this.#fs(`${this.root}/${tier}/pod${uid}`)
      return this.#trees.map((tree) => `${tree.path}${path.startsWith('/') ? '' : '/'}${path}`)
    })
  }

  #levels(): string[] {
    const tiers = ['kubepods', 'kubepods/burstable', 'kubepods/besteffort']
    return this.#trees.flatMap(({ path }) => tiers.map((tier) => join(path, this.#fs(`${this.root}/${tier}`))))
  }

  /** On version 2 a child only has the controllers that its parent hands down. */
  #makeDirectory(tree: string, path: string): void {
    if (this.version === 1) {
      mkdirSync(join(tree, path), { recursive: true, mode: 0o755 })
      return
    }
    let current = tree
    for (const part of path.split('/').filter((each) => each !== '')) {
      const wanted = controllersIn(current).filter((name) => ['cpu', 'memory', 'pids', 'cpuset', 'io', 'hugetlb'].includes(name))
      if (current !== this.#mount || part !== '')
        writeFileSync(join(current, 'cgroup.subtree_control'), wanted.map((name) => `+${name}`).join(' '))
      current = join(current, part)
      mkdirSync(current, { recursive: true, mode: 0o755 })
    }
  }
}

/** Of a cgroup of version 2. */
const controllersIn = (path: string): string[] => readFileSync(join(path, 'cgroup.controllers'), 'utf8').trim().split(' ')

/** On version 1 several controllers may share a mount, under a joint name and by links. */
function controllersOf(mount: string): { controller: string; path: string }[] {
  return usedControllers.map((controller) => ({ controller, path: join(mount, controller) })).filter(({ path }) => existsSync(path))
}

/** Version 1 tells no limit as the largest number of pages, version 2 as a word. */
function limitOf(text: string): { memoryBytes?: number } {
  return text === 'max' || Number(text) > 2 ** 62 ? {} : { memoryBytes: Number(text) }
}

function directoriesIn(path: string): string[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

/** Of the cgroup and those below it. Processes of another PID namespace have no number here. */
function processesIn(path: string): number[] {
  const own = readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').map(Number)
  return [...own.filter((pid) => pid > 0), ...directoriesIn(path).flatMap((name) => processesIn(join(path, name)))]
}

/** Mostly there is nothing below it any more, and of what there is a cgroup has fifty files to each directory. */
function removeTree(path: string): void {
  if (codeOfRemoval(path) === undefined) return
  for (const name of directoriesIn(path)) removeTree(join(path, name))
  const code = codeOfRemoval(path)
  if (code !== undefined) throw Object.assign(new Error(`${code}: cannot remove ${path}`), { code })
}

/** Undefined once it is gone; why the kernel refuses otherwise. */
function codeOfRemoval(path: string): string | undefined {
  try {
    rmdirSync(path)
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? undefined : code
  }
}
