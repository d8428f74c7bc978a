/**
 * One pod's actor: observes, computes the status, plans, and runs what is planned; again whenever something changed. Actions run side by side, each
 * at most once at a time by its key; nothing is planned on an observation that an action or an event has overtaken.
 */
import type { Pod } from '#api/core/pod.ts'
import { sleep } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'
import { ClockJump, shifted } from '#kubelet/clock-jump.ts'
import { type Executors, execute } from '#kubelet/executors/executor.ts'
import { runtimeOperationDuration, runtimeOperationErrors, runtimeOperations } from '#kubelet/metrics.ts'
import { deadlineOf } from '#kubelet/plan/active-deadline.ts'
import { planPod } from '#kubelet/plan/plan-pod.ts'
import { followResize } from '#kubelet/resize/progress.ts'
import { podStatus } from '#kubelet/status/pod-status.ts'
import type { StatusWriter } from '#kubelet/status/status-writer.ts'
import { actionKey, isAbortable, type PodAction, type PodDesired, type PodFailure } from './pod-actions.ts'
import { containerNamed, containersOf } from './pod-containers.ts'
import type { RecordEvent } from './pod-events.ts'
import type { PodObserver } from './pod-observer.ts'
import { isTerminalPhase, isTerminating } from './pod-state.ts'
import { ActionError, type PodWork } from './pod-work.ts'

export interface PodActorDeps {
  executors: Executors
  observer: PodObserver
  statuses: Pick<StatusWriter, 'publish'>
  event: RecordEvent
  hostIps(): readonly string[]
  now(): Date
  log: Logger
  /** Nothing of the pod is left and nobody wants it. */
  gone(uid: string): void
  /** After each turn, for metrics and audits. */
  turned?(work: PodWork): void
}

const firstRetryMs = 500
const maxRetryMs = 60_000
/** A pod that makes no progress by itself is looked at again after this, whatever was missed. */
const longestSleepMs = 10 * 60_000

export class PodActor {
  readonly work: PodWork
  readonly #deps: PodActorDeps
  readonly #running = new Map<string, { action: PodAction; abort: AbortController }>()
  readonly #failures = new Map<string, number>()
  /** Container name → the ended container whose back-off was told of. */
  readonly #toldBackoff = new Map<string, string>()
  readonly #clockJump = new ClockJump()
  #containersStale: boolean
  #dirty = false
  #turning = false
  #ended = false
  #timer: NodeJS.Timeout | undefined

  /** `fresh`: the runtime is known to have nothing of this pod. */
  constructor(work: PodWork, deps: PodActorDeps, options: { fresh: boolean }) {
    this.work = work
    this.#deps = deps
    this.#containersStale = !options.fresh
  }

  /** The newest desired state wins. */
  update(desired: PodDesired): void {
    const before = this.work.desired
    this.work.desired = {
      ...desired,
      ...(before.failure && !desired.failure ? { failure: before.failure } : {}),
      removed: desired.removed || before.removed,
    }
    this.#abortObsolete()
    this.#forgetOldImages(before.pod)
    this.wake()
  }

