/** Keeps the cgroups above those of pods: at the start, when the set of pods changes, and once a minute as upstream does. */
import type { Pod } from '#api/core/pod.ts'
import { sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { CgroupLimits } from '#kubelet/cgroups/cgroup-plan.ts'
import { hugePagesOf } from '#kubelet/cgroups/cgroup-plan.ts'
import type { Cgroups } from '#kubelet/cgroups/cgroups.ts'
import type { KubeletConfig } from '#kubelet/config/config-file.ts'
import { kubepodsLimits, reservedLimits, tierLimits } from './cgroup-tiers.ts'

export interface NodeCgroupsDeps {
  cgroups: Pick<Cgroups, 'ensure' | 'set' | 'root'>
  config: Pick<KubeletConfig, 'systemReserved' | 'kubeReserved' | 'enforceNodeAllocatable' | 'systemReservedCgroup' | 'kubeReservedCgroup'>
  /** With `pid`. */
  capacity: Readonly<Record<string, string>>
  pods(): readonly Pod[]
  /** An event about the node. */
  failed(message: string): void
  log: Logger
}

const everyMs = 60_000
/** Pods come in bursts. */
const settleMs = 100

export class NodeCgroups implements Runnable {
  readonly name = 'cgroups of the node'
  readonly #deps: NodeCgroupsDeps
  #wake: AbortController = new AbortController()
  #written = ''
  /** A limit below what is in use is refused until eviction has made room; it is tried again. */
  #refused = false

  constructor(deps: NodeCgroupsDeps) {
    this.#deps = deps
  }

  /** The pods of this node, or what they were given, have changed. */
  podsChanged(): void {
    if (!this.#wake.signal.aborted) this.#wake.abort()
  }

  /** The tiers wait until the pods are known, or a restart would take their share from those that run. */
  async #prepare(): Promise<void> {
    this.#refused = false
    const { cgroups, config, capacity } = this.#deps
    const enforced = config.enforceNodeAllocatable
    const reserved = enforced.includes('pods') ? [config.systemReserved, config.kubeReserved] : []
    await this.#ensure(`${cgroups.root}/kubepods`, kubepodsLimits(capacity, reserved))
    for (const [key, name, amounts] of [
      ['system-reserved', config.systemReservedCgroup, config.systemReserved],
      ['kube-reserved', config.kubeReservedCgroup, config.kubeReserved],
    ] as const) {
      const how = enforced.find((each) => each === key || each === `${key}-compressible`)
      if (how) await this.#enforce(name, reservedLimits(amounts, how !== key))
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#prepare()
    while (!signal.aborted) {
      await sleep(everyMs, AbortSignal.any([signal, this.#wake.signal]))
      const poked = this.#wake.signal.aborted
      await sleep(settleMs, signal)
      // Before the pods are read: what comes after that is told of again.
      this.#wake = new AbortController()
      if (!signal.aborted && this.#refused && !poked) await this.#prepare()
      if (!signal.aborted) await this.#tiers()
    }
  }

  async #tiers(): Promise<void> {
    const { cgroups, pods, capacity } = this.#deps
    const tiers = tierLimits(pods(), Object.keys(hugePagesOf(capacity)))
    const text = JSON.stringify(tiers)
    if (text === this.#written) return
    this.#written = text
    for (const [tier, limits] of Object.entries(tiers)) await this.#ensure(`${cgroups.root}/kubepods/${tier}`, limits)
  }

  async #ensure(path: string, limits: CgroupLimits): Promise<void> {
    for (const { file, error } of await this.#deps.cgroups.ensure(path, limits).catch((error: Error) => [{ file: path, error }])) {
      this.#refused = true
      this.#deps.log.warn({ file, error }, 'cannot set a limit of a cgroup of the node')
      this.#deps.failed(`Failed to update Node Allocatable Limits "${path}": ${error.message}`)
    }
  }

  async #enforce(path: string, limits: CgroupLimits): Promise<void> {
    try {
      await this.#deps.cgroups.set(path, limits)
    } catch (error) {
      this.#refused = true
      const { message } = error as Error
      this.#deps.log.error({ path, error }, 'cannot enforce what is reserved')
      this.#deps.failed(`Failed to enforce reserved Cgroup Limits on "${path}": ${message}`)
    }
  }
}
