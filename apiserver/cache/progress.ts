/** How far the cache has followed the store, and who waits for it to get further. */
import { ApiError } from '#api/meta/status.ts'

interface Waiter {
  revision: number
  resolve: (reached: boolean) => void
}

export class Progress {
  #revision = 0
  #waiters: Waiter[] = []

  get revision(): number {
    return this.#revision
  }

  advance(revision: number): void {
    this.#revision = revision
    if (this.#waiters.length === 0) return
    const served = this.#waiters.filter((waiter) => waiter.revision <= revision)
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > revision)
    for (const waiter of served) waiter.resolve(true)
  }

  /** Whether the revision was reached in time. */
  async reach(revision: number, timeoutMs: number): Promise<boolean> {
    if (revision <= this.#revision) return true
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const waiter: Waiter = { revision, resolve }
    this.#waiters.push(waiter)
    const timer = setTimeout(() => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter)
      resolve(false)
    }, timeoutMs)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Upstream's answer to a revision that this server has not seen yet: clients retry after a second. */
export function tooLargeResourceVersion(asked: number, current: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}
