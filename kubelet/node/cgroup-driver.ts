/**
 * Which cgroup driver the kubelet uses: the runtime's own, since both place the same containers. As upstream, what the runtime says goes before
 * the configuration.
 */
import { sleep } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'
import type { KubeletConfig } from '#kubelet/config/config-file.ts'

type Driver = KubeletConfig['cgroupDriver']

export interface CgroupDriverParts {
  configured: Driver
  /** What the runtime says of itself; rejects while it does not answer. */
  ask(): Promise<string>
  log: Pick<Logger, 'info' | 'warn'>
  /** How long a runtime that is only just starting is waited for. */
  patienceMs?: number
}

const retryMs = 250

export async function cgroupDriver({ configured, ask, log, patienceMs = 10_000 }: CgroupDriverParts): Promise<Driver> {
  const found = await answered(ask, patienceMs, log)
  if (found instanceof Error) {
    log.warn({ error: found, configured }, 'the runtime does not tell its cgroup driver, the configured one is used')
    return configured
  }
  if (found !== 'cgroupfs' && found !== 'systemd') {
    log.warn({ found, configured }, 'the runtime has a cgroup driver that is not known here, the configured one is used')
    return configured
  }
  if (found !== configured) log.warn({ found, configured }, 'the cgroup driver of the runtime is used, not the configured one')
  return found
}

async function answered(ask: () => Promise<string>, patienceMs: number, log: CgroupDriverParts['log']): Promise<string | Error> {
  const until = performance.now() + patienceMs
  for (let told = false; ; ) {
    try {
      return await ask()
    } catch (error) {
      if (performance.now() >= until) return error as Error
      if (!told) log.info({ error, patienceMs }, 'the container runtime does not answer yet, waiting for it')
      told = true
      await sleep(retryMs)
    }
  }
}
