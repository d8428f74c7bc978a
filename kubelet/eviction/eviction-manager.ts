/**
 * Keeps the node alive when something runs out: looks at the node every ten seconds, tells its conditions, takes back what nobody needs, and ends pods,
 * one at a time. Files of pods are counted only for those with a limit on them, or when a disk runs out.
 */
import type { Pod } from '#api/core/pod.ts'
import { sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { AdmissionCheck } from '#kubelet/admission/admission.ts'
import { isCritical } from '#kubelet/admission/preemption.ts'
import { qosClass } from '#kubelet/cgroups/qos.ts'
import { evictionStatsAge, evictions } from '#kubelet/metrics.ts'
import type { PodFailure } from '#kubelet/pods/pod-actions.ts'
import { isTerminalPhase, runningContainers } from '#kubelet/pods/pod-state.ts'
import type { PodWork } from '#kubelet/pods/pod-work.ts'
import type { NodeUsage } from '#kubelet/stats/usage.ts'
import type { UsageSource } from '#kubelet/stats/usage-source.ts'
import { hasStorageLimit, storageOverrun } from './local-storage.ts'
import { conditionMessage, evicted, evictionWords } from './messages.ts'
import { calm, type EvictionState, planEviction, thresholdsMet } from './plan-eviction.ts'
import { type Candidate, rank } from './rank.ts'
import { type NodePressure, observe, type Signal, signals } from './signals.ts'
import type { Threshold } from './thresholds.ts'

export interface EvictionManagerDeps {
  source: Pick<UsageSource, 'node' | 'pods'>
  thresholds: readonly Threshold[]
  transitionMs: number
  /** The longest grace of a pod that a soft threshold ends. */
  maxPodGraceSeconds: number
  limitsStorage: boolean
  pods: { list(): readonly PodWork[]; get(uid: string): PodWork | undefined; end(uid: string, failure: PodFailure): void }
  /** What the node can give back before pods have to: ended containers, then images that nobody uses. */
  reclaim: readonly (() => Promise<void>)[]
  podEvent(pod: Pod, message: string, annotations: Readonly<Record<string, string>>): void
  nodeEvent(reason: string, message: string): void
  /** The node's conditions have changed. */
  changed(): void
  now(): Date
  log: Logger
}

const intervalMs = 10_000
const cleanupMs = 30_000
const lookAgainMs = 1000
/** How often files of pods are counted at most. */
const filesMaxAgeMs = intervalMs - 1000
/** What a pod that must go at once is given. */
const immediateGraceSeconds = 1

export class EvictionManager implements Runnable {
  readonly name = 'eviction'
  readonly #deps: EvictionManagerDeps
  #state: EvictionState = calm
  #conditions: readonly NodePressure[] = []

  constructor(deps: EvictionManagerDeps) {
    this.#deps = deps
  }

  /** True of the node now. */
  conditions(): readonly NodePressure[] {
    return this.#conditions
  }

  /** Under pressure only what must run is taken; under pressure on memory alone also what asks for memory, or tolerates the taint. */
  readonly admit: AdmissionCheck = (pod) => {
    const conditions = this.#conditions
    if (conditions.length === 0 || isCritical(pod)) return undefined
    if (conditions.length === 1 && conditions[0] === 'MemoryPressure' && (qosClass(pod) !== 'BestEffort' || toleratesMemoryPressure(pod)))
      return undefined
    return { reason: evicted, message: conditionMessage(conditions) }
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const ended = await this.look()
        if (ended.length > 0) await this.#cleanedUp(ended, signal)
        else await sleep(intervalMs, signal)
      } catch (error) {
        this.#deps.log.warn({ error }, 'cannot look after the resources of the node')
        await sleep(intervalMs, signal)
      }
    }
  }

  /** One round; answers the uids of the pods that it has ended. */
  async look(): Promise<readonly string[]> {
    const { source, thresholds, transitionMs, now } = this.#deps
    const node = await source.node()
    const plan = planEviction(thresholds, observe(node), this.#state, { transitionMs, now: now() })
    this.#state = plan.state
    this.#tell(plan.conditions)
    const overrun = await this.#endOverruns(node)
    if (overrun.length > 0 || plan.reclaim === undefined) return overrun
    const { resource } = signals[plan.reclaim.signal]
    this.#deps.log.warn({ signal: plan.reclaim.signal }, 'the node runs out of a resource')
    this.#deps.nodeEvent('EvictionThresholdMet', `Attempting to reclaim ${resource}`)
    if (await this.#reclaimed(plan.reclaim.signal, node)) return []
    return await this.#endOne(plan.reclaim, node)
  }

  #tell(conditions: readonly NodePressure[]): void {
    const changed = [...conditions].sort().join() !== [...this.#conditions].sort().join()
    this.#conditions = conditions
    if (!changed) return
    this.#deps.log.info({ conditions }, 'the pressure on the node has changed')
    this.#deps.changed()
  }

  #active(): readonly PodWork[] {
    return this.#deps.pods.list().filter(({ desired, status }) => !desired.removed && !desired.failure && !isTerminalPhase(status.phase))
  }

  async #endOverruns({ hasImageFs }: NodeUsage): Promise<string[]> {
    if (!this.#deps.limitsStorage) return []
    const limited = new Set(
      this.#active()
        .filter(({ pod }) => hasStorageLimit(pod))
        .map(({ uid }) => uid),
    )
    if (limited.size === 0) return []
    const usages = await this.#deps.source.pods({
      files: { maxAgeMs: filesMaxAgeMs, limitsOnly: true },
      only: (pod) => limited.has(pod.metadata.uid ?? ''),
    })
    const ended: string[] = []
    for (const usage of usages) {
      const overrun = storageOverrun(usage, hasImageFs)
      if (overrun && this.#end(usage.pod, { message: overrun.message, graceSeconds: immediateGraceSeconds })) {
        evictions.inc({ eviction_signal: overrun.signal })
        ended.push(usage.pod.metadata.uid ?? '')
      }
    }
    return ended
  }

  /** True when what the node gave back is enough, with what is to be reclaimed beyond the thresholds. */
  async #reclaimed(signal: Signal, { hasImageFs }: NodeUsage): Promise<boolean> {
    const { resource } = signals[signal]
    const own = resource === 'ephemeral-storage' || resource === 'inodes'
    // Images and ended containers lie elsewhere then.
    if (!own || (hasImageFs && signal.startsWith('nodefs'))) return false
    for (const step of this.#deps.reclaim) {
      try {
        await step()
      } catch (error) {
        this.#deps.log.warn({ error }, 'cannot take back everything that nobody needs')
      }
    }
    return thresholdsMet(this.#deps.thresholds, observe(await this.#deps.source.node()), true).length === 0
  }

  async #endOne(threshold: Threshold, node: NodeUsage): Promise<string[]> {
    const { source } = this.#deps
    const { resource } = signals[threshold.signal]
    const active = this.#active()
    const onDisk = resource === 'ephemeral-storage' || resource === 'inodes'
    const usages = new Map(
      (await source.pods(onDisk ? { files: { maxAgeMs: filesMaxAgeMs } } : {})).map((usage) => [usage.pod.metadata.uid, usage]),
    )
    const candidates: Candidate[] = active.map(({ pod, uid }) => ({ pod, usage: usages.get(uid) }))
    for (const { pod, usage } of rank(candidates, threshold.signal, node.hasImageFs)) {
      const { message, annotations } = evictionWords(resource, usage, this.#state.active, observe(node))
      const grace = Math.min(this.#deps.maxPodGraceSeconds, pod.spec?.terminationGracePeriodSeconds ?? this.#deps.maxPodGraceSeconds)
      const graceSeconds = threshold.graceMs === 0 ? immediateGraceSeconds : grace
      if (!this.#end(pod, { message, annotations, graceSeconds, disruption: message })) continue
      evictions.inc({ eviction_signal: threshold.signal })
      const ageMs = this.#deps.now().getTime() - node.at.getTime()
      evictionStatsAge.observe({ eviction_signal: threshold.signal }, Math.max(0, ageMs) / 1000)
      return [pod.metadata.uid ?? '']
    }
    this.#deps.log.warn({ signal: threshold.signal }, 'no pod can be evicted')
    return []
  }

  #end(
    pod: Pod,
    how: { message: string; graceSeconds: number; annotations?: Readonly<Record<string, string>>; disruption?: string },
  ): boolean {
    const { message, graceSeconds, annotations = {}, disruption } = how
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`
    if (isCritical(pod)) {
      this.#deps.log.warn({ pod: name }, 'a critical pod is not evicted')
      return false
    }
    this.#deps.log.warn({ pod: name, message }, 'evicting a pod')
    this.#deps.podEvent(pod, message, annotations)
    const failure = { reason: evicted, message, rejected: false, graceSeconds, ...(disruption === undefined ? {} : { disruption }) }
    this.#deps.pods.end(pod.metadata.uid ?? '', failure)
    return true
  }

  /** Until nothing of the pods is left but what may be collected, so that nobody else is ended for what they still hold; but not for ever. */
  async #cleanedUp(uids: readonly string[], signal: AbortSignal): Promise<void> {
    const gone = (uid: string): boolean => {
      const work = this.#deps.pods.get(uid)
      if (!work) return true
      const released = runningContainers(work).length === 0 && work.volumes === 'absent' && !work.hasCgroup
      return released && work.inFlight.size === 0 && isTerminalPhase(work.pod.status?.phase)
    }
    for (let waited = 0; waited < cleanupMs && !signal.aborted && !uids.every(gone); waited += lookAgainMs) await sleep(lookAgainMs, signal)
  }
}

function toleratesMemoryPressure(pod: Pod): boolean {
  return (pod.spec?.tolerations ?? []).some(
    ({ key, operator, effect, value }) =>
      (!effect || effect === 'NoSchedule') &&
      (key ? key === 'node.kubernetes.io/memory-pressure' : operator === 'Exists') &&
      (operator === 'Exists' || (value ?? '') === ''),
  )
}
