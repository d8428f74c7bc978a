/** Counts what costs this side more than the peer: so many at once, and so many in a time (pure). */

/** Between two calls of `refill`. */
export const TICK_MS = 5000

export interface Allowance {
  /** At once. */
  burst: number
  perSecond: number
}

/** Streams that a peer gives up, or makes us give up, while their requests are worked on (CVE-2023-44487). */
export const resets: Allowance = { burst: 1000, perSecond: 100 }
/** Frames that carry nothing: pings, settings, empty or tiny data, priorities and continuations. */
export const idleFrames: Allowance = { burst: 2000, perSecond: 300 }

export class FloodGuard {
  readonly #allowance: Allowance
  #left: number

  constructor(allowance: Allowance) {
    this.#allowance = allowance
    this.#left = allowance.burst
  }

  /** False where it is too much. */
  take(): boolean {
    return --this.#left >= 0
  }

  refill(): void {
    const { burst, perSecond } = this.#allowance
    this.#left = Math.min(burst, this.#left + (perSecond * TICK_MS) / 1000)
  }
}
