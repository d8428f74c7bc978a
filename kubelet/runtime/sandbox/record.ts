/**
 * What the node knows of each sandbox, one file each under /run (gone with a reboot, like the namespaces themselves). A record is written
 * before the first part of its sandbox exists and goes after the last, so whatever a killed kubelet leaves behind is on record.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Sandbox, SandboxConfig } from '#kubelet/runtime/runtime.ts'

export interface SandboxRecord {
  id: string
  driver: 'pinned' | 'pause'
  state: 'creating' | 'ready' | 'stopped'
  createdAt: string
  config: SandboxConfig
  ips: readonly string[]
  /** File of the pinned network namespace; absent under hostNetwork and with the pause driver. */
  netns?: string
  /** File of the pinned IPC namespace. */
  ipc?: string
  /** Identities of the pinned namespaces, `device:inode` by file: another file there means that the namespace is gone. */
  identities?: Readonly<Record<string, string>>
  /** Docker's runtime for its containers, where it is not the usual one. */
  runtime?: string
  /** The pause container, where there is one. */
  pauseId?: string
}

export class SandboxRecords {
  readonly #dir: string
  /** Those that this process has written. */
  readonly #own = new Map<string, SandboxRecord>()

  constructor(dir: string) {
    this.#dir = dir
  }

  /** The sandbox's own folder: record, resolv.conf, hostname, hosts, shm. */
  folder(id: string): string {
    return path.join(this.#dir, id)
  }

  /** At once: the folder is in memory, and a pod's start waits for it. */
  save(record: SandboxRecord): void {
    const folder = this.folder(record.id)
    mkdirSync(folder, { recursive: true, mode: 0o711 })
    writeFileSync(path.join(folder, 'record.new'), JSON.stringify(record))
    renameSync(path.join(folder, 'record.new'), path.join(folder, 'record.json'))
    this.#own.set(record.id, record)
  }

  async load(id: string): Promise<SandboxRecord | undefined> {
    if (!/^[0-9a-f]+$/.test(id)) return undefined
    const own = this.#own.get(id)
    if (own !== undefined) return own
    try {
      return JSON.parse(await readFile(path.join(this.folder(id), 'record.json'), 'utf8')) as SandboxRecord
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  async list(): Promise<readonly SandboxRecord[]> {
    const ids = await this.ids()
    const records = await Promise.all(ids.map((id) => this.load(id)))
    return records.filter((record) => record !== undefined)
  }

  async ids(): Promise<readonly string[]> {
    try {
      return await readdir(this.#dir)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  /** At once, as `save`. */
  async remove(id: string): Promise<void> {
    this.#own.delete(id)
    rmSync(this.folder(id), { recursive: true, force: true })
  }
}

export const sandboxOf = (record: SandboxRecord, alive: boolean): Sandbox => ({
  id: record.id,
  podUid: record.config.podUid,
  namespace: record.config.namespace,
  name: record.config.name,
  attempt: record.config.attempt,
  ready: record.state === 'ready' && alive,
  createdAt: new Date(record.createdAt),
  ips: record.ips,
  labels: record.config.labels,
})
