/** Ends the pods of this node in good order when the host goes down: logind is asked to wait for it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Gauge } from 'prom-client'
import { sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { AdmissionCheck } from '#kubelet/admission/admission.ts'
import { isStatic, isTerminalPhase, runningContainers } from '#kubelet/pods/pod-state.ts'
import type { PodWork } from '#kubelet/pods/pod-work.ts'
import type { Pods } from '#kubelet/pods/pods.ts'
import type { InhibitLock, Logind } from './logind.ts'
import { type Period, type ShutdownGroup, shutdownFailure, shutdownGroups, shutdownRejection, totalSeconds } from './plan.ts'

const startTime = new Gauge({
  name: 'kubelet_graceful_shutdown_start_time_seconds',
  help: 'Last graceful shutdown start time since unix epoch in seconds',
})
const endTime = new Gauge({
  name: 'kubelet_graceful_shutdown_end_time_seconds',
  help: 'Last graceful shutdown end time since unix epoch in seconds',
})

export interface ShutdownDeps {
  periods: readonly Period[]
  logind: Logind
  pods: Pick<Pods, 'list' | 'end'>
  rootDir: string
  /** Of the node. */
  event(words: { reason: string; message: string }): void
  /** The node begins to go down, or does not after all. */
  changed(): void
  now(): Date
  log: Logger
}

const retryMs = 60_000
const reconnectMs = 1000

export class ShutdownManager implements Runnable {
  readonly name = 'graceful shutdown of the node'
  readonly #deps: ShutdownDeps
  #goesDown = false
  #lock: InhibitLock | undefined

  constructor(deps: ShutdownDeps) {
    this.#deps = deps
  }

  get goesDown(): boolean {
    return this.#goesDown
  }

  readonly admit: AdmissionCheck = () => (this.#goesDown ? shutdownRejection : undefined)

  async run(signal: AbortSignal): Promise<void> {
    const { periods, log } = this.#deps
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    if (periods.length === 0) return await stopped
    this.#remember()
    for (let told = false; !signal.aborted; ) {
      try {
        await this.#watch(signal)
        await sleep(reconnectMs, signal)
        told = false
      } catch (error) {
        if (signal.aborted) break
        // The promise of the configuration is not kept: loudly, once, and tried again.
        if (!told) log.error({ error }, 'pods will not be ended in good order when this host goes down: logind does not answer')
        told = true
        await sleep(retryMs, signal)
      }
    }
    this.#lock?.release()
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { logind, periods, log, event, changed } = this.#deps
    await logind.allow(totalSeconds(periods))
    await this.#hold()
    log.info({ periods }, 'a shutdown of this host waits for its pods')
    for await (const begins of logind.shutdowns(signal)) {
      event({ reason: 'NodeShutdown', message: `Shutdown manager detected shutdown ${begins ? 'event' : 'cancellation'}` })
      this.#goesDown = begins
      changed()
      if (begins) await this.#endAll()
      else await this.#hold()
    }
  }

  async #hold(): Promise<void> {
    const lock = await this.#deps.logind.inhibit()
    this.#lock?.release()
    this.#lock = lock
  }

  async #endAll(): Promise<void> {
    const { pods, periods, log, now } = this.#deps
    const began = now()
    this.#store({ startTime: began })
    try {
      const active = pods.list().filter((work) => !work.desired.removed && !isTerminalPhase(work.status.phase))
      for (const group of shutdownGroups(
        periods,
        active.map(({ pod }) => pod),
      ))
        await this.#endGroup(group, active)
    } finally {
      this.#store({ startTime: began, endTime: now() })
      this.#lock?.release()
      this.#lock = undefined
      log.info({ seconds: (now().getTime() - began.getTime()) / 1000 }, 'the pods of this node were ended; the host may go down')
    }
  }

  async #endGroup({ seconds, pods }: ShutdownGroup, active: readonly PodWork[]): Promise<void> {
    const { log } = this.#deps
    for (const { pod, graceSeconds } of pods) {
      log.info({ pod: `${pod.metadata.namespace}/${pod.metadata.name}`, graceSeconds }, 'ending a pod, the host goes down')
      this.#deps.pods.end(pod.metadata.uid ?? '', shutdownFailure(graceSeconds))
    }
    const own = active.filter(({ uid }) => pods.some(({ pod }) => pod.metadata.uid === uid))
    const deadline = performance.now() + seconds * 1000
    // Ended, told of, and without volumes: whoever serves volumes may be in the next group.
    const shown = (work: PodWork): string | undefined => (isStatic(work.pod) ? work.status.phase : work.pod.status?.phase)
    const isDone = (work: PodWork): boolean =>
      runningContainers(work).length === 0 && work.volumes === 'absent' && isTerminalPhase(shown(work))
    while (performance.now() < deadline && !own.every(isDone)) await sleep(100)
  }

  #remember(): void {
    try {
      const { startTime: from, endTime: to } = JSON.parse(readFileSync(this.#statePath(), 'utf8')) as {
        startTime?: string
        endTime?: string
      }
      if (from) startTime.set(Date.parse(from) / 1000)
      if (to) endTime.set(Date.parse(to) / 1000)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#deps.log.warn({ error }, 'the state of the last shutdown is not readable')
    }
  }

  #store(state: { startTime: Date; endTime?: Date }): void {
    startTime.set(state.startTime.getTime() / 1000)
    if (state.endTime) endTime.set(state.endTime.getTime() / 1000)
    try {
      writeFileSync(this.#statePath(), JSON.stringify(state))
    } catch (error) {
      this.#deps.log.warn({ error }, 'the state of the shutdown cannot be written')
    }
  }

  #statePath(): string {
    return join(this.#deps.rootDir, 'graceful_node_shutdown_state')
  }
}