  /** What was found out about an image, or failed with it, says nothing about the one that is wanted now. */
  #forgetOldImages(before: Pod): void {
    for (const { container } of containersOf(this.work.pod)) {
      const old = containerNamed(before, container.name)?.container.image
      if (old === undefined || old === container.image) continue
      this.work.images.delete(container.name)
      for (const verb of ['pullImage', 'startContainer']) this.work.notBefore.delete(`${verb}/${container.name}`)
    }
  }

  /** The node ends the pod; whichever reason came first is told. */
  end(failure: PodFailure): void {
    const { desired } = this.work
    this.update({ ...desired, failure: desired.failure ? { ...desired.failure, ...graceOnly(failure) } : failure })
  }

  /** What the pod's volumes and environment are made of has changed. */
  sourcesChanged(): void {
    this.work.volumesStale = true
    for (const key of this.work.notBefore.keys()) if (/^(mountVolumes|startContainer)/.test(key)) this.work.notBefore.delete(key)
    this.wake()
  }

  /** The runtime has told of one of the pod's containers. */
  containersChanged(): void {
    this.#containersStale = true
    this.wake()
  }

  wake(): void {
    this.#dirty = true
    if (this.#turning || this.#ended) return
    this.#turning = true
    void this.#turns()
  }

  /** Stops looking after the pod; its containers go on. Kills under way are not waited for. */
  close(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    for (const { action, abort } of this.#running.values()) if (isAbortable(action.verb)) abort.abort()
  }

  async #turns(): Promise<void> {
    // Leave the caller's stack: several changes at once are one turn.
    await Promise.resolve()
    while (this.#dirty && !this.#ended) {
      this.#dirty = false
      try {
        if (await this.#observe()) this.#act()
      } catch (error) {
        this.#deps.log.error({ pod: this.#name(), error }, 'cannot look after a pod')
        this.#containersStale = true
        this.#wakeAfter(1000)
      }
    }
    this.#turning = false
    if (this.#dirty) this.wake()
  }

  /** False while the runtime does not answer: deciding on old news could start things twice. */
  async #observe(): Promise<boolean> {
    for (let failures = 0; this.#containersStale; ) {
      this.#containersStale = false
      try {
        await this.#deps.observer.observeContainers(this.work)
      } catch (error) {
        this.#containersStale = true
        // Once for each time that the runtime is away: it may be long, and there are many pods.
        if (failures++ === 0) this.#deps.log.warn({ pod: this.#name(), error }, 'cannot list the containers of a pod')
        await sleep(1000)
        if (this.#ended) return false
      }
    }
    return true
  }

  #act(): void {
    const { work } = this
    const now = this.#deps.now()
    this.#followClock(now)
    const deadline = deadlineOf(work.pod, work.status, now)
    if (deadline.failure && !work.desired.failure) {
      const { reason, message } = deadline.failure
      work.desired = { ...work.desired, failure: deadline.failure }
      this.#deps.event(work.pod, { type: 'Normal', reason, message })
    }
    followResize(work, this.#deps.event, now)
    this.#deps.observer.observeProbes(work, !isTerminating(work.desired))
    this.#publish(now)
    const plan = planPod(work.desired, work, now)
    for (const action of plan.actions) this.#start(action)
    this.#wakeAfter(Math.min(plan.recheckAfterMs ?? longestSleepMs, deadline.recheckAfterMs ?? longestSleepMs))
    this.#deps.turned?.(work)
    if (plan.actions.length === 0 && this.#isGone()) this.#end()
  }

  /** Moments that were noted before the clock was set mean what they meant. */
  #followClock(now: Date): void {
    const ms = this.#clockJump.since(now)
    if (ms === 0) return
    this.#deps.log.warn({ pod: this.#name(), ms }, 'the clock was set')
    for (const [key, at] of this.work.notBefore) this.work.notBefore.set(key, shifted(at, ms))
    for (const [key, { action, until }] of this.work.inFlight) if (until) this.work.inFlight.set(key, { action, until: shifted(until, ms) })
  }

  #publish(now: Date): void {
    const { work } = this
    if (work.desired.removed) return
    // What is being removed keeps the status that it had when it ended.
    if (work.pod.metadata.deletionTimestamp !== undefined && work.containers.length === 0 && isTerminalPhase(work.status.phase)) return
    work.status = podStatus(work.desired, work, work.status, { hostIps: this.#deps.hostIps(), now })
    this.#deps.statuses.publish(work.pod, work.status)
    this.#tellBackoff()
  }

  /** Once for each wait, as an event. */
  #tellBackoff(): void {
    const { pod, status } = this.work
    const { name: podName, namespace, uid } = pod.metadata
    for (const { name, state, containerID = '' } of [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]) {
      if (state?.waiting?.reason !== 'CrashLoopBackOff' || this.#toldBackoff.get(name) === containerID) continue
      this.#toldBackoff.set(name, containerID)
      const message = `Back-off restarting failed container ${name} in pod ${podName}_${namespace}(${uid})`
      this.#deps.event(pod, { type: 'Warning', reason: 'BackOff', message }, containerNamed(pod, name)?.container)
    }
  }

  #isGone(): boolean {
    const { work } = this
    const empty = work.containers.length === 0 && work.sandboxes.length === 0 && !work.hasCgroup && !work.hasDirectories
    return work.desired.removed && empty && work.inFlight.size === 0
  }

  #end(): void {
    this.close()
    this.#deps.observer.forget(this.work)
    this.#deps.gone(this.work.uid)
  }

  #start(action: PodAction): void {
    const { work } = this
    const key = actionKey(action)
    const abort = new AbortController()
    const token = { action, abort }
    this.#running.set(key, token)
    const until = action.verb === 'killContainer' ? { until: new Date(this.#deps.now().getTime() + action.graceSeconds * 1000) } : {}
    work.inFlight.set(key, { action, ...until })
    this.#deps.log.info({ pod: this.#name(), action }, 'acting on a pod')
    const began = performance.now()
    runtimeOperations.inc({ operation_type: action.verb })
    void execute(this.#deps.executors, action, work, abort.signal)
      .then(
        () => this.#succeeded(key),
        (error: unknown) => this.#failed(key, action, error, abort.signal.aborted),
      )
      .finally(() => {
        runtimeOperationDuration.observe({ operation_type: action.verb }, (performance.now() - began) / 1000)
        if (this.#running.get(key) === token) {
          this.#running.delete(key)
          work.inFlight.delete(key)
        }
        if (touchesContainers(action)) this.#containersStale = true
        this.wake()
      })
  }

  #succeeded(key: string): void {
    this.#failures.delete(key)
    this.work.notBefore.delete(key)
  }

  #failed(key: string, action: PodAction, error: unknown, aborted: boolean): void {
    if (aborted) return
    runtimeOperationErrors.inc({ operation_type: action.verb })
    const count = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, count)
    const own = error instanceof ActionError ? error.retryAfterMs : undefined
    const retryMs = own ?? Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(count - 1, 10))
    this.work.notBefore.set(key, new Date(this.#deps.now().getTime() + retryMs))
    this.#deps.log.warn({ pod: this.#name(), action: key, retryMs, error }, 'an action on a pod failed')
  }

  /** Breaks off what the new desired state does not ask for any more. A kill never is. */
  #abortObsolete(): void {
    const terminating = isTerminating(this.work.desired)
    const images = new Map((this.work.pod.spec?.containers ?? []).map((container) => [container.name, container.image]))
    for (const { action, abort } of this.#running.values()) {
      if (!isAbortable(action.verb)) continue
      const changed = action.verb === 'pullImage' && images.has(action.name) && images.get(action.name) !== action.image
      if (terminating || changed) abort.abort()
    }
  }

  #wakeAfter(ms: number): void {
    clearTimeout(this.#timer)
    if (!this.#ended) this.#timer = setTimeout(() => this.wake(), ms).unref()
  }

  #name(): string {
    const { namespace, name } = this.work.pod.metadata
    return `${namespace}/${name}`
  }
}

const graceOnly = ({ graceSeconds }: PodFailure): Pick<PodFailure, 'graceSeconds'> => (graceSeconds === undefined ? {} : { graceSeconds })

function touchesContainers(action: PodAction): boolean {
  return action.verb === 'startContainer' || action.verb === 'killContainer' || action.verb === 'removeContainer'
}
