/** Runs the probes of running containers, each on its own beat, and tells pod actors when a verdict changes. */

import type { Pod } from '#api/core/pod.ts'
import type { Probe } from '#api/core/probe.ts'
import { longestTimerMs } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'
import type { ProbeSeen } from '#kubelet/pods/pod-actions.ts'
import { type AnyContainer, containerNamed, containersOf } from '#kubelet/pods/pod-containers.ts'
import type { ContainerRuntime, Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'
import { runCheck } from './handlers.ts'
import { countProbe, forgetProbe, probeTitles } from './probe-metrics.ts'
import {
  afterResult,
  firstDelayMs,
  initialState,
  type ProbeKind,
  type ProbeState,
  periodMs,
  resumedState,
  timeoutMs,
} from './probe-state.ts'

export interface ProberOptions {
  runtime: Pick<ContainerRuntime, 'execSync'>
  event(pod: Pod, container: AnyContainer, text: { type: 'Normal' | 'Warning'; reason: string; message: string }): void
  /** A verdict of this pod has changed. */
  changed(uid: string): void
  now(): Date
  log: Logger
}

interface Watched {
  container: AnyContainer
  pod: Pod
  podIp: string
  started: Date
  probes: Map<ProbeKind, ProbeState>
  timers: Map<ProbeKind, NodeJS.Timeout>
  stopped: boolean
}

const kinds: readonly ProbeKind[] = ['startup', 'liveness', 'readiness']
/** An error of the check itself is no verdict yet: it is tried again at once. */
const maxTries = 3
/** What was started before this much before the kubelet itself is known from before (upstream's bound). */
const restartGraceMs = 10_000

export class Prober {
  readonly #options: ProberOptions
  /** uid → container id → its probes */
  readonly #pods = new Map<string, Map<string, Watched>>()

  readonly #startedAt: number

  constructor(options: ProberOptions) {
    this.#options = options
    this.#startedAt = options.now().getTime()
  }

  /** Begins with containers that run now and ends with those that do not. `live` is false while the pod is being ended. */
  sync(pod: Pod, running: readonly RuntimeContainer[], podIp: string, live: boolean): void {
    const uid = pod.metadata.uid ?? ''
    const watched = this.#pods.get(uid) ?? new Map<string, Watched>()
    for (const [id, each] of watched) {
      if (running.some((container) => container.id === id)) {
        each.pod = pod
        each.podIp = podIp
        if (!live) stopKinds(each, ['startup', 'liveness'])
      } else {
        stop(each)
        watched.delete(id)
      }
    }
    for (const { id, name, startedAt } of running) {
      const container = containerNamed(pod, name)?.container
      if (!container || watched.has(id) || !live) continue
      watched.set(id, this.#begin(uid, id, { pod, container, podIp, started: startedAt ?? this.#options.now() }))
    }
    if (watched.size > 0) this.#pods.set(uid, watched)
    else this.#pods.delete(uid)
  }

  seen(uid: string): ReadonlyMap<string, ProbeSeen> {
    const result = new Map<string, ProbeSeen>()
    for (const [id, watched] of this.#pods.get(uid) ?? []) result.set(id, verdictOf(watched))
    return result
  }

  /** Nothing is left of the pod. */
  forget(pod: Pod): void {
    for (const { container } of containersOf(pod))
      for (const kind of kinds) if (probeOf(container, kind)) forgetProbe({ kind, container: container.name, pod })
  }

  close(): void {
    for (const watched of this.#pods.values()) for (const each of watched.values()) stop(each)
    this.#pods.clear()
  }

  #begin(uid: string, id: string, from: Pick<Watched, 'pod' | 'container' | 'podIp' | 'started'>): Watched {
    const watched: Watched = { ...from, probes: new Map(), timers: new Map(), stopped: false }
    const before = from.started.getTime() < this.#startedAt - restartGraceMs ? knownOf(from.pod, id) : undefined
    for (const kind of kinds) {
      const probe = probeOf(from.container, kind)
      if (!probe) continue
      const state = before ? resumedState(kind, before) : initialState(kind)
      watched.probes.set(kind, state)
      if (kind === 'startup' && state.verdict === 'success') continue
      // However the clock jumped since the container's start, its delay is not longer than it says.
      const delayMs = firstDelayMs(probe)
      const due = Math.min(delayMs, Math.max(0, from.started.getTime() + delayMs - this.#options.now().getTime()))
      // After a restart of the kubelet the probes of all pods would come at once; only readiness is not waited for.
      const spread = before && kind !== 'readiness' ? Math.random() * periodMs(probe) : 0
      this.#schedule({ uid, id, kind, watched }, due + spread)
    }
    return watched
  }

  #schedule(at: { uid: string; id: string; kind: ProbeKind; watched: Watched }, delayMs: number): void {
    clearTimeout(at.watched.timers.get(at.kind))
    if (at.watched.stopped) return
    at.watched.timers.set(at.kind, setTimeout(() => void this.#run(at), Math.min(delayMs, longestTimerMs)).unref())
  }

  async #run(at: { uid: string; id: string; kind: ProbeKind; watched: Watched }): Promise<void> {
    const { uid, id, kind, watched } = at
    const probe = probeOf(watched.container, kind)
    const state = watched.probes.get(kind)
    if (!probe || !state || watched.stopped) return
    const startup = watched.probes.get('startup')
    // The start-up probe goes first, and ends when it has succeeded.
    const waits = kind !== 'startup' && startup !== undefined && startup.verdict !== 'success'
    if (!waits) {
      const ok = await this.#check(id, kind, probe, watched)
      if (watched.stopped) return
      // A check that could not be made says nothing.
      const next = ok === undefined ? state : afterResult(state, ok, probe)
      watched.probes.set(kind, next)
      if (next.verdict !== state.verdict) {
        if (kind === 'startup' && next.verdict === 'success')
          for (const other of ['liveness', 'readiness'] as const) if (watched.probes.has(other)) this.#schedule({ ...at, kind: other }, 0)
        this.#options.changed(uid)
      }
      if (kind === 'startup' && next.verdict === 'success') return
      // A container that is to be killed is not asked again.
      if (kind !== 'readiness' && next.verdict === 'failure') return
    }
    this.#schedule(at, periodMs(probe))
  }

  /** Undefined where the check could not be made. */
  async #check(id: string, kind: ProbeKind, probe: Probe, watched: Watched): Promise<boolean | undefined> {
    const { container, pod } = watched
    const target = { container, containerId: id, podIp: watched.podIp }
    const began = performance.now()
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await runCheck(probe, target, timeoutMs(probe), this.#options.runtime)
        if (watched.stopped) return result.ok
        const seconds = (performance.now() - began) / 1000
        countProbe({ kind, container: container.name, pod }, result.ok ? 'successful' : 'failed', seconds)
        if (!result.ok) this.#tell(watched, 'Unhealthy', `${probeTitles[kind]} probe failed: ${result.output}`)
        else if (result.warning) this.#tell(watched, 'ProbeWarning', `${probeTitles[kind]} probe warning: ${result.output}`)
        return result.ok
      } catch (error) {
        if (watched.stopped) return undefined
        if (attempt < maxTries) continue
        const { message } = error as Error
        this.#tell(watched, 'Unhealthy', `${probeTitles[kind]} probe errored and resulted in unknown state: ${message}`)
        return undefined
      }
    }
  }

  #tell(watched: Watched, reason: string, message: string): void {
    this.#options.event(watched.pod, watched.container, { type: 'Warning', reason, message })
  }
}

function probeOf(container: AnyContainer, kind: ProbeKind): Probe | undefined {
  return kind === 'liveness' ? container.livenessProbe : kind === 'readiness' ? container.readinessProbe : container.startupProbe
}

function verdictOf(watched: Watched): ProbeSeen {
  const of = (kind: ProbeKind): ProbeState['verdict'] | undefined => watched.probes.get(kind)?.verdict
  const started = of('startup') === undefined || of('startup') === 'success'
  const failed = of('startup') === 'failure' ? 'startup' : of('liveness') === 'failure' ? 'liveness' : undefined
  const grace = failed ? probeOf(watched.container, failed)?.terminationGracePeriodSeconds : undefined
  return {
    started,
    ready: started && (of('readiness') === undefined || of('readiness') === 'success'),
    ...(failed ? { failed } : {}),
    ...(grace === undefined ? {} : { graceSeconds: grace }),
  }
}

/** What the pod's status said of a container before this kubelet began; undefined for another container than that. */
function knownOf(pod: Pod, id: string): { started: boolean; ready: boolean } | undefined {
  const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = pod.status ?? {}
  const status = [...containerStatuses, ...initContainerStatuses].find(({ containerID }) => containerID?.endsWith(`//${id}`))
  if (!status) return undefined
  const ready = conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')
  return { started: status.started === true, ready: ready && status.ready }
}

function stop(watched: Watched): void {
  watched.stopped = true
  for (const timer of watched.timers.values()) clearTimeout(timer)
}

function stopKinds(watched: Watched, which: readonly ProbeKind[]): void {
  for (const kind of which) {
    clearTimeout(watched.timers.get(kind))
    watched.timers.delete(kind)
  }
}
