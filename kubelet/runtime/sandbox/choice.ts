/** Which of the two kinds of sandboxes new pods get: what is asked for, or the better one that dockerd allows. Pure. */
import { RuntimeError } from '#kubelet/runtime/runtime.ts'
import { runtimeName } from './pinned.ts'

export const sandboxChoices = ['auto', 'pinned', 'pause'] as const
export type SandboxChoice = (typeof sandboxChoices)[number]

/** `runtimes` as dockerd's info names them. Throws RuntimeError where what is asked for cannot be. */
export function chosenDriver(asked: SandboxChoice, runtimes: readonly string[]): { kind: 'pinned' | 'pause'; why: string } {
  const canPin = runtimes.includes(runtimeName)
  if (asked === 'pinned' && !canPin)
    throw new RuntimeError('unavailable', `pinned namespaces need the runtime "${runtimeName}", which dockerd does not know`)
  if (asked === 'pause') return { kind: 'pause', why: 'using pause containers, as asked for' }
  return canPin
    ? { kind: 'pinned', why: 'pod namespaces are pinned' }
    : { kind: 'pause', why: 'dockerd does not know our runtime, using pause containers' }
}
