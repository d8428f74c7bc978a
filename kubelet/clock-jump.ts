/** Notices that the clock was set: moments noted by the old one are shifted, so that what waits ten seconds never waits an hour. */

/** Smaller differences are the clock being slewed, or the time between two readings. */
const leastMs = 1000

export class ClockJump {
  readonly #monotonic: () => number
  #offset: number | undefined

  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic
  }

  /** How far the clock was set since the last call, in milliseconds; 0 where it only ran. */
  since(now: Date): number {
    const offset = now.getTime() - this.#monotonic()
    const before = this.#offset ?? offset
    if (Math.abs(offset - before) < leastMs) {
      this.#offset = before
      return 0
    }
    this.#offset = offset
    return offset - before
  }
}

export const shifted = (at: Date, ms: number): Date => new Date(at.getTime() + ms)
