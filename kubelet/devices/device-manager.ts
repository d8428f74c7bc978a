/**
 * Devices of plug-ins: takes their registrations on the kubelet's socket, follows their lists, sets devices aside for pods that come, and has the
 * plug-ins hand them out when a container is started. Who has what is decided in `device-state.ts` and kept in upstream's checkpoint file.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import { isExtendedResource } from '#api/core/rules/resource-names.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { Rejection } from '#kubelet/admission/admission.ts'
import { Checkpoint, plainJson } from '#kubelet/checkpoint.ts'
import { type Assigned, nothingAssigned } from '#kubelet/containers/container-config.ts'
import { deviceAllocation, deviceRegistrations } from '#kubelet/metrics.ts'
import type { DeviceAmounts } from '#kubelet/node/node-status.ts'
import type { AnyContainer } from '#kubelet/pods/pod-containers.ts'
import type { Aligned } from '#kubelet/topology/hints.ts'
import { type CheckpointFile, checkpointOf, restored } from './device-checkpoint.ts'
import {
  alternatives,
  assignDevices,
  type Device,
  type DeviceResource,
  type DeviceState,
  deviceAmounts,
  wantedDevices,
} from './device-state.ts'
import { GrpcError, serveGrpc, status } from './grpc.ts'
import { containerAllocation, empty, registerRequest } from './messages.ts'
import { Plugin } from './plugin.ts'
import { decode, encode, type Message } from './proto.ts'

export interface DeviceManagerDeps {
  /** `device-plugins` under the kubelet's root directory. */
  directory: string
  /** Active pods. */
  pods(): readonly Pod[]
  /** What the node offers has changed. */
  changed(): void
  now(): Date
  log: Logger
}

/** A plug-in does not give what was set aside for a pod. */
export class AllocateError extends Error {}

type Allocation = Message<typeof containerAllocation>

export class DeviceManager implements Runnable {
  readonly name = 'device plug-ins'
  readonly #deps: DeviceManagerDeps
  readonly #resources = new Map<string, DeviceResource>()
  readonly #plugins = new Map<string, Plugin>()
  /** What the plug-ins answered, by pod, container and resource. */
  readonly #answers = new Map<string, Allocation>()
  #assigned: DeviceState['assigned'] = new Map()
  readonly #checkpoint: Checkpoint
  #signal: AbortSignal = AbortSignal.abort()

