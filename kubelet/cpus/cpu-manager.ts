/** The CPU manager: keeps who has which processors over restarts, and running containers on what is theirs. The policy is `static-policy.ts`. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import { sleep } from '#component/clock.ts'
import { type Runnable, StartupError } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { Rejection } from '#kubelet/admission/admission.ts'
import { milliCpuOf } from '#kubelet/cgroups/qos.ts'
import type { KubeletConfig } from '#kubelet/config/config-file.ts'
import { cpuPinning } from '#kubelet/metrics.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'
import type { Aligned } from '#kubelet/topology/hints.ts'
import { type CpuSet, cpuSetText, difference, parseCpuSet } from './cpu-set.ts'
import { assignPod, type CpuFacts, type CpuState, policyOptions, releasePods, reservedCpus, stateProblem } from './static-policy.ts'
import { type Cpu, observeTopology } from './topology.ts'

export interface CpuManagerDeps {
  config: Pick<
    KubeletConfig,
    'cpuManagerPolicy' | 'cpuManagerPolicyOptions' | 'cpuManagerReconcilePeriod' | 'reservedSystemCPUs' | 'systemReserved' | 'kubeReserved'
  >
  rootDir: string
  /** Active pods. */
  pods(): readonly Pod[]
  runtime: Pick<ContainerRuntime, 'listContainers' | 'updateResources'>
  log: Logger
  topology?: readonly Cpu[]
}

interface StateFile {
  policyName: string
  defaultCpuSet: string
  entries?: Record<string, Record<string, string>>
}

export class CpuManager implements Runnable {
  readonly name = 'CPU manager'
  readonly #deps: CpuManagerDeps
  readonly #path: string
  readonly #facts: CpuFacts
  #state: CpuState
  /** Container id → what it was set to last. */
  readonly #set = new Map<string, string>()
  #poke = new AbortController()

  /** Throws StartupError for a configuration or a state on disk that it cannot go on with. */
  constructor(deps: CpuManagerDeps) {
    this.#deps = deps
    this.#path = join(deps.rootDir, 'cpu_manager_state')
    try {
      this.#facts = factsOf(deps)
      this.#state = this.#load()
    } catch (error) {
      throw new StartupError(`CPU manager: ${(error as Error).message}`)
    }
    this.#save()
  }

