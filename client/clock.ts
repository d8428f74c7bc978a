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

/** Node fires a timer that is set for longer at once. */
export const longestTimerMs = 2 ** 31 - 1

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
      const timer = setTimeout(done, Math.min(ms, longestTimerMs))
      signal?.addEventListener('abort', done, { once: true })
    }),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, longestTimerMs))
    return () => clearTimeout(timer)
  },
}
