/**
 * Looks at the runtime anew when something is told that names no pod, such as the end of a sandbox: one look after the other, however often it is asked
 * for, and again while pods are at work, as a look passes those over. The next audit in turn may be a minute away.
 */
import { sleep } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'

const againMs = [200, 500, 1000, 2000, 5000, 10_000]

export interface AuditorParts {
  /** Answers whether no pod was passed over. */
  audit(signal: AbortSignal): Promise<boolean>
  log: Pick<Logger, 'warn'>
  wait?: typeof sleep
}

/** Answers what asks for a look; it never throws. */
export function auditor({ audit, log, wait = sleep }: AuditorParts, signal: AbortSignal): () => void {
  let isAsked = false
  let isRunning = false
  async function look(): Promise<void> {
    isAsked = false
    for (const ms of againMs) {
      if (await audit(signal)) return
      await wait(ms, signal)
      if (signal.aborted || isAsked) return
    }
  }
  async function run(): Promise<void> {
    isRunning = true
    try {
      while (isAsked && !signal.aborted) await look()
    } catch (error) {
      log.warn({ error }, 'cannot look at the runtime anew')
    } finally {
      isRunning = false
    }
  }
  return () => {
    isAsked = true
    if (!isRunning) void run()
  }
}
