/** Ends a container as `docker stop` does: its stop signal, and Docker's kill once the grace is over. */
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { sleep } from '#component/clock.ts'
import { type DockerApi, isStatus, unlessMissing } from './docker-api.ts'
import type { Container } from './runtime.ts'

/** Docker may take its time beyond the grace. */
const patienceMs = 120_000

/**
 * `seen` is the container as it was seen last. Its first process is sent the signal from here: Docker would run runc for that, which is a good part of
 * what the end of a container costs. Docker does it where the process is not known for sure.
 */
export async function stopContainer(
  api: Pick<DockerApi, 'call'>,
  { id, seen, graceSeconds }: { id: string; seen: Container | undefined; graceSeconds: number },
  signal: AbortSignal,
): Promise<void> {
  const call = (how: string): Promise<unknown> =>
    unlessMissing(api.call('POST', `/containers/${id}/${how}`, { signal, timeoutMs: graceSeconds * 1000 + patienceMs }))
  try {
    if (graceSeconds > 0 && !(seen && hasSignalled(seen))) return void (await call(`stop?t=${graceSeconds}`))
    if (graceSeconds > 0 && (await endsWithin(call('wait'), graceSeconds * 1000))) return
    signal.throwIfAborted()
    await call('kill?signal=KILL')
    await call('wait')
  } catch (error) {
    // Docker's answer to killing what does not run.
    if (!isStatus(error, 409)) throw error
  }
}

async function endsWithin(end: Promise<unknown>, ms: number): Promise<boolean> {
  const ended = new AbortController()
  const late = sleep(ms, ended.signal).then(() => false)
  try {
    return await Promise.race([end.then(() => true), late])
  } finally {
    ended.abort()
    // What comes of it later is asked for again.
    end.catch(() => undefined)
  }
}

/** False where this is Docker's to do. */
function hasSignalled({ id, pid, stopSignal = 'SIGTERM' }: Container): boolean {
  const number = signalNumber(stopSignal)
  if (pid === undefined || number === undefined || !isOf(pid, id)) return false
  try {
    process.kill(pid, number)
    return true
  } catch {
    return false
  }
}

/** Process ids are used again: the cgroup tells whose it is. */
export function isOf(pid: number, containerId: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(containerId)
  } catch {
    return false
  }
}

/** As Docker takes them: `SIGTERM`, `term`, `15`. Undefined for those that Node has no name of. */
export function signalNumber(name: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name)
  const upper = name.toUpperCase()
  return (constants.signals as Readonly<Record<string, number>>)[upper.startsWith('SIG') ? upper : `SIG${upper}`]
}
