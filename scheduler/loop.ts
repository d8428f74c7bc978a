/**
 * The scheduling loop. Informers feed the cluster and the queue; every pod that is due is decided in one go (a decision takes no I/O); the
 * chosen node is assumed at once, so that the next pod sees it taken, while the binding is written beside.
 */
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { isPodTerminal } from '#api/core/rules/pod-state.ts'
import { ApiError } from '#api/meta/status.ts'
import type { Logger } from '#component/logging.ts'
import type { Binder } from './bind.ts'
import type { ClusterEvent } from './plugin.ts'
import { SchedulingQueue } from './queue.ts'
import type { Scheduler } from './schedule.ts'
import { shapeOf } from './shape.ts'
import { Cluster } from './snapshot.ts'

export interface SchedulingLoopOptions {
  scheduler: Scheduler
  binder: Binder
  /** Pods that name another scheduler are left alone. */
  schedulerName: string
  /** Throws when this process may no longer write (leader election). */
  guard(): void
  log: Logger
  observe?: SchedulingMetrics
  /** Milliseconds, for the queue. */
  now?: () => number
}

export interface SchedulingMetrics {
  attempted(result: 'scheduled' | 'unschedulable' | 'error', durationMs: number): void
  scheduled(sinceCreationMs: number): void
  pending(count: number): void
}

/** Bindings in flight; the API server's own limit is far above. */
const maxBinding = 64

export class SchedulingLoop {
  readonly #options: SchedulingLoopOptions
  readonly #cluster = new Cluster()
  readonly #queue = new SchedulingQueue()
  /** Pods whose binding is being written, by uid. */
  readonly #assumed = new Map<string, Pod>()
  readonly #binding = new Set<Promise<void>>()
  readonly #now: () => number
  #wake: (() => void) | undefined

  constructor(options: SchedulingLoopOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  nodeChanged(now: Node | undefined, was: Node | undefined): void {
    if (now) this.#cluster.setNode(now)
    else this.#cluster.removeNode(was?.metadata.name ?? '')
    if (now && (!was || placementText(now) !== placementText(was))) this.#notice(was ? 'nodeChanged' : 'nodeAdded')
  }

  podChanged(now: Pod | undefined, was: Pod | undefined): void {
    const uid = (now ?? was)?.metadata.uid ?? ''
    if (!now || isPodTerminal(now)) {
      this.#queue.delete(uid)
      this.#assumed.delete(uid)
      this.#cluster.removePod(uid)
      if (was?.spec.nodeName) this.#notice('podGone')
      return
    }
    if (now.spec.nodeName) {
      this.#queue.delete(uid)
      this.#assumed.delete(uid)
      this.#cluster.setPod(now)
      if (was?.spec.nodeName) this.#notice('podChanged')
      return
    }
    if (this.#assumed.has(uid)) return
    if (this.#waits(now)) this.#queue.set(now)
    else this.#queue.delete(uid)
    this.#wake?.()
  }

  #waits(pod: Pod): boolean {
    if (pod.metadata.deletionTimestamp !== undefined || (pod.spec.schedulingGates ?? []).length > 0) return false
    return (pod.spec.schedulerName ?? 'default-scheduler') === this.#options.schedulerName
  }

  #notice(event: ClusterEvent): void {
    if (this.#queue.notice(event)) this.#wake?.()
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wake?.(), { once: true })
    while (!signal.aborted) {
      this.#options.guard()
      for (const pod of this.#queue.ready(this.#now())) {
        if (this.#binding.size >= maxBinding) break
        this.#place(pod)
      }
      this.#options.observe?.pending(this.#queue.size)
      await this.#untilWoken()
    }
    await Promise.allSettled(this.#binding)
  }

  async #untilWoken(): Promise<void> {
    if (this.#binding.size >= maxBinding) {
      await Promise.race(this.#binding)
      return
    }
    const waitMs = Math.min(1000, Math.max(0, this.#queue.nextDueMs() - this.#now()))
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, waitMs)
    this.#wake = resolve
    await promise
    clearTimeout(timer)
    this.#wake = undefined
  }

  #place(pod: Pod): void {
    const { scheduler, binder, observe } = this.#options
    const started = performance.now()
    const mark = this.#queue.mark()
    const decision = scheduler.schedule(shapeOf(pod), this.#cluster)
    const durationMs = performance.now() - started
    if (decision.verdict === 'unschedulable') {
      const message = decision.message
      this.#queue.refused(pod, { wakesOn: decision.wakesOn, mark, nowMs: this.#now() })
      observe?.attempted('unschedulable', durationMs)
      this.#track(binder.refuse(pod, message, 'Unschedulable').catch((error) => this.#tolerate(pod, error)))
      return
    }
    observe?.attempted('scheduled', durationMs)
    const uid = pod.metadata.uid ?? ''
    const assumed: Pod = { ...pod, spec: { ...pod.spec, nodeName: decision.node } }
    this.#queue.delete(uid)
    this.#assumed.set(uid, assumed)
    this.#cluster.setPod(assumed)
    this.#track(this.#bind(pod, decision.node))
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#binding.delete(tracked))
    this.#binding.add(tracked)
  }

  async #bind(pod: Pod, node: string): Promise<void> {
    const { binder, observe, log } = this.#options
    const key = `${pod.metadata.namespace}/${pod.metadata.name}`
    try {
      await binder.bind(pod, node)
      log.info({ pod: key, node }, 'bound pod')
      observe?.scheduled(this.#now() - Date.parse(pod.metadata.creationTimestamp ?? ''))
    } catch (error) {
      const uid = pod.metadata.uid ?? ''
      if (!this.#assumed.delete(uid)) return // the informer has told the pod's fate meanwhile
      this.#cluster.removePod(uid)
      if (error instanceof ApiError && error.code === 404) return
      log.warn({ pod: key, node, error }, 'cannot bind pod')
      observe?.attempted('error', 0)
      this.#queue.failed(pod, this.#now())
    }
  }

  /** A pod that went meanwhile, or a write that comes again with the next try, is no failure. */
  #tolerate(pod: Pod, error: unknown): void {
    if (error instanceof ApiError && (error.code === 404 || error.code === 409)) return
    this.#options.log.warn({ pod: `${pod.metadata.namespace}/${pod.metadata.name}`, error }, 'cannot write why the pod has no node')
  }
}

/** What of a node can let a waiting pod fit; heartbeats are not among it. */
function placementText(node: Node): string {
  return JSON.stringify([node.spec.unschedulable, node.spec.taints, node.metadata.labels, node.status.allocatable])
}
