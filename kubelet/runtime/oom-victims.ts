/**
 * Which containers the kernel ended for want of memory, from its own log. With version 2 of cgroups a container's cgroup may be gone before containerd has
 * looked into it, and Docker then knows nothing of it. The kernel names the cgroup of a victim before it kills it; it leaves that line out beyond ten
 * in five seconds.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs'

const containerName = /\btask_memcg=[^,]*\/(?:docker-)?([0-9a-f]{64})(?:\.scope)?[/,]/

/** The container of a record of /dev/kmsg, `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;TEXT`; priorities from 8 on are not the kernel's own. Pure. */
export function oomVictim(record: string): string | undefined {
  const [, priority, text = ''] = /^(\d+),[^;]*;(oom-kill:.*)$/m.exec(record) ?? []
  return priority === undefined || Number(priority) >= 8 ? undefined : containerName.exec(text)?.[1]
}

export class OomVictims {
  readonly #path: string
  readonly #found = new Set<string>()
  #file: number | undefined

  constructor(path = '/dev/kmsg') {
    this.#path = path
  }

  /** Reads on from where it has come to. A log that cannot be read tells of nobody. */
  has(id: string): boolean {
    for (let record = this.#next(); record !== undefined; record = this.#next()) {
      const victim = oomVictim(record)
      if (victim !== undefined) this.#found.add(victim)
    }
    return this.#found.has(id)
  }

  forget(id: string): void {
    this.#found.delete(id)
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  /** Each read gives one record. */
  #next(): string | undefined {
    const buffer = Buffer.alloc(8192)
    for (;;) {
      try {
        this.#file ??= openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK)
        const length = readSync(this.#file, buffer)
        return length === 0 ? undefined : buffer.toString('utf8', 0, length)
      } catch (error) {
        // Records were overwritten before they were read: it goes on with the oldest that is left.
        if ((error as NodeJS.ErrnoException).code !== 'EPIPE') return undefined
      }
    }
  }
}
