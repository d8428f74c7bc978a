/** Bounds how many operations are under way at once; the others wait in line. */

export class Limiter {
  readonly #limit: number
  readonly #line: (() => void)[] = []
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#line.length
  }

  async run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#line.push(resolve))
    else this.#running++
    try {
      return await operation()
    } finally {
      // The place is handed on, so that nobody who comes now overtakes the line.
      const next = this.#line.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
