/** The messages that ended containers leave: their own, from the file or the end of the log, after the runtime's; bounded as upstream bounds them. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { ContainerState, ContainerStatus } from '#api/core/pod-status.ts'
import { containersOf } from '#kubelet/pods/pod-containers.ts'

export const maxMessageBytes = 4096
export const maxLogBytes = 2048
export const maxLogLines = 80
/** For all containers of a pod together. */
const maxPodBytes = 12 * 1024

/** What the runtime says of the end, and what the container left. */
export function joinedMessage(runtime: string, own: string): string {
  return [runtime, own].filter((text) => text !== '').join(': ')
}

/** The log speaks where the container failed and wrote no message itself, and the policy asks for it. */
export function fallsBackToLog(policy: string, ended: { exitCode?: number; reason: string }): boolean {
  return policy === 'FallbackToLogsOnError' && ended.exitCode !== 0 && ended.reason !== 'ContainerCannotRun'
}

/** Cuts each message to the container's share of the pod's bytes. */
export function boundedMessages(pod: Pod, statuses: readonly ContainerStatus[]): ContainerStatus[] {
  const share = Math.floor(maxPodBytes / Math.max(1, containersOf(pod).length))
  return statuses.map((status) => ({
    ...status,
    ...(status.state ? { state: bounded(status.state, share) } : {}),
    ...(status.lastState ? { lastState: bounded(status.lastState, share) } : {}),
  }))
}

function bounded(state: ContainerState, bytes: number): ContainerState {
  const { message = '' } = state.terminated ?? {}
  // Every character is at least a byte: most need no counting.
  if (!state.terminated || message.length * 4 <= bytes || Buffer.byteLength(message) <= bytes) return state
  return { ...state, terminated: { ...state.terminated, message: Buffer.from(message).subarray(0, bytes).toString('utf8') } }
}
