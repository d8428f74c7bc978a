/** The names under which upstream's users and log shippers find a container's log: links under /var/log/pods and /var/log/containers. */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { readdir, readlink, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'

export interface LogLinksOptions {
  podsDir?: string
  containersDir?: string
  /** Somebody else writes the files that these names are for. */
  written?: boolean
}

export interface LoggedContainer {
  podNamespace: string
  podName: string
  podUid: string
  container: string
  attempt: number
  id: string
}

export class LogLinks {
  readonly #podsDir: string
  readonly #containersDir: string
  readonly #written: boolean

  constructor(options: LogLinksOptions = {}) {
    this.#podsDir = options.podsDir ?? '/var/log/pods'
    this.#containersDir = options.containersDir ?? '/var/log/containers'
    this.#written = options.written ?? false
  }

  podFolder(c: Omit<LoggedContainer, 'container' | 'attempt' | 'id'>): string {
    return path.join(this.#podsDir, `${c.podNamespace}_${c.podName}_${c.podUid}`)
  }

  /** `/var/log/pods/<namespace>_<pod>_<uid>/<container>/<attempt>.log` */
  podPath(c: Omit<LoggedContainer, 'id'>): string {
    return path.join(this.podFolder(c), c.container, `${c.attempt}.log`)
  }

  /** At once: another thread would take longer to be asked than to do it. */
  make(c: LoggedContainer, target: string): void {
    const podPath = this.podPath(c)
    mkdirSync(path.dirname(podPath), { recursive: true })
    mkdirSync(this.#containersDir, { recursive: true })
    if (!this.#written) link(target, podPath)
    link(podPath, this.#containerPath(c))
  }

  async remove(c: LoggedContainer): Promise<void> {
    await rm(this.#containerPath(c), { force: true })
    const podPath = this.podPath(c)
    await rm(podPath, { force: true })
    if (this.#written) await removeRotated(podPath)
    // The folders go with their last entry.
    for (const folder of [path.dirname(podPath), this.podFolder(c)]) {
      try {
        await rmdir(folder)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'ENOTEMPTY' || code === 'EEXIST') return
        if (code !== 'ENOENT') throw error
      }
    }
  }

  /** Removes links of containers that are no more, found by the id in their names. */
  async sweep(ids: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#containersDir).catch(() => [])
    for (const name of names) {
      const id = /-([0-9a-f]{64})\.log$/.exec(name)?.[1]
      if (id === undefined || ids.has(id)) continue
      const file = path.join(this.#containersDir, name)
      // What is no link leads to nothing that would be left over.
      const podPath = await readlink(file).catch(() => undefined)
      await rm(file, { force: true })
      if (podPath?.startsWith(`${this.#podsDir}/`)) await this.#removeDangling(podPath, id)
    }
  }

  async #removeDangling(podPath: string, id: string): Promise<void> {
    const target = await readlink(podPath).catch(() => '')
    if (!target.includes(id)) return
    await rm(podPath, { force: true })
    // Folders that hold something else stay.
    await rmdir(path.dirname(podPath)).catch(() => undefined)
    await rmdir(path.dirname(path.dirname(podPath))).catch(() => undefined)
  }

  #containerPath(c: LoggedContainer): string {
    return path.join(this.#containersDir, `${c.podName}_${c.podNamespace}_${c.container}-${c.id}.log`)
  }
}

/** What was rotated away from a file is beside it, its name followed by the time. */
async function removeRotated(file: string): Promise<void> {
  const names = await readdir(path.dirname(file)).catch(() => [])
  for (const name of names) if (name.startsWith(`${path.basename(file)}.`)) await rm(path.join(path.dirname(file), name), { force: true })
}

function link(target: string, file: string): void {
  try {
    symlinkSync(target, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    rmSync(file)
    symlinkSync(target, file)
  }
}
