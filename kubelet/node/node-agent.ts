/** Registers the node and keeps its status current: at once when something changed, and every few minutes as a sign of life. */
import { type Node, type NodeStatus, Nodes } from '#api/core/node.ts'
import { ApiError } from '#api/meta/status.ts'
import type { EventRecorder } from '#client/events.ts'
import type { Client } from '#client/rest.ts'
import { sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { Settings } from '#kubelet/config/config.ts'
import { persist } from '#kubelet/pods/persist.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'
import type { MachineFacts } from './machine.ts'
import { nodeEvents } from './node-events.ts'
import { type DeviceAmounts, hasChanged, nodeStatus } from './node-status.ts'
import { tellReady, tellRegistration } from './startup-times.ts'

export interface NodeAgentDeps {
  client: Client
  runtime: ContainerRuntime
  recorder: Pick<EventRecorder, 'event'>
  settings: Settings
  machine: MachineFacts
  addresses: readonly { type: string; address: string }[]
  port(): number
  devices?(): DeviceAmounts
  /** What is wrong with the node that only its events tell of, once in the kubelet's life. */
  faults?: readonly { reason: string; message: string }[]
  /** Conditions of pressure that are true. */
  pressure(): readonly string[]
  /** What keeps the node from being ready, beside its runtime. */
  problems(): readonly string[]
  now(): Date
  log: Logger
}

/** Events that tell of a condition, by condition and status. */
const conditionEvents: Readonly<Record<string, string>> = {
  'MemoryPressure=False': 'NodeHasSufficientMemory',
  'MemoryPressure=True': 'NodeHasInsufficientMemory',
  'DiskPressure=False': 'NodeHasNoDiskPressure',
  'DiskPressure=True': 'NodeHasDiskPressure',
  'PIDPressure=False': 'NodeHasSufficientPID',
  'PIDPressure=True': 'NodeHasInsufficientPID',
  'Ready=True': 'NodeReady',
  'Ready=False': 'NodeNotReady',
}

export class NodeAgent implements Runnable {
  readonly name = 'node status'
  readonly #deps: NodeAgentDeps
  readonly #told = new Map<string, string>()
  #node: Node | undefined
  #reportedAt = 0
  #poke: (() => void) | undefined
  /** By the clock of this process: when registration was first tried, and when a node that was not there before was made. */
  #attemptedAtMs: number | undefined
  #newAtMs: number | undefined

  constructor(deps: NodeAgentDeps) {
    this.#deps = deps
  }

  /** The node as the API had it last. */
  node(): Node | undefined {
    return this.#node
  }

  /** Look now: the runtime or the network has changed. */
  poke(): void {
    this.#poke?.()
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, settings } = this.#deps
    this.#event('Starting', 'Starting kubelet.')
    for (const { reason, message } of this.#deps.faults ?? []) this.#event(reason, message, 'Warning')
    const failed = (error: unknown): void => log.warn({ node: settings.nodeName, error }, 'cannot register the node')
    await persist(() => this.#register(signal), { signal, failed, maxMs: 7000 }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
    while (!signal.aborted) {
      const ready = this.#node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
      // Until the node is ready every second counts; after that changes are rare.
      await this.#pause(ready ? settings.config.nodeStatusUpdateFrequency : 500, signal)
      if (signal.aborted) return
      try {
        await this.#update(signal)
      } catch (error) {
        if (signal.aborted) return
        log.warn({ node: settings.nodeName, error }, 'cannot update the status of the node')
        if (error instanceof ApiError && error.code === 404) await this.#register(signal).catch(failed)
      }
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    const poked = new AbortController()
    this.#poke = () => poked.abort()
    return sleep(ms, AbortSignal.any([signal, poked.signal]))
  }

  async #register(signal: AbortSignal): Promise<void> {
    const { client, settings, log } = this.#deps
    const status = await this.#status({}, signal)
    if (!settings.config.registerNode) {
      this.#node = await client.get(Nodes, { name: settings.nodeName }, { signal })
      return
    }
    const initial = this.#initialNode()
    const began = this.#attemptedAtMs ?? performance.now()
    this.#attemptedAtMs = began
    try {
      this.#node = await client.create(Nodes, { ...initial, status }, { signal })
      log.info({ node: settings.nodeName }, 'registered the node')
      this.#newAtMs ??= performance.now()
      tellRegistration(began, this.#newAtMs)
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 409)) throw error
      this.#node = await this.#reconcile(initial, signal)
      log.info({ node: settings.nodeName }, 'the node was registered before')
    }
    if (this.#node.status?.nodeInfo?.bootID && this.#node.status.nodeInfo.bootID !== this.#deps.machine.bootId)
      this.#event('Rebooted', `Node ${settings.nodeName} has been rebooted, boot id: ${this.#deps.machine.bootId}`, 'Warning')
    await this.#update(signal)
    this.#event('NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods')
  }

  #initialNode(): Node {
    const { settings, machine } = this.#deps
    const labels = {
      'beta.kubernetes.io/arch': machine.architecture,
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': machine.architecture,
      'kubernetes.io/hostname': settings.nodeName,
      'kubernetes.io/os': 'linux',
      ...Object.fromEntries(settings.labels),
    }
    const { podCIDR, providerID } = settings.config
    const annotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' }
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: settings.nodeName, labels, annotations },
      spec: {
        ...(podCIDR === '' ? {} : { podCIDR, podCIDRs: [podCIDR] }),
        ...(providerID === '' ? {} : { providerID }),
        ...(settings.taints.length === 0 ? {} : { taints: settings.taints as NonNullable<NonNullable<Node['spec']>['taints']> }),
      },
      status: {},
    }
  }

  /** Brings the labels and annotations that are the kubelet's up to date in a node that is there already; everything else is others'. */
  async #reconcile(initial: Node, signal: AbortSignal): Promise<Node> {
    const { client, settings } = this.#deps
    const ref = { name: settings.nodeName }
    const existing = await client.get(Nodes, ref, { signal })
    const missing = (wanted: Record<string, string> | undefined, has: Record<string, string> | undefined) =>
      Object.fromEntries(Object.entries(wanted ?? {}).filter(([key, value]) => has?.[key] !== value))
    const labels = missing(initial.metadata.labels, existing.metadata.labels)
    const annotations = missing(initial.metadata.annotations, existing.metadata.annotations)
    if (Object.keys(labels).length + Object.keys(annotations).length === 0) return existing
    return client.patch(Nodes, ref, { type: 'strategic', body: { metadata: { labels, annotations } } }, { signal })
  }

  async #update(signal: AbortSignal): Promise<void> {
    const { client, settings, now } = this.#deps
    const ref = { name: settings.nodeName }
    // The conditions of others (NetworkUnavailable) and the podCIDR are read anew each time.
    const existing = await client.get(Nodes, ref, { signal, resourceVersion: '0' })
    const status = await this.#status(existing.status ?? {}, signal)
    const due = now().getTime() - this.#reportedAt >= settings.config.nodeStatusReportFrequency
    this.#node = existing
    this.#tellConditions(status, existing.status ?? {})
    if (!due && !hasChanged(existing.status ?? {}, status)) return
    this.#node = await client.patch(
      Nodes,
      ref,
      { type: 'strategic', body: { metadata: { uid: existing.metadata.uid }, status: patchOf(status) } },
      { subresource: 'status', signal },
    )
    this.#reportedAt = now().getTime()
  }

  async #status(previous: NodeStatus, signal: AbortSignal): Promise<NodeStatus> {
    const { runtime, settings, machine } = this.#deps
    const { config } = settings
    const found = await runtimeFacts(runtime, this.#deps.problems(), signal)
    return nodeStatus({
      machine,
      pressure: this.#deps.pressure(),
      runtime: found.runtime,
      images: found.images,
      addresses: this.#deps.addresses,
      port: this.#deps.port(),
      maxPods: config.maxPods,
      maxImages: config.nodeStatusMaxImages,
      stated: settings.capacity,
      reserved: [config.systemReserved, config.kubeReserved],
      evictionHard: config.evictionHard,
      ...(this.#deps.devices ? { devices: this.#deps.devices() } : {}),
      previous,
      now: this.#deps.now(),
    })
  }

  /** After a start all pressures are told once more, as upstream does; that the node is ready only where it was not. */
  #tellConditions(status: NodeStatus, before: NodeStatus): void {
    for (const { type, status: value } of status.conditions ?? []) {
      const event = conditionEvents[`${type}=${value}`]
      if (!event || this.#told.get(type) === event) continue
      if (event === 'NodeReady' && this.#newAtMs !== undefined) tellReady(this.#newAtMs)
      const isFirst = !this.#told.has(type)
      this.#told.set(type, event)
      if (isFirst && type === 'Ready' && before.conditions?.some((each) => each.type === type && each.status === value)) continue
      this.#event(event, `Node ${this.#deps.settings.nodeName} status is now: ${event}`)
    }
  }

  #event(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    const { recorder, settings } = this.#deps
    nodeEvents(recorder, settings.nodeName)({ type, reason, message })
  }
}

/** Addresses are merged by type in a patch: two of one type need the list to be replaced. */
function patchOf(status: NodeStatus): object {
  return { ...status, addresses: [...(status.addresses ?? []), { $patch: 'replace' }] }
}

async function runtimeFacts(runtime: ContainerRuntime, others: readonly string[], signal: AbortSignal) {
  const status = await runtime.status(signal)
  const problems: string[] = []
  if (!status.runtimeReady) problems.push(`container runtime is down${status.runtimeMessage ? `: ${status.runtimeMessage}` : ''}`)
  if (!status.networkReady)
    problems.push(
      `container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: ${status.networkMessage}`,
    )
  problems.push(...others)
  const known = status.runtimeReady
  const version = known ? await runtime.version(signal) : undefined
  return {
    runtime: {
      ready: problems.length === 0,
      problems,
      version: version ? `${version.name}://${version.version}` : 'docker://Unknown',
      handlers: status.handlers,
    },
    images: known ? await runtime.listImages(signal) : [],
  }
}
