/** Tells a server that is kept busy from one that had a burst: what is dear at once and pays back over thousands of requests is for the former. */
import { setFlagsFromString } from 'node:v8'

/** So many requests within so long. Upstream's own clients of a small cluster at rest send a hundredth of it, a Deployment of 100 pods a third. */
const manyRequests = 3000
const windowMs = 30_000

export class LastingLoad {
  readonly #began: () => void
  /** When the first of those that are counted came. */
  #since = 0
  #count = 0
  #isTold = false

  /** `began` is called once. */
  constructor(began: () => void) {
    this.#began = began
  }

  /** A request that came at `nowMs` of a clock that only goes on. */
  count(nowMs: number): void {
    if (this.#isTold) return
    if (this.#count++ === 0) this.#since = nowMs
    if (this.#count < manyRequests) return
    this.#count = 0
    if (nowMs - this.#since > windowMs) return
    this.#isTold = true
    this.#began()
  }
}

/**
 * The server's code is wide rather than hot: few of its functions do enough at each call to be compiled for good soon, and at V8's 3000 calls that goes on
 * over tens of thousands of requests. At 1000 it is over within two thousand, and each creation costs a quarter less from then on. From the start it would
 * not do: the first hundreds of requests, which are all that a young cluster's first pods need, would cost twice as much.
 */
export function compileSooner(): void {
  setFlagsFromString('--invocation-count-for-turbofan=1000')
}
