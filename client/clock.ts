/** Time as the client code sees it, so that tests can drive it: wall clock, a clock that never jumps, and waiting. */
export interface Clock {
  /** Wall clock, for timestamps that are written. */
  now(): Date
  /** Milliseconds of a clock that never goes back, for deadlines. */
  monotonicMs(): number
  /** Resolves after `ms`, or earlier when `signal` aborts (never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `run` after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve()
        return
      }
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
    }),
  after: (ms, run) => {
    // Node fires timers above 2^31-1 ms at once.
    const timer = setTimeout(run, Math.min(ms, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
}
