/** One question that many may wait for: an answer is only given to those who asked before the question went out. */

/** From so many waiters on, the next question waits a millisecond for more of them. */
const CROWD = 8

export class SharedQuestion<T> {
  readonly #ask: () => Promise<T>
  #next: Promise<T> | undefined
  #running: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #isCrowded = false

  constructor(ask: () => Promise<T>) {
    this.#ask = ask
  }

  /** The answer to a question that is asked after this call; one question is under way at a time. */
  answer(): Promise<T> {
    this.#waiting++
    if (this.#next !== undefined) return this.#next
    const next = this.#afterRunning()
    this.#next = next
    // Who asked hears of a failure; the next question only waits for the end of this one.
    this.#running = next.catch(() => undefined)
    return next
  }

  async #afterRunning(): Promise<T> {
    await this.#running
    // Requests that arrived in the same turn of the event loop share the question too.
    await new Promise<void>((resolve) => {
      if (this.#isCrowded) setTimeout(resolve, 1)
      else setImmediate(resolve)
    })
    this.#isCrowded = this.#waiting >= CROWD
    this.#waiting = 0
    this.#next = undefined
    return this.#ask()
  }
}
