/** How much disk a folder takes, as du counts it, remembered for as long as counting it costs; and what a file system has left. */
import type { BigIntStats, Stats } from 'node:fs'
import { lstat, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'

export interface DiskUsage {
  usedBytes: number
  inodesUsed: number
}

export interface FileSystemUsage {
  capacityBytes: number
  /** For whoever is not root. */
  availableBytes: number
  usedBytes: number
  inodes: number
  inodesFree: number
}

/** Undefined when the folder is not there. */
export async function fileSystemOf(path: string): Promise<FileSystemUsage | undefined> {
  try {
    const found = await statfs(path)
    return {
      capacityBytes: found.blocks * found.bsize,
      availableBytes: found.bavail * found.bsize,
      usedBytes: (found.blocks - found.bfree) * found.bsize,
      inodes: found.files,
      inodesFree: found.ffree,
    }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ESTALE'].includes((error as NodeJS.ErrnoException).code ?? '')

/** Files looked at side by side; more would only crowd the thread pool. */
const atOnce = 16

/** Allocated blocks and inodes of a tree, links counted once, other file systems left out. Undefined when it is not there. */
export async function measureTree(root: string): Promise<DiskUsage | undefined> {
  const top = await found(root)
  if (top === undefined) return undefined
  const linked = new Set<number>()
  let usedBytes = 0
  let inodesUsed = 0
  const add = (stats: Stats): boolean => {
    if (stats.dev !== top.dev) return false
    if (stats.nlink > 1 && !stats.isDirectory()) {
      if (linked.has(stats.ino)) return false
      linked.add(stats.ino)
    }
    usedBytes += stats.blocks * 512
    inodesUsed += 1
    return stats.isDirectory()
  }
  if (!add(top)) return { usedBytes, inodesUsed }
  const waiting = [root]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const names = await readdir(folder).catch((error: unknown) => {
      if (isGone(error)) return []
      throw error
    })
    for (let at = 0; at < names.length; at += atOnce) {
      const paths = names.slice(at, at + atOnce).map((name) => join(folder, name))
      const all = await Promise.all(paths.map(found))
      for (const [i, stats] of all.entries()) if (stats !== undefined && add(stats)) waiting.push(paths[i] ?? '')
    }
  }
  return { usedBytes, inodesUsed }
}

async function found(path: string): Promise<Stats | undefined> {
  try {
    return (await lstat(path)) as Exclude<Stats, BigIntStats>
  } catch (error) {
    // What is written to changes while it is counted.
    if (isGone(error)) return undefined
    throw error
  }
}

interface Measured {
  at: number
  tookMs: number
  usage: DiskUsage | undefined
  /** How often in a row it was found as it was. */
  unchanged: number
}

/** A measurement that took long is good for longer, so that counting never takes more than a twentieth of a core. */
const costFactor = 20
/** Upstream's own period: who waits for changes never waits longer. */
const longestMs = 60_000

export class TreeMeter {
  readonly #known = new Map<string, Measured>()
  readonly #running = new Map<string, Promise<Measured>>()
  readonly #measure: (path: string) => Promise<DiskUsage | undefined>
  readonly #now: () => number

  constructor(measure: (path: string) => Promise<DiskUsage | undefined> = measureTree, now: () => number = () => performance.now()) {
    this.#measure = measure
    this.#now = now
  }

  /**
   * Not older than `maxAgeMs`, but for trees whose counting takes long. `relaxed`: a tree that did not change for some time is looked at less and less
   * often. One count of a tree runs at a time.
   */
  async usage(path: string, maxAgeMs: number, relaxed = false): Promise<DiskUsage | undefined> {
    const known = this.#known.get(path)
    const patience = known && relaxed ? Math.min(longestMs, maxAgeMs * 2 ** known.unchanged) : maxAgeMs
    if (known && this.#now() - known.at < Math.max(patience, known.tookMs * costFactor)) return known.usage
    let running = this.#running.get(path)
    if (running === undefined) {
      running = this.#count(path).finally(() => this.#running.delete(path))
      this.#running.set(path, running)
    }
    return (await running).usage
  }

  /** Forgets the trees that nobody has any more. */
  keep(isKnown: (path: string) => boolean): void {
    for (const path of this.#known.keys()) if (!isKnown(path)) this.#known.delete(path)
  }

  async #count(path: string): Promise<Measured> {
    const began = this.#now()
    const usage = await this.#measure(path)
    const before = this.#known.get(path)
    const same = before?.usage?.usedBytes === usage?.usedBytes && before?.usage?.inodesUsed === usage?.inodesUsed
    const unchanged = before && same ? before.unchanged + 1 : 0
    const measured = { at: this.#now(), tookMs: this.#now() - began, usage, unchanged }
    this.#known.set(path, measured)
    return measured
  }
}