  /** Without what pods have that are gone. */
  stateFor(pod: Pod): { state: CpuState; facts: CpuFacts } {
    const uids = new Set(this.#deps.pods().map((each) => each.metadata.uid))
    return { state: releasePods((uid) => uid !== pod.metadata.uid && !uids.has(uid), this.#state), facts: this.#facts }
  }

  /** Gives the pod its processors, or says why it cannot have them. */
  admit(pod: Pod, aligned: Aligned = {}): Rejection | undefined {
    const { state, facts } = this.stateFor(pod)
    const result = assignPod(pod, state, facts, aligned)
    if ('reason' in result) {
      cpuPinning.requests.inc()
      cpuPinning.errors.inc()
      return result
    }
    const owned = (of: CpuState): number => of.assigned.get(pod.metadata.uid ?? '')?.size ?? 0
    cpuPinning.requests.inc(owned(result.state) - owned(state))
    this.#become(result.state)
    return undefined
  }

  /** What a container of the pod may run on, and whether it is alone there. */
  cpusOf(pod: Pod, containerName: string): { cpus: string; exclusive: boolean } {
    const own = this.#state.assigned.get(pod.metadata.uid ?? '')?.get(containerName)
    return { cpus: cpuSetText(own ?? this.#state.shared), exclusive: own !== undefined }
  }

  /** Processors that the container has for itself. */
  ownedBy(podUid: string, containerName: string): readonly number[] {
    return [...(this.#state.assigned.get(podUid)?.get(containerName) ?? [])].sort((a, b) => a - b)
  }

  /** Processors that containers may have for themselves. */
  allocatable(): readonly number[] {
    return this.#facts.topology.map(({ id }) => id).filter((id) => !this.#facts.reserved.has(id))
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#poke = new AbortController()
      await this.#reconcile(signal).catch((error: unknown) => this.#deps.log.warn({ error }, 'cannot set the processors of containers'))
      await sleep(this.#deps.config.cpuManagerReconcilePeriod, AbortSignal.any([signal, this.#poke.signal]))
    }
  }

  async #reconcile(signal: AbortSignal): Promise<void> {
    const pods = new Map(this.#deps.pods().map((pod) => [pod.metadata.uid ?? '', pod]))
    if (pods.size === 0) return
    const containers = await this.#deps.runtime.listContainers({}, signal)
    const ids = new Set(containers.map(({ id }) => id))
    for (const id of this.#set.keys()) if (!ids.has(id)) this.#set.delete(id)
    for (const { id, podUid, name, state } of containers) {
      const pod = pods.get(podUid)
      if (!pod || state !== 'running') continue
      const { cpus } = this.cpusOf(pod, name)
      if (this.#set.get(id) === cpus) continue
      await this.#deps.runtime.updateResources(id, { cpusetCpus: cpus }, signal)
      this.#set.set(id, cpus)
    }
    const released = releasePods((uid) => !pods.has(uid), this.#state)
    if (released !== this.#state) this.#become(released)
  }

  #become(state: CpuState): void {
    if (state === this.#state) return
    const changed = cpuSetText(state.shared) !== cpuSetText(this.#state.shared)
    this.#state = state
    this.#save()
    if (changed) this.#poke.abort()
  }

  #load(): CpuState {
    const all: CpuSet = new Set(this.#facts.topology.map(({ id }) => id))
    const fresh = { shared: this.#facts.options.strictReservation ? difference(all, this.#facts.reserved) : all, assigned: new Map() }
    if (!existsSync(this.#path)) return fresh
    const file = JSON.parse(readFileSync(this.#path, 'utf8')) as StateFile
    if (file.policyName !== 'static')
      throw new Error(`configured policy "static" differs from state checkpoint policy "${file.policyName}": remove ${this.#path}`)
    const state = stateOf(file)
    const problem = stateProblem(state, this.#facts)
    if (problem !== undefined) throw new Error(`${problem}: please drain node and remove ${this.#path}`)
    return state
  }

  /** Upstream's file; it takes a checksum of 0 for none. A pod is not started before its processors are written down. */
  #save(): void {
    const owned = [...this.#state.assigned.values()].flatMap((containers) => [...containers.values()])
    cpuPinning.exclusive.set(owned.reduce((sum, set) => sum + set.size, 0))
    cpuPinning.sharedMillicores.set(this.#state.shared.size * 1000)
    const entries = [...this.#state.assigned].map(([uid, containers]) => [
      uid,
      Object.fromEntries([...containers].map(([name, set]) => [name, cpuSetText(set)])),
    ])
    const file = {
      policyName: 'static',
      defaultCpuSet: cpuSetText(this.#state.shared),
      ...(entries.length > 0 ? { entries: Object.fromEntries(entries) } : {}),
      checksum: 0,
    }
    writeFileSync(`${this.#path}.new`, JSON.stringify(file), { mode: 0o600 })
    renameSync(`${this.#path}.new`, this.#path)
  }
}

function stateOf({ defaultCpuSet, entries = {} }: StateFile): CpuState {
  const assigned = Object.entries(entries).map(
    ([uid, containers]) => [uid, new Map(Object.entries(containers).map(([name, text]) => [name, parseCpuSet(text)]))] as const,
  )
  return { shared: parseCpuSet(defaultCpuSet), assigned: new Map(assigned) }
}

function factsOf({ config, topology = observeTopology() }: CpuManagerDeps): CpuFacts {
  const milli = milliCpuOf(config.systemReserved['cpu']) + milliCpuOf(config.kubeReserved['cpu'])
  return {
    topology,
    reserved: reservedCpus(topology, parseCpuSet(config.reservedSystemCPUs), milli),
    options: policyOptions(config.cpuManagerPolicyOptions),
  }
}
