/** Runs one controller: queue, workers, gate, back-off, applying plans, events, log lines and metrics. Controllers contain none of these. */
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject } from '#api/resource.ts'
import { type Clock, systemClock } from '#client/clock.ts'
import type { EventRecorder } from '#client/events.ts'
import { keyOf } from '#client/resource-path.ts'
import type { Client } from '#client/rest.ts'
import { ConnectionError } from '#client/transport.ts'
import { WorkQueue } from '#client/workqueue.ts'
import { applyPlan, type Executors, type Outcome, outlasting, targetOf, type Until } from './apply.ts'
import type { Controller } from './controller.ts'
import { WriteGate } from './gate.ts'
import type { InformerSet } from './informers.ts'
import { type Action, type ActionEvent, nothing, type Plan } from './plan.ts'
import type { Failure } from './world.ts'

/** The part of a logger that the runner uses (pino's shape). */
export interface RunnerLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
export interface RunnerMetrics {
  reconciled(controller: string, outcome: 'success' | 'conflict' | 'error' | 'waiting', seconds: number): void
  applied(controller: string, verb: Action['verb'], outcome: 'success' | 'error'): void
  queueDepth(controller: string, depth: number): void
}
export interface RunnerOptions {
  client: Client
  informers: InformerSet
  log: RunnerLog
  events?: EventRecorder
  metrics?: RunnerMetrics
  /** How many keys are handled at the same time. */
  workers?: number
  clock?: Clock
  /** Throws once this process may no longer write. */
  guard?: () => void
  /** In place of the runner's own, for tests of what happens around an action. */
  executors?: Executors
  gateTimeoutMs?: number
  maxDelayMs?: number
}

/** While the server is away every key fails: none of them should be late when it is back. */
const unreachableMaxMs = 2000
const lastWordsMs = 1000

export class ControllerRunner<Seen = unknown> {
  readonly #controller: Controller<Seen>
  readonly #options: RunnerOptions
  readonly #clock: Clock
  readonly #queue: WorkQueue
  readonly #gate: WriteGate
  readonly #failures = new Map<string, Failure>()
  /** Key → when what may wait is done at the latest. */
  readonly #postponed = new Map<string, number>()

  /** The informers must know the controller's watches by now (`informers.want`). */
  constructor(controller: Controller<Seen>, options: RunnerOptions) {
    this.#controller = controller
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#queue = new WorkQueue({ clock: this.#clock, ...(options.maxDelayMs === undefined ? {} : { maxDelayMs: options.maxDelayMs }) })
    this.#gate = new WriteGate(options.informers, this.#clock, options.gateTimeoutMs)
  }

