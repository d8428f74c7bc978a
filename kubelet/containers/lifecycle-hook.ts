/** Runs a post-start or pre-stop hook; rejects with upstream's text of the hook's failure. */

import type { Pod } from '#api/core/pod.ts'
import type { LifecycleHandler } from '#api/core/probe.ts'
import { sleep } from '#component/clock.ts'
import type { RecordEvent } from '#kubelet/pods/pod-events.ts'
import { headersOf, httpFollow, lifecycleUserAgent, plainAnswerText, urlOf } from '#kubelet/probes/http-check.ts'
import type { CheckTarget } from '#kubelet/probes/target.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'

const longestMs = 24 * 3_600_000

export interface HookTarget extends CheckTarget {
  pod: Pod
  event: RecordEvent
}

export async function runHook(
  hook: LifecycleHandler,
  target: HookTarget,
  runtime: Pick<ContainerRuntime, 'execSync'>,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (hook.exec) await runCommand(hook.exec.command ?? [], target, runtime, signal)
    else if (hook.httpGet) await runRequest(hook.httpGet, target, signal)
    else if (hook.sleep) {
      await sleep(hook.sleep.seconds * 1000, signal)
      if (signal.aborted) throw new Error('container terminated before sleep hook finished')
    } else throw new InvalidHandler(hook)
  } catch (error) {
    if (error === signal.reason || error instanceof InvalidHandler) throw error
    throw new Error(`${subjectOf(hook, target)} - error: ${(error as Error).message}`, { cause: error })
  }
}

function subjectOf(hook: LifecycleHandler, { pod, container }: HookTarget): string {
  const { name, namespace, uid } = pod.metadata
  const owner = `for Container "${container.name}" in Pod "${name}_${namespace}(${uid})" failed`
  if (hook.exec) return `Exec lifecycle hook ([${(hook.exec.command ?? []).join(' ')}]) ${owner}`
  if (hook.httpGet) return `HTTP lifecycle hook (${hook.httpGet.path ?? ''}) ${owner}`
  return `Sleep lifecycle hook (${hook.sleep?.seconds}) ${owner}`
}

/** The API takes sockets here, for what was written before they were given up; upstream shows what it got as Go does. */
class InvalidHandler extends Error {
  constructor({ tcpSocket }: LifecycleHandler) {
    const { port = 0, host = '' } = tcpSocket ?? {}
    const shown = typeof port === 'number' ? `{0 ${port} }` : `{1 0 ${port}}`
    const socket = tcpSocket ? `&TCPSocketAction{Port:${shown},Host:${host},}` : 'nil'
    super(`Cannot run handler: invalid handler: &LifecycleHandler{Exec:nil,HTTPGet:nil,TCPSocket:${socket},Sleep:nil,}`)
  }
}

async function runCommand(
  command: readonly string[],
  target: HookTarget,
  runtime: Pick<ContainerRuntime, 'execSync'>,
  signal: AbortSignal,
): Promise<void> {
  const { exitCode, output, stderr = output } = await raced(runtime.execSync(target.containerId, command, longestMs), signal)
  if (exitCode === 0) return
  throw new Error(`command '${command.join(' ')}' exited with ${exitCode}: ${stderr}, message: ${JSON.stringify(output)}`)
}

/** As upstream any answer will do, whatever its status; and a server without TLS where TLS was meant is asked once more. */
async function runRequest(action: NonNullable<LifecycleHandler['httpGet']>, target: HookTarget, signal: AbortSignal): Promise<void> {
  const url = urlOf(action, target.container, target.podIp)
  const headers = headersOf(action, lifecycleUserAgent)
  let answer = await httpFollow(url, headers, signal)
  if ('error' in answer && answer.error === plainAnswerText) {
    const plain = new URL(url.href.replace(/^https:/, 'http:'))
    plain.port = url.port || '443'
    answer = await httpFollow(plain, Object.fromEntries(Object.entries(headers).filter(([name]) => !/^authorization$/i.test(name))), signal)
    const message = `request to HTTPS lifecycle hook ${url.host} got HTTP response, retry with HTTP succeeded`
    if (!('error' in answer)) target.event(target.pod, { type: 'Warning', reason: 'LifecycleHTTPFallback', message })
  }
  signal.throwIfAborted()
  if ('error' in answer) throw new Error(`Get "${url.href}": ${answer.error}`)
}

/** The wait ends with the signal; the command itself goes when its container does. */
function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}
