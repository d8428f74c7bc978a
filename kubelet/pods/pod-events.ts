/** Events about pods and their containers, naming the container as upstream does. */
import type { Pod } from '#api/core/pod.ts'
import type { EventRecorder } from '#client/events.ts'
import { type AnyContainer, containerNamed } from './pod-containers.ts'

export interface EventWords {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}
export type RecordEvent = (pod: Pod, words: EventWords, container?: AnyContainer) => void

export function podEvents(recorder: Pick<EventRecorder, 'event'>): RecordEvent {
  return (pod, words, container) => {
    const fieldPath = container ? fieldPathOf(pod, container.name) : undefined
    const subject = { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata }
    recorder.event(subject, { ...words, ...(fieldPath === undefined ? {} : { fieldPath }) })
  }
}

function fieldPathOf(pod: Pod, name: string): string | undefined {
  const kind = containerNamed(pod, name)?.kind
  if (!kind) return undefined
  const list = kind === 'app' ? 'containers' : kind === 'init' ? 'initContainers' : 'ephemeralContainers'
  return `spec.${list}{${name}}`
}
