/** Runs a post-start or pre-stop hook; rejects with what is told as the hook's failure. */
import type { LifecycleHandler } from '#api/core/probe.ts'
import { sleep } from '#component/clock.ts'
import { type CheckTarget, headersOf, httpGet, lifecycleUserAgent, urlOf } from './probes/handlers.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'

const longestMs = 24 * 3_600_000

export async function runHook(
  hook: LifecycleHandler,
  target: CheckTarget,
  runtime: Pick<ContainerRuntime, 'execSync'>,
  signal: AbortSignal,
): Promise<void> {
  if (hook.exec) {
    const command = hook.exec.command ?? []
    const { exitCode, output } = await raced(runtime.execSync(target.containerId, command, longestMs), signal)
    if (exitCode !== 0) throw new Error(`command '${command.join(' ')}' exited with ${exitCode}: ${output}`)
  } else if (hook.httpGet) {
    const url = urlOf(hook.httpGet, target.container, hook.httpGet.host || target.podIp)
    const answer = await httpGet(url, headersOf(hook.httpGet, lifecycleUserAgent), signal)
    // As upstream: any answer will do, whatever its status.
    if ('error' in answer) throw new Error(`Get "${url.href}": ${answer.error}`)
  } else if (hook.sleep) {
    await sleep(hook.sleep.seconds * 1000, signal)
    signal.throwIfAborted()
  } else throw new Error('invalid handler')
}

/** The wait ends with the signal; the command itself goes when its container does. */
function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}
