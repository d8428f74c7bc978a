/** Events about the node. kubectl finds them by the name as uid; upstream's of this version have none, and are not found. */
import type { EventRecorder } from '#client/events.ts'
import type { EventWords } from '#kubelet/pods/pod-events.ts'

export type NodeEvent = (words: EventWords) => void

export function nodeEvents(recorder: Pick<EventRecorder, 'event'>, name: string): NodeEvent {
  const subject = { apiVersion: '', kind: 'Node', metadata: { name, uid: name } }
  return (words) => recorder.event(subject, words)
}

/** What upstream's recorder lets through in the long run of one that is told of again and again. */
const oftenMs = 300_000

/** One of each reason in five minutes: upstream tells of some faults with each pod, and what one object may be told of is bounded. */
export function seldom(event: NodeEvent, now: () => Date): NodeEvent {
  const told = new Map<string, number>()
  return (words) => {
    const ms = now().getTime()
    const before = told.get(words.reason)
    if (before !== undefined && Math.abs(ms - before) < oftenMs) return
    told.set(words.reason, ms)
    event(words)
  }
}
