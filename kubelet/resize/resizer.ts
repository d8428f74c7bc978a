/**
 * Grants resizes of pods that run: each pod runs with what it was given, and what its spec asks for beyond that waits here until there is room.
 * The decision is `decideResize`, carrying it out the pod actor's.
 */
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Rejection } from '#kubelet/admission/admission.ts'
import { factsOf } from '#kubelet/containers/container-labels.ts'
import { absoluteAllocatable } from '#kubelet/node/reserved.ts'
import type { RecordEvent } from '#kubelet/pods/pod-events.ts'
import { isTerminalPhase } from '#kubelet/pods/pod-state.ts'
import type { PodWork } from '#kubelet/pods/pod-work.ts'
import type { Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'
import { type Allocation, type Amounts, allocationOf, withAllocation } from './allocation.ts'
import type { Allocations } from './allocations.ts'
import { resizeCondition } from './conditions.ts'
import { decideResize, inOrder } from './decide.ts'
import { countRequested, deferredAccepted, infeasibleResizes } from './metrics.ts'
import { resizeMessage } from './words.ts'

export interface ResizerDeps {
  allocations: Allocations
  node(): Node | undefined
  reserved: readonly Readonly<Record<string, string>>[]
  cpuManagerPolicy: string
  /** What some pod was given, or that there is such a pod, has changed. */
  changed?(): void
  event: RecordEvent
  now(): Date
}

/** The set of pods, as far as this needs it. */
export interface ResizedPods {
  get(uid: string): PodWork | undefined
  /** Whether the node would take the pod beside what the others were given. */
  admit(pod: Pod): Rejection | undefined
  /** The pod was given more or less, or is told why not. */
  resized(uid: string, pod: Pod, granted: boolean): void
}

/** Upstream's: once soon after the start, then rarely; all that makes room is told of at once. */
const firstRetryMs = 30_000
const retryMs = 3 * 60_000

/** What may have made room, in upstream's words. */
export type RetryTrigger = 'pod_updated' | 'pod_resized' | 'pods_added' | 'pods_removed' | 'periodic_retry'

export class Resizer implements Runnable {
  readonly name = 'retries of resizes'
  readonly #deps: ResizerDeps
  readonly #wanted = new Map<string, Pod>()
  readonly #pending = new Set<string>()
  #pods: ResizedPods | undefined

  constructor(deps: ResizerDeps) {
    this.#deps = deps
  }

  attach(pods: ResizedPods): void {
    this.#pods = pods
  }

  /** The pod as it was given to this node, if it was here before. The runtime's labels stand in for a checkpoint that is lost. */
  known(pod: Pod, containers: readonly RuntimeContainer[]): Pod {
    const { allocations } = this.#deps
    const uid = pod.metadata.uid ?? ''
    const found = allocations.given(uid) ?? fromContainers(pod, containers)
    const given = withAllocation(pod, found)
    if (given !== pod) this.#pending.add(uid)
    return given
  }

  /** The node has taken the pod with these resources. */
  admitted(given: Pod, wanted: Pod): void {
    const uid = given.metadata.uid ?? ''
    this.#wanted.set(uid, wanted)
    this.#deps.allocations.give(uid, allocationOf(given))
    this.#deps.changed?.()
  }

  /** A changed spec: the pod as it is to run now. */
  changed(wanted: Pod): Pod {
    const uid = wanted.metadata.uid ?? ''
    const { allocations } = this.#deps
    if (!allocations.given(uid)) return wanted
    this.#wanted.set(uid, wanted)
    const over = wanted.metadata.deletionTimestamp !== undefined || isTerminalPhase(wanted.status?.phase)
    if (over) this.#pending.delete(uid)
    else if (withAllocation(wanted, allocations.given(uid)) !== wanted) {
      if (!this.#pending.has(uid)) countRequested(wanted, allocations.given(uid) ?? {})
      this.#pending.add(uid)
      this.retry('pod_updated')
    } else {
      this.#pending.delete(uid)
      const work = this.#pods?.get(uid)
      if (work) delete work.resize.pending
    }
    return withAllocation(wanted, allocations.given(uid))
  }

  actuated(uid: string): ReadonlyMap<string, Amounts> {
    return this.#deps.allocations.actuated(uid)
  }

  gone(uid: string): void {
    this.#wanted.delete(uid)
    this.#pending.delete(uid)
    this.#deps.allocations.forget(uid)
    this.#deps.changed?.()
    this.retry('pods_removed')
  }

  /** Forgets what pods were given that went while nobody looked. */
  keepOnly(uids: { has(uid: string): boolean }): void {
    for (const uid of this.#deps.allocations.uids()) if (!uids.has(uid)) this.#deps.allocations.forget(uid)
  }

  /** Asks again for all that wait, in upstream's order. */
  retry(trigger: RetryTrigger): void {
    const { allocations } = this.#deps
    const waiting = [...this.#pending].flatMap((uid) => {
      const wanted = this.#wanted.get(uid)
      const given = allocations.given(uid)
      const work = this.#pods?.get(uid)
      if (!wanted || !given || !work) return []
      return [{ wanted, given: withAllocation(wanted, given), since: work.resize.pending?.lastTransitionTime, work, allocation: given }]
    })
    for (const one of inOrder(waiting) as typeof waiting) this.#decide(one.work, one, trigger)
  }

  async run(signal: AbortSignal): Promise<void> {
    for (let ms = firstRetryMs; !signal.aborted; ms = retryMs) {
      await sleep(ms, signal)
      if (!signal.aborted) this.retry('periodic_retry')
    }
  }

  #decide(work: PodWork, { wanted, allocation: given }: { wanted: Pod; allocation: Allocation }, trigger: RetryTrigger): void {
    const { node: nodeNow, reserved, cpuManagerPolicy, allocations, event, now } = this.#deps
    const node = nodeNow()
    const pods = this.#pods
    if (!node || !pods) return
    const { uid } = work
    const { generation } = wanted.metadata
    const allocatable = absoluteAllocatable(node.status?.capacity ?? {}, reserved)
    const decision = decideResize(wanted, given, { admit: (pod) => pods.admit(pod), allocatable, cpuManagerPolicy })
    if (decision.verdict === 'refused') {
      const { reason, message } = decision
      const before = work.resize.pending
      work.resize.pending = resizeCondition('PodResizePending', before, { reason, message, generation }, now())
      if (reason === 'Infeasible') {
        this.#pending.delete(uid)
        infeasibleResizes.inc({ reason_detail: decision.detail })
      }
      const told = before?.reason === reason && before.observedGeneration === generation
      if (!told) event(wanted, { type: 'Warning', reason: `Resize${reason}`, message: resizeMessage(reason, wanted, generation, message) })
      if (told && before.message === message) return
    } else {
      this.#pending.delete(uid)
      if (work.resize.pending?.reason === 'Deferred' && decision.verdict === 'granted') deferredAccepted.inc({ retry_trigger: trigger })
      delete work.resize.pending
      if (decision.verdict === 'granted') {
        allocations.give(uid, allocationOf(wanted))
        this.#deps.changed?.()
        work.resize.inProgress = resizeCondition('PodResizeInProgress', undefined, { generation }, now())
        event(wanted, { type: 'Normal', reason: 'ResizeStarted', message: resizeMessage('started', wanted, generation) })
      }
    }
    pods.resized(uid, withAllocation(wanted, allocations.given(uid)), decision.verdict === 'granted')
  }
}

function fromContainers(pod: Pod, containers: readonly RuntimeContainer[]): Allocation | undefined {
  const own = containers.filter((each) => each.podUid === pod.metadata.uid)
  const entries = own.flatMap((each) => {
    const { resources } = factsOf(each)
    return resources ? [[each.name, resources] as const] : []
  })
  return entries.length === 0 ? undefined : { ...allocationOf(pod), ...Object.fromEntries(entries) }
}
