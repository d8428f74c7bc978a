/** One question that many may wait for: an answer is only given to those who asked before the question went out. */
export class SharedQuestion<T> {
  readonly #ask: () => Promise<T>
  #next: Promise<T> | undefined
  #running: Promise<unknown> = Promise.resolve()

  constructor(ask: () => Promise<T>) {
    this.#ask = ask
  }

  /** The answer to a question that is asked after this call; one question is under way at a time. */
  answer(): Promise<T> {
    if (this.#next !== undefined) return this.#next
    const next = this.#afterRunning()
    this.#next = next
    this.#running = next.catch(() => undefined)
    return next
  }

  async #afterRunning(): Promise<T> {
    await this.#running
    // Requests that arrived in the same turn of the event loop share the question too.
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.#next = undefined
    return this.#ask()
  }
}
