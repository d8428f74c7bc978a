/** Tries something until it works. */
import { Backoff, sleep } from '#component/clock.ts'

/** Resolves with the first success. `failed` is told of each failure. When the signal aborts, the last failure is thrown. */
export async function persist<T>(
  attempt: () => Promise<T>,
  options: { signal: AbortSignal; failed(error: unknown): void; firstMs?: number; maxMs?: number },
): Promise<T> {
  const backoff = new Backoff({ firstMs: options.firstMs ?? 200, maxMs: options.maxMs ?? 10_000 })
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (options.signal.aborted) throw error
      options.failed(error)
      await sleep(backoff.next(), options.signal)
    }
  }
}
