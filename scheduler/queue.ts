/**
 * Pods that wait for a node: those to try now (highest priority first, then oldest), those that back off after a failed try, and those that wait
 * for a change of the cluster which may let them fit. No timers and no I/O: the loop asks, and says what time it is (milliseconds).
 */
import type { Pod } from '#api/core/pod.ts'
import type { ClusterEvent } from './plugin.ts'

/** Upstream's podInitialBackoffSeconds, podMaxBackoffSeconds and podMaxInUnschedulablePodsDuration. */
const firstBackoffMs = 1000
const maxBackoffMs = 10_000
const longestWaitMs = 5 * 60_000

interface Waiting {
  pod: Pod
  order: number
  attempts: number
  /** Not before this time; 0 for a pod that never failed. */
  notBeforeMs: number
  /** Undefined while it is to be tried as soon as its back-off has passed. */
  wakesOn: ReadonlySet<ClusterEvent> | undefined
  refusedAtMs: number
}

const uidOf = (pod: Pod): string => pod.metadata.uid ?? ''

export class SchedulingQueue {
  readonly #pods = new Map<string, Waiting>()
  #order = 0
  /** Changes so far; a pod that was in the works during one that concerns it is tried again. */
  readonly #lastEvent = new Map<ClusterEvent, number>()
  #events = 0

  get size(): number {
    return this.#pods.size
  }

  /** Adds a pod, or takes its newer form; a changed pod that waited is tried again. */
  set(pod: Pod): void {
    const known = this.#pods.get(uidOf(pod))
    if (!known) {
      this.#pods.set(uidOf(pod), { pod, order: this.#order++, attempts: 0, notBeforeMs: 0, wakesOn: undefined, refusedAtMs: 0 })
      return
    }
    if (JSON.stringify(known.pod.spec) !== JSON.stringify(pod.spec)) known.wakesOn = undefined
    known.pod = pod
  }

  delete(uid: string): void {
    this.#pods.delete(uid)
  }

  /** A mark to hand to `refused`, taken before the decision. */
  mark(): number {
    return this.#events
  }

  /** The pod found no node. */
  refused(pod: Pod, why: { wakesOn: ReadonlySet<ClusterEvent>; mark: number; nowMs: number }): void {
    const known = this.#pods.get(uidOf(pod))
    if (!known) return
    this.#backOff(known, why.nowMs)
    known.refusedAtMs = why.nowMs
    const missed = [...why.wakesOn].some((event) => (this.#lastEvent.get(event) ?? 0) > why.mark)
    known.wakesOn = missed ? undefined : why.wakesOn
  }

  /** Trying failed for a reason outside the pod (an API error): again after the back-off. */
  failed(pod: Pod, nowMs: number): void {
    const known = this.#pods.get(uidOf(pod)) ?? {
      pod,
      order: this.#order++,
      attempts: 0,
      notBeforeMs: 0,
      wakesOn: undefined,
      refusedAtMs: 0,
    }
    this.#pods.set(uidOf(pod), known)
    this.#backOff(known, nowMs)
    known.wakesOn = undefined
  }

  #backOff(known: Waiting, nowMs: number): void {
    known.notBeforeMs = nowMs + Math.min(maxBackoffMs, firstBackoffMs * 2 ** known.attempts)
    known.attempts++
  }

  /** The cluster changed; whether a pod waited for that. */
  notice(event: ClusterEvent): boolean {
    this.#lastEvent.set(event, ++this.#events)
    let isAwaited = false
    for (const waiting of this.#pods.values()) {
      if (!waiting.wakesOn?.has(event)) continue
      waiting.wakesOn = undefined
      isAwaited = true
    }
    return isAwaited
  }

  /** Pods to try now, in order, each once; they stay in the queue until `delete`. */
  ready(nowMs: number): readonly Pod[] {
    const due = [...this.#pods.values()].filter((waiting) => dueAtMs(waiting) <= nowMs)
    return due.sort((a, b) => (b.pod.spec.priority ?? 0) - (a.pod.spec.priority ?? 0) || a.order - b.order).map((waiting) => waiting.pod)
  }

  /** When the next pod is due; Infinity where none ever is. */
  nextDueMs(): number {
    let next = Number.POSITIVE_INFINITY
    for (const waiting of this.#pods.values()) next = Math.min(next, dueAtMs(waiting))
    return next
  }
}

function dueAtMs(waiting: Waiting): number {
  return waiting.wakesOn === undefined ? waiting.notBeforeMs : waiting.refusedAtMs + longestWaitMs
}
