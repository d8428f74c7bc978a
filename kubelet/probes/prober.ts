/** Runs the probes of running containers, each on its own beat, and tells pod actors when a verdict changes. */

import type { Pod } from '#api/core/pod.ts'
import type { Probe } from '#api/core/probe.ts'
import type { Logger } from '#component/logging.ts'
import { probeCounter } from '#kubelet/metrics.ts'
import type { ProbeSeen } from '#kubelet/pod-actions.ts'
import { type AnyContainer, containerNamed } from '#kubelet/pod-containers.ts'
import type { ContainerRuntime, Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'
import { runCheck } from './handlers.ts'
import { afterResult, firstDelayMs, initialState, type ProbeKind, type ProbeState, periodMs, timeoutMs } from './probe-state.ts'

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
const titles: Readonly<Record<ProbeKind, string>> = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' }

export class Prober {
  readonly #options: ProberOptions
  /** uid → container id → its probes */
  readonly #pods = new Map<string, Map<string, Watched>>()

  constructor(options: ProberOptions) {
    this.#options = options
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

  close(): void {
    for (const watched of this.#pods.values()) for (const each of watched.values()) stop(each)
    this.#pods.clear()
  }

  #begin(uid: string, id: string, from: Pick<Watched, 'pod' | 'container' | 'podIp' | 'started'>): Watched {
    const watched: Watched = { ...from, probes: new Map(), timers: new Map(), stopped: false }
    for (const kind of kinds) {
      const probe = probeOf(from.container, kind)
      if (!probe) continue
      watched.probes.set(kind, initialState(kind))
      const due = from.started.getTime() + firstDelayMs(probe) - this.#options.now().getTime()
      this.#schedule({ uid, id, kind, watched }, Math.max(0, due))
    }
    return watched
  }

  #schedule(at: { uid: string; id: string; kind: ProbeKind; watched: Watched }, delayMs: number): void {
    clearTimeout(at.watched.timers.get(at.kind))
    if (!at.watched.stopped) at.watched.timers.set(at.kind, setTimeout(() => void this.#run(at), delayMs).unref())
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
      const next = afterResult(state, ok, probe)
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

  async #check(id: string, kind: ProbeKind, probe: Probe, watched: Watched): Promise<boolean> {
    const { container, pod } = watched
    const target = { container, containerId: id, podIp: watched.podIp }
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await runCheck(probe, target, timeoutMs(probe), this.#options.runtime)
        if (watched.stopped) return result.ok
        probeCounter.inc({
          probe_type: titles[kind],
          result: result.ok ? 'successful' : 'failed',
          container: container.name,
          pod: pod.metadata.name ?? '',
          namespace: pod.metadata.namespace ?? '',
          pod_uid: pod.metadata.uid ?? '',
        })
        if (!result.ok) this.#tell(watched, 'Unhealthy', `${titles[kind]} probe failed: ${result.output}`)
        else if (result.warning) this.#tell(watched, 'ProbeWarning', `${titles[kind]} probe warning: ${result.output}`)
        return result.ok
      } catch (error) {
        if (watched.stopped) return false
        if (attempt < maxTries) continue
        this.#tell(watched, 'Unhealthy', `${titles[kind]} probe errored and resulted in failure state: ${(error as Error).message}`)
        return false
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
