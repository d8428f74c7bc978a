/** Constant requests against a URL while something else happens: a fixed rate, a connection for each, every outcome noted. Bounded in time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '#deploy/example/turns.ts'

export interface Outcome {
  atMs: number
  tookMs: number
  answer?: string
  error?: string
}

export class Traffic {
  readonly outcomes: Outcome[] = []
  readonly #stop = new AbortController()
  readonly #done: Promise<void>

  /** `urls` are asked in turn. Ends by itself after `maxSeconds`. */
  constructor(urls: readonly string[], options: { perSecond: number; maxSeconds: number; timeoutMs?: number }) {
    this.#done = this.#run(urls, options)
  }

  async #run(
    urls: readonly string[],
    { perSecond, maxSeconds, timeoutMs = 5000 }: { perSecond: number; maxSeconds: number; timeoutMs?: number },
  ): Promise<void> {
    const startedAt = Date.now()
    const pending = new Set<Promise<void>>()
    for (let count = 0; !this.#stop.signal.aborted && Date.now() - startedAt < maxSeconds * 1000; count += 1) {
      const waitMs = startedAt + (count * 1000) / perSecond - Date.now()
      if (waitMs > 0) await sleep(waitMs)
      const since = Date.now()
      const note = (outcome: Partial<Outcome>) => this.outcomes.push({ atMs: since - startedAt, tookMs: Date.now() - since, ...outcome })
      const request = ask(urls[count % urls.length] ?? '', timeoutMs).then(
        (answer) => void note({ answer }),
        (error: Error) => void note({ error: error.message }),
      )
      pending.add(request)
      void request.finally(() => pending.delete(request))
    }
    await Promise.all(pending)
  }

  /** Ends the traffic and waits for what is under way. */
  async stop(): Promise<{ total: number; failures: readonly Outcome[] }> {
    this.#stop.abort()
    await this.#done
    return { total: this.outcomes.length, failures: this.outcomes.filter((outcome) => outcome.error !== undefined) }
  }
}
