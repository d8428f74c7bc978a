/** Waiting that can be cancelled, and delays that grow. */
import { setTimeout as timeout } from 'node:timers/promises'

/** Milliseconds, almost 25 days. Node fires a timer that is set for longer at once. */
export const longestTimerMs = 2 ** 31 - 1

/** Resolves after `ms`, or at once when the signal aborts: a cancelled wait is no error, the caller looks at the signal. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    for (let left = ms; !signal?.aborted; left -= longestTimerMs) {
      await timeout(Math.min(left, longestTimerMs), undefined, signal ? { signal } : {})
      if (left <= longestTimerMs) return
    }
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}

export interface BackoffOptions {
  firstMs: number
  maxMs: number
  factor?: number
  /** Part of the delay that is random, 0 to 1. */
  jitter?: number
  random?: () => number
}

/** Growing delays; `reset` after a success. */
export class Backoff {
  readonly #options: Required<BackoffOptions>
  #nextMs: number

  constructor(options: BackoffOptions) {
    this.#options = { factor: 2, jitter: 0.1, random: Math.random, ...options }
    this.#nextMs = options.firstMs
  }

  /** The delay to wait now, in milliseconds. */
  next(): number {
    const { factor, maxMs, jitter, random } = this.#options
    const base = this.#nextMs
    this.#nextMs = Math.min(maxMs, base * factor)
    return base * (1 + jitter * (2 * random() - 1))
  }

  reset(): void {
    this.#nextMs = this.#options.firstMs
  }
}
