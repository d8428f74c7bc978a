/**
 * Keeps a burst of requests from opening a connection for each: over a handful at once, a request waits for one of them to end. To open a connection
 * costs both sides as much as several requests, and the server answers none sooner for it.
 */
const atOnce = 8
/** When none has ended for so long they are slow, as with a webhook that hangs: as many more go beside them. */
const patienceMs = 50

export class Turns {
  readonly #waiting: (() => void)[] = []
  #under = 0
  #timer: NodeJS.Timeout | undefined

  /** Runs `work` when it is its turn. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#under < atOnce) this.#under++
    else await this.#turn()
    try {
      return await work()
    } finally {
      // The agent has the connection back a moment after the answer's end.
      setImmediate(() => this.#ended())
    }
  }

  #turn(): Promise<void> {
    this.#timer ??= setTimeout(() => this.#lose(), patienceMs)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #ended(): void {
    this.#under--
    this.#timer?.refresh()
    if (this.#under < atOnce) this.#admit(1)
  }

  #lose(): void {
    this.#timer = undefined
    this.#admit(atOnce)
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#lose(), patienceMs)
  }

  #admit(count: number): void {
    for (const go of this.#waiting.splice(0, count)) {
      this.#under++
      go()
    }
    if (this.#waiting.length > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
