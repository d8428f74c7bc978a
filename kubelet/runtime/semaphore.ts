/** Bounds how many of one kind of call are in flight; waiters are served in order and leave when their signal aborts. */

export class Semaphore {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#free = limit
  }

  /** Whether work would begin at once. */
  get isFree(): boolean {
    return this.#free > 0
  }

  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.#take(signal)
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }

  #take(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (this.#free > 0) {
      this.#free -= 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const admitted = () => {
        signal?.removeEventListener('abort', left)
        resolve()
      }
      const left = () => {
        this.#waiting.splice(this.#waiting.indexOf(admitted), 1)
        reject(signal?.reason)
      }
      this.#waiting.push(admitted)
      signal?.addEventListener('abort', left, { once: true })
    })
  }
}
