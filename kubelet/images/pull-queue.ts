/** How many pulls run at once, and how many begin in a second: upstream's serializeImagePulls, maxParallelImagePulls and registryPullQPS. */
import { Semaphore } from '#kubelet/runtime/semaphore.ts'

export interface PullLimits {
  serializeImagePulls: boolean
  /** Undefined is any number. */
  maxParallelImagePulls?: number | undefined
  /** 0 is no limit. */
  registryPullQPS: number
  registryBurst: number
}

export class PullQueue {
  readonly #limits: PullLimits
  readonly #now: () => Date
  readonly #slots: Semaphore | undefined
  #tokens: number
  #filledAt: number

  constructor(limits: PullLimits, now: () => Date) {
    this.#limits = limits
    this.#now = now
    const { serializeImagePulls, maxParallelImagePulls } = limits
    const most = serializeImagePulls ? 1 : maxParallelImagePulls
    this.#slots = most === undefined ? undefined : new Semaphore(most)
    this.#tokens = limits.registryBurst
    this.#filledAt = now().getTime()
  }

  /** Waits for its turn. Resolves with what the pull answered and how long it took itself. */
  async run<T>(signal: AbortSignal, pull: () => Promise<T>): Promise<{ answer: T; tookMs: number }> {
    const timed = async () => {
      const since = this.#now().getTime()
      const answer = await pull()
      return { answer, tookMs: this.#now().getTime() - since }
    }
    return await (this.#slots === undefined ? timed() : this.#slots.run(signal, timed))
  }

  /** One request to a registry. Throws with upstream's words where there have been too many of late. */
  take(): void {
    const { registryPullQPS, registryBurst } = this.#limits
    if (registryPullQPS === 0) return
    const now = this.#now().getTime()
    this.#tokens = Math.min(registryBurst, this.#tokens + (Math.max(0, now - this.#filledAt) / 1000) * registryPullQPS)
    this.#filledAt = now
    if (this.#tokens < 1) throw new Error('pull QPS exceeded')
    this.#tokens -= 1
  }
}