  /** Until `signal` aborts; then writes under way are waited for and nothing more is begun. */
  async run(signal: AbortSignal): Promise<void> {
    const { informers, workers = 1 } = this.#options
    const { watches, resync, name } = this.#controller
    await Promise.race([informers.synced(watches.map((w) => w.type)), aborted(signal)])
    if (signal.aborted) return
    for (const { type, keys, concerns } of watches) {
      const informer = informers.informer(type)
      informer.onChange((now, was) => {
        if (signal.aborted || (now && was && !concerns(now, was))) return
        for (const object of [was, now]) if (object) for (const key of keys(object, informers.world)) this.#queue.add(key)
        this.#release()
      })
      informer.onPassed(() => this.#release())
    }
    const tick = (): void => {
      for (const key of resync?.keys(informers.world) ?? []) this.#queue.add(key)
    }
    tick()
    const timer = resync ? setInterval(tick, resync.everyMs) : undefined
    const stop = (): void => this.#queue.close()
    signal.addEventListener('abort', stop, { once: true })
    this.#options.log.debug({ controller: name }, 'controller started')
    const writing = outlasting(signal)
    await Promise.all(Array.from({ length: workers }, () => this.#work({ stop: signal, writing })))
    clearInterval(timer)
    await this.#lastWords()
  }

  /** Events that are still kept for a calm, unless the server is away. */
  async #lastWords(): Promise<void> {
    const done = new AbortController()
    await Promise.race([this.#options.events?.flushed(), this.#clock.sleep(lastWordsMs, done.signal)])
    done.abort()
  }

  #release(): void {
    for (const key of this.#gate.released()) this.#queue.add(key)
  }

  async #work(until: Until): Promise<void> {
    for (let key = await this.#queue.next(); key !== undefined; key = await this.#queue.next()) {
      this.#options.metrics?.queueDepth(this.#controller.name, this.#queue.length)
      const startedMs = this.#clock.monotonicMs()
      const outcome = await this.#handle(key, until)
      this.#options.metrics?.reconciled(this.#controller.name, outcome, (this.#clock.monotonicMs() - startedMs) / 1000)
      this.#queue.done(key)
    }
  }

  async #handle(key: string, until: Until): Promise<'success' | 'conflict' | 'error' | 'waiting'> {
    const admitted = this.#gate.admit(key)
    if (!admitted.open) {
      this.#queue.addAfter(key, admitted.retryAfterMs)
      return 'waiting'
    }
    try {
      await this.#reconcile(key, until)
      this.#queue.forget(key)
      return 'success'
    } catch (error) {
      if (until.stop.aborted) return 'error'
      const delayMs = this.#queue.addRateLimited(key, error instanceof ConnectionError ? unreachableMaxMs : undefined)
      const fields = { controller: this.#controller.name, key, error, delayMs }
      // A 404 on an update is the same thing: what the cache shows is not there any more.
      if (error instanceof ApiError && (error.code === 409 || error.code === 404)) {
        this.#options.log.debug(fields, 'conflict, will look again')
        return 'conflict'
      }
      const level = error instanceof ConnectionError ? 'debug' : 'warn'
      this.#options.log[level](fields, 'reconcile failed, will try again')
      return 'error'
    }
  }

  async #reconcile(key: string, { stop, writing }: Until): Promise<void> {
    const { client, informers, events, guard, executors } = this.#options
    const { observe, reconcile } = this.#controller
    const world = { ...informers.world, failed: this.#failures.get(key) }
    const seen = (await observe?.call(this.#controller, key, world, stop)) as Seen
    const plan = reconcile.call(this.#controller, key, world, seen, this.#clock.now())
    for (const event of plan.events ?? []) events?.event(event.about, event)
    const postponed = this.#postpone(key, plan)
    await applyPlan(postponed ? nothing : plan, {
      client,
      stop,
      signal: writing,
      ...(guard ? { guard } : {}),
      ...(executors ? { executors } : {}),
      done: (action, outcome) => this.#done(key, action, outcome),
      failed: (action, error) => this.#failed(key, action, error),
    })
    this.#failures.delete(key)
    if (plan.recheckAfterMs !== undefined) this.#queue.addAfter(key, plan.recheckAfterMs)
  }

  /** True where all that is planned may wait, and has not waited long enough; the key comes back for it. */
  #postpone(key: string, { actions }: Plan): boolean {
    const waits = actions.flatMap((step) =>
      'parallel' in step ? step.parallel.map(({ mayWaitMs = 0 }) => mayWaitMs) : (step.mayWaitMs ?? 0),
    )
    const nowMs = this.#clock.monotonicMs()
    const dueMs = Math.min(this.#postponed.get(key) ?? Number.POSITIVE_INFINITY, nowMs + Math.min(...waits))
    if (waits.length === 0 || dueMs <= nowMs) {
      this.#postponed.delete(key)
      return false
    }
    this.#postponed.set(key, dueMs)
    this.#queue.addAfter(key, dueMs - nowMs)
    return true
  }

  #done(key: string, action: Action, outcome: Outcome): void {
    const { log, metrics } = this.#options
    const { type, ref } = targetOf(action)
    metrics?.applied(this.#controller.name, action.verb, 'success')
    const fields = {
      controller: this.#controller.name,
      key,
      verb: action.verb,
      resource: type?.plural,
      object: keyOf({ metadata: ref }),
      reason: action.reason,
    }
    if ('skipped' in outcome) {
      log.debug({ ...fields, skipped: outcome.skipped }, 'applied')
      return
    }
    if ('written' in outcome) {
      // A scale's version is that of the object it scales.
      this.#gate.wrote(key, outcome.type, outcome.written)
      this.#say(action.event, outcome.written, undefined)
      log.debug({ ...fields, object: keyOf(outcome.written) }, 'applied')
    } else {
      this.#gate.deleted(key, outcome.type, outcome.deleted)
      this.#say(action.event, outcome.deleted, undefined)
      log.debug(fields, 'applied')
    }
  }

  #failed(key: string, action: Action, error: unknown): void {
    const { metrics, log } = this.#options
    const { type, ref } = targetOf(action)
    metrics?.applied(this.#controller.name, action.verb, 'error')
    log.debug(
      { controller: this.#controller.name, key, verb: action.verb, resource: type?.plural, object: keyOf({ metadata: ref }), error },
      'action failed',
    )
    const reason = error instanceof ApiError ? error.reason : ''
    const conflict = error instanceof ApiError && (error.code === 409 || error.code === 404)
    if (!conflict) this.#failures.set(key, { verb: action.verb, kind: type?.kind ?? '', reason, message: (error as Error).message })
    this.#say(action.failureEvent, { metadata: { name: ref.name } }, error)
  }

  #say(event: ActionEvent | undefined, target: { metadata: Pick<KubeObject['metadata'], 'name'> }, error: unknown): void {
    if (!event) return
    const message = event.message
      .replaceAll('{name}', () => target.metadata?.name ?? '')
      .replaceAll('{error}', () => (error instanceof Error ? error.message : String(error)))
    this.#options.events?.event(event.about, { ...event, message })
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
