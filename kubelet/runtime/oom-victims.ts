/**
 * Which containers the kernel ended for want of memory, from its own log. A container's cgroup may be gone before containerd has looked into it, and
 * Docker then knows nothing of it: often with version 2 of cgroups, on a busy machine with version 1. The kernel names the cgroup of a victim before
 * it kills it; it leaves that line out beyond ten in five seconds.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs'
import type { Logger } from '#component/logging.ts'

const containerName = /\btask_memcg=[^,]*\/(?:docker-)?([0-9a-f]{64})(?:\.scope)?[/,]/

/** The container of a record of /dev/kmsg, `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;TEXT`; priorities from 8 on are not the kernel's own. Pure. */
export function oomVictim(record: string): string | undefined {
  const [, priority, text = ''] = /^(\d+),[^;]*;(oom-kill:.*)$/m.exec(record) ?? []
  return priority === undefined || Number(priority) >= 8 ? undefined : containerName.exec(text)?.[1]
}

export class OomVictims {
  readonly #path: string
  readonly #log: Logger
  readonly #found = new Set<string>()
  readonly #record = Buffer.alloc(8192)
  #file: number | undefined
  #isWarned = false

  /** Opens the log, so that one that cannot be read is told of before it is needed. */
  constructor(log: Logger, path = '/dev/kmsg') {
    this.#path = path
    this.#log = log
    try {
      this.#open()
    } catch (error) {
      this.#warn(error)
    }
  }

  /** Reads on from where it has come to. A log that cannot be read tells of nobody, and that is said once. */
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

  #open(): number {
    this.#file ??= openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK)
    return this.#file
  }

  /** Each read gives one record. */
  #next(): string | undefined {
    for (;;) {
      try {
        const length = readSync(this.#open(), this.#record)
        return length === 0 ? undefined : this.#record.toString('utf8', 0, length)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        // Records were overwritten before they were read: it goes on with the oldest that is left.
        if (code === 'EPIPE') continue
        // EAGAIN: it has read all that there is.
        if (code !== 'EAGAIN') this.#warn(error)
        return undefined
      }
    }
  }

  #warn(error: unknown): void {
    if (this.#isWarned) return
    this.#isWarned = true
    this.#log.warn(
      {
        file: this.#path,
        error,
        remedy: 'let the kubelet read it: root with CAP_SYSLOG, and the device itself where the kubelet runs in a container',
      },
      'cannot read the kernel’s log: containers that it ends for want of memory are told as OOMKilled only where Docker knows, others as Error with exit code 137',
    )
  }
}