  constructor(deps: DeviceManagerDeps) {
    this.#deps = deps
    this.#checkpoint = new Checkpoint(join(deps.directory, 'kubelet_internal_checkpoint'), deps.log, plainJson)
    const { assigned, answers, resources } = restored(this.#checkpoint.read() as CheckpointFile | undefined)
    this.#assigned = assigned
    for (const [key, bytes] of answers) this.#answers.set(key, decode(containerAllocation, bytes))
    // None of them is there until its plug-in has come back.
    for (const name of resources) this.#resources.set(name, { devices: new Map(), stoppedAt: deps.now().getTime() })
  }

  amounts(): DeviceAmounts {
    return deviceAmounts(this.#state(), this.#deps.now().getTime())
  }

  /** Device ids by resource. */
  devicesOf(podUid: string, container: string): ReadonlyMap<string, readonly string[]> {
    return this.#assigned.get(podUid)?.get(container) ?? new Map()
  }

  resources(): ReadonlyMap<string, DeviceResource> {
    return this.#resources
  }

  /** Without what pods have that are gone. */
  stateFor(pod: Pod): DeviceState {
    const uids = new Set(this.#deps.pods().map((each) => each.metadata.uid))
    const active = [...this.#assigned].filter(([uid]) => uid === pod.metadata.uid || uids.has(uid))
    return { resources: this.#resources, assigned: new Map(active) }
  }

  /** Sets devices aside for the pod, or says why it cannot have them. */
  admit(pod: Pod, aligned: Aligned = {}): Rejection | undefined {
    const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
    if (!all.some((each) => wantedDevices(each, this.#state()).length > 0)) return undefined
    const result = assignDevices(pod, this.stateFor(pod), aligned)
    if ('problem' in result)
      return { reason: 'UnexpectedAdmissionError', message: `Allocate failed due to ${result.problem}, which is unexpected` }
    this.#assigned = result.assigned
    for (const key of this.#answers.keys()) if (!this.#assigned.has(key.split('/')[0] ?? '')) this.#answers.delete(key)
    this.#save()
    return undefined
  }

  /**
   * Has the plug-ins hand out the container's devices: before its first start, and where a plug-in asks for it before each. Throws AllocateError where the
   * pod cannot have them at all, and other errors where the start may be tried again.
   */
  async prepare(pod: Pod, container: AnyContainer): Promise<Assigned> {
    const uid = pod.metadata.uid ?? ''
    const own = [...(this.#assigned.get(uid)?.get(container.name) ?? [])]
    if (own.length === 0) return nothingAssigned
    const answers = await Promise.all(own.map(([name, ids]) => this.#handOut(uid, container.name, { name, ids })))
    return {
      ...nothingAssigned,
      env: Object.assign({}, ...answers.map(({ envs }) => envs)),
      mounts: answers.flatMap(({ mounts }) =>
        mounts.map(({ hostPath, containerPath, readOnly }) => ({ hostPath, containerPath, readOnly, propagation: 'private' as const })),
      ),
      devices: answers.flatMap(({ devices }) => devices),
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    const { directory } = this.#deps
    removeSockets(directory)
    const server = await serveGrpc(join(directory, 'kubelet.sock'), {
      '/v1beta1.Registration/Register': async (message) => {
        await this.#register(decode(registerRequest, message))
        return encode(empty, {})
      },
    })
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    server.close()
    for (const plugin of this.#plugins.values()) plugin.close()
  }

  async #handOut(uid: string, container: string, { name, ids }: { name: string; ids: readonly string[] }): Promise<Allocation> {
    const key = `${uid}/${container}/${name}`
    const plugin = this.#plugins.get(name)
    let known = this.#answers.get(key)
    let devices = ids
    if (!known) {
      try {
        if (!plugin) throw new Error(`unknown Device Plugin ${name}`)
        const preferred = await plugin.preferred(alternatives(name, ids, this.#state()), ids)
        // Another container may have been given some of them meanwhile.
        const still = new Set(alternatives(name, ids, this.#state()))
        if (preferred.every((id) => still.has(id))) devices = preferred
        this.#become(uid, container, { name, ids: devices })
        const end = deviceAllocation.startTimer({ resource_name: name })
        known = await plugin.allocate(devices)
        end()
        if (known.cdiDevices.length > 0) throw new Error(`${name} asks for CDI devices, which are not supported by this node`)
      } catch (error) {
        throw new AllocateError(`Allocate failed due to ${(error as Error).message}, which is unexpected`)
      }
      this.#answers.set(key, known)
      this.#save()
    }
    await plugin?.preStart(devices)
    return known
  }

  #become(uid: string, container: string, { name, ids }: { name: string; ids: readonly string[] }): void {
    const containers = new Map(this.#assigned.get(uid))
    containers.set(container, new Map([...(containers.get(container) ?? []), [name, ids]]))
    this.#assigned = new Map([...this.#assigned, [uid, containers]])
  }

  async #register(request: Message<typeof registerRequest>): Promise<void> {
    const { version, endpoint, resourceName } = request
    this.#deps.log.info({ resource: resourceName, endpoint }, 'a device plug-in registers')
    deviceRegistrations.inc({ resource_name: resourceName })
    if (version !== 'v1beta1')
      throw new GrpcError(
        status.unknown,
        `requested API version "${version}" is not supported by kubelet. Supported version is ["v1beta1"]`,
      )
    if (!isExtendedResource(resourceName)) throw new GrpcError(status.unknown, `the ResourceName "${resourceName}" is invalid`)
    if (endpoint.includes('/') || !existsSync(join(this.#deps.directory, endpoint)))
      throw new GrpcError(status.unknown, `failed to dial device plugin: there is no socket ${endpoint}`)
    this.#plugins.get(resourceName)?.close()
    const plugin = new Plugin(join(this.#deps.directory, endpoint), {
      listed: (devices) => this.#listed(resourceName, plugin, devices),
      stopped: (error) => this.#stopped(resourceName, plugin, error),
    })
    this.#plugins.set(resourceName, plugin)
    // The plug-in may wait for this answer before it serves.
    setImmediate(() => void plugin.follow(this.#signal))
  }

  #listed(name: string, plugin: Plugin, devices: ReadonlyMap<string, Device>): void {
    if (this.#plugins.get(name) !== plugin) return
    this.#resources.set(name, { devices, stoppedAt: undefined })
    this.#deps.log.info({ resource: name, devices: devices.size }, 'a device plug-in lists its devices')
    this.#save()
    this.#deps.changed()
  }

  #stopped(name: string, plugin: Plugin, error: Error | undefined): void {
    if (this.#plugins.get(name) !== plugin || this.#signal.aborted) return
    this.#plugins.delete(name)
    this.#deps.log.warn({ resource: name, error }, 'a device plug-in is gone')
    const devices = this.#resources.get(name)?.devices ?? new Map<string, Device>()
    this.#resources.set(name, { devices, stoppedAt: this.#deps.now().getTime() })
    this.#deps.changed()
  }

  #state(): DeviceState {
    return { resources: this.#resources, assigned: this.#assigned }
  }

  #save(): void {
    this.#checkpoint.changed(() =>
      checkpointOf(this.#state(), (key) => {
        const found = this.#answers.get(key)
        return found ? encode(containerAllocation, found) : Buffer.alloc(0)
      }),
    )
  }
}

/** Those of plug-ins that ran before: they see that theirs is gone, and register again. */
function removeSockets(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o750 })
  for (const name of readdirSync(directory)) if (lstatSync(join(directory, name)).isSocket()) rmSync(join(directory, name), { force: true })
}
