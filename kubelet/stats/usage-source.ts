/**
 * The one source of all usage figures. Nothing is measured until somebody asks; what is dear (counting files) is remembered. Cgroups and interfaces
 * are read from the kernel's files, never asked of the runtime.
 */
import { statSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import { sleep } from '#component/clock.ts'
import { maxProcesses } from '#kubelet/node/machine.ts'
import type { Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'
import { type CgroupTree, kernelFile, placeOfActed, readCgroup } from './cgroup-files.ts'
import { type CgroupUsage, parseMeminfo, placeOf } from './cgroup-usage.ts'
import { type FileSystemUsage, fileSystemOf, TreeMeter } from './disk-usage.ts'
import { parseNetDev } from './network-usage.ts'
import { podFiles } from './pod-files.ts'
import type { ContainerUsage, MeasuredPod, NanoCores, NodeUsage, PodUsage } from './usage.ts'

export interface UsageSourceDeps {
  rootDir: string
  tree: CgroupTree
  /** The node's cgroup and that of all pods. */
  rootPlace: string
  podsPlace(): string
  memoryCapacityBytes: number
  pods(): readonly MeasuredPod[]
  volumePath(uid: string, volume: string): string | undefined
  podDir(uid: string): string
  imageRoot(): Promise<string | undefined>
  now(): Date
}

export interface FilesWanted {
  maxAgeMs: number
  /** Leave out the volumes that no limit of the pod counts, and look less often at what does not change. */
  limitsOnly?: boolean
}

/** A rate over a longer time says nothing about now; one over a shorter time is noise. */
const oldestSampleMs = 60_000
const shortestSampleMs = 1000
const firstSampleMs = 200

interface Sample {
  atMs: number
  cpuNanos: number
  perSecond: NanoCores
}

export class UsageSource {
  readonly meter: TreeMeter
  readonly #deps: UsageSourceDeps
  readonly #samples = new Map<string, Sample>()
  /** Container id → its cgroup, which never changes. */
  readonly #places = new Map<string, string>()
  readonly #startedAt: Date
  #sampledAtMs = Number.NEGATIVE_INFINITY
  #imageRoot: string | undefined

  constructor(deps: UsageSourceDeps, meter: TreeMeter = new TreeMeter()) {
    this.#deps = deps
    this.meter = meter
    this.#startedAt = deps.now()
  }

  /** Makes sure that the next answers have rates: a first look where the last one is too long ago. */
  async prime(): Promise<void> {
    if (performance.now() - this.#sampledAtMs < oldestSampleMs) return
    this.#samples.clear()
    await this.node()
    await this.pods({})
    await sleep(firstSampleMs)
  }

  /** Cheap: some small files of the kernel and two questions to file systems. */
  async node(): Promise<NodeUsage> {
    const { rootDir, tree, rootPlace, memoryCapacityBytes, now } = this.#deps
    const [nodeFs, imageFs] = await Promise.all([fileSystemOf(rootDir), this.#imageFs()])
    const root = readCgroup(tree, rootPlace)
    const pods = readCgroup(tree, this.#deps.podsPlace())
    const machine = parseMeminfo(kernelFile('/proc/meminfo') ?? '')
    const cpu = process.cpuUsage()
    const kubelet = (cpu.user + cpu.system) * 1000
    const left = memoryCapacityBytes - (root?.workingSetBytes ?? 0)
    return {
      at: now(),
      root,
      rootNanoCores: this.#rate('/', root),
      pods,
      podsNanoCores: this.#rate('/pods', pods),
      kubelet: {
        cpuNanos: kubelet,
        nanoCores: this.#rate('/kubelet', { cpuNanos: kubelet }),
        rssBytes: process.memoryUsage.rss(),
        startedAt: this.#startedAt,
      },
      // A node may be a part of its machine: neither its own share nor the whole may run out.
      memory: { capacityBytes: memoryCapacityBytes, availableBytes: Math.max(0, Math.min(left, machine.availableBytes)) },
      swap: { totalBytes: machine.swapTotalBytes, freeBytes: machine.swapFreeBytes },
      nodeFs,
      imageFs: imageFs ?? nodeFs,
      hasImageFs: this.#hasImageFs(),
      processes: processCounts(),
    }
  }

  /**
   * Pods whose cgroup is there. With `files` also what they have on disk, not older than the given age; `only` leaves out the pods that it does not
   * name.
   */
  async pods(options: { files?: FilesWanted; only?: (pod: Pod) => boolean }): Promise<PodUsage[]> {
    const all = this.#deps.pods()
    this.#forget(all)
    const found: PodUsage[] = []
    for (const measured of all) {
      if (options.only && !options.only(measured.pod)) continue
      const usage = this.#pod(measured)
      if (usage === undefined) continue
      found.push(options.files ? { ...usage, ...(await this.#files(measured, usage, options.files)) } : usage)
    }
    if (!options.only) this.#sampledAtMs = performance.now()
    return found
  }

  #pod({ pod, status, containers }: MeasuredPod): PodUsage | undefined {
    const running = containers.filter(({ state, pid }) => state === 'running' && (pid !== undefined || this.#deps.tree.acted))
    const measured = running.map((container) => this.#container(container)).filter((each) => each !== undefined)
    const first = measured[0]
    if (first === undefined) return undefined
    const place = posix.dirname(first.place)
    const cgroup = readCgroup(this.#deps.tree, place)
    const dev = pod.spec?.hostNetwork ? undefined : kernelFile(`/proc/${running[0]?.pid}/net/dev`)
    return {
      pod,
      startTime: status.startTime ?? pod.status?.startTime,
      place,
      cgroup,
      nanoCores: this.#rate(`pod/${pod.metadata.uid}`, cgroup),
      containers: measured,
      network: dev === undefined ? undefined : parseNetDev(dev),
      processes: measured.reduce((sum, each) => sum + (each.cgroup.processes ?? 0), 0),
    }
  }

  #container(container: RuntimeContainer): ContainerUsage | undefined {
    const place = this.#place(container)
    const cgroup = place === undefined ? undefined : readCgroup(this.#deps.tree, place)
    if (place === undefined || cgroup === undefined) return undefined
    const { id, name, image, startedAt } = container
    return { id, name, image, startedAt, place, cgroup, nanoCores: this.#rate(id, cgroup) }
  }

  #place({ id, pid, podUid }: RuntimeContainer): string | undefined {
    if (this.#deps.tree.acted) return placeOfActed(podUid, id)
    const known = this.#places.get(id)
    if (known !== undefined) return known
    const text = kernelFile(`/proc/${pid}/cgroup`)
    const place = text === undefined ? undefined : placeOf(text)
    // While it starts, a process may still stand where it came from.
    if (place?.includes(id)) this.#places.set(id, place)
    return place?.includes(id) ? place : undefined
  }

  async #files(measured: MeasuredPod, usage: PodUsage, wanted: FilesWanted): Promise<Partial<PodUsage>> {
    const { volumePath, podDir } = this.#deps
    return await podFiles(measured, usage.containers, {
      usage: (path) => this.meter.usage(path, wanted.maxAgeMs, wanted.limitsOnly),
      fileSystem: (path) => this.#fileSystem(path),
      volumePath,
      podDir,
      limitsOnly: wanted.limitsOnly ?? false,
    })
  }

  async #fileSystem(path: string): Promise<FileSystemUsage> {
    return (await fileSystemOf(path)) ?? { capacityBytes: 0, availableBytes: 0, usedBytes: 0, inodes: 0, inodesFree: 0 }
  }

  async #imageFs(): Promise<FileSystemUsage | undefined> {
    // Docker that does not answer is asked again the next time.
    this.#imageRoot ??= await this.#deps.imageRoot().catch(() => undefined)
    return this.#imageRoot === undefined ? undefined : await fileSystemOf(this.#imageRoot)
  }

  #hasImageFs(): boolean {
    const device = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.dev
    return this.#imageRoot !== undefined && device(this.#imageRoot) !== device(this.#deps.rootDir)
  }

  #rate(key: string, usage: Pick<CgroupUsage, 'cpuNanos'> | undefined): NanoCores {
    if (usage === undefined) return undefined
    const atMs = performance.now()
    const before = this.#samples.get(key)
    if (before !== undefined && before.perSecond !== undefined && atMs - before.atMs < shortestSampleMs) return before.perSecond
    const seconds = before === undefined ? 0 : (atMs - before.atMs) / 1000
    const perSecond = before === undefined ? undefined : Math.max(0, Math.round((usage.cpuNanos - before.cpuNanos) / seconds))
    this.#samples.set(key, { atMs, cpuNanos: usage.cpuNanos, perSecond })
    return perSecond
  }

  /** What was known of containers and pods that are gone. */
  #forget(all: readonly MeasuredPod[]): void {
    const ids = new Set(all.flatMap(({ containers }) => containers.map(({ id }) => id)))
    const uids = new Set(all.map(({ pod }) => `pod/${pod.metadata.uid}`))
    for (const id of this.#places.keys()) if (!ids.has(id)) this.#places.delete(id)
    for (const key of this.#samples.keys()) if (!key.startsWith('/') && !ids.has(key) && !uids.has(key)) this.#samples.delete(key)
    const folders = all.flatMap(({ containers }) => containers.map(({ files }) => files?.writableLayer ?? ''))
    const podDirs = all.map(({ pod }) => join(this.#deps.podDir(pod.metadata.uid ?? ''), '/'))
    this.meter.keep((path) => folders.includes(path) || podDirs.some((dir) => path.startsWith(dir)))
  }
}

/** Threads count as processes here, as in the kernel's limit. */
function processCounts(): { max: number; current: number } {
  return { max: maxProcesses(), current: Number(/\/(\d+)/.exec(kernelFile('/proc/loadavg') ?? '')?.[1] ?? '0') }
}
