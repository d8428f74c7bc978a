/** One device plug-in, behind its socket. */
import type { Device } from './device-state.ts'
import { GrpcClient } from './grpc.ts'
import {
  allocateRequest,
  allocateResponse,
  type containerAllocation,
  listAndWatchResponse,
  pluginOptions,
  preferredRequest,
  preferredResponse,
  preStartRequest,
} from './messages.ts'
import { decode, encode, type Message } from './proto.ts'

export interface PluginListener {
  listed(devices: ReadonlyMap<string, Device>): void
  /** It is gone; called once. */
  stopped(error: Error | undefined): void
}

const service = '/v1beta1.DevicePlugin'
const callTimeoutMs = 10_000
const preStartTimeoutMs = 30_000

export class Plugin {
  readonly #socket: string
  readonly #listener: PluginListener
  readonly #stop = new AbortController()
  #client: GrpcClient | undefined
  #options: Message<typeof pluginOptions> = { preStartRequired: false, getPreferredAllocationAvailable: false }

  constructor(socket: string, listener: PluginListener) {
    this.#socket = socket
    this.#listener = listener
  }

  /** Lists its devices as long as it lives. */
  async follow(signal: AbortSignal): Promise<void> {
    let problem: Error | undefined
    try {
      this.#client = await GrpcClient.connect(this.#socket, () => this.close())
      this.#options = decode(pluginOptions, await this.#client.unary(`${service}/GetDevicePluginOptions`, Buffer.alloc(0), callTimeoutMs))
      const each = (message: Buffer): void => this.#listener.listed(devicesOf(message))
      await this.#client.stream(`${service}/ListAndWatch`, Buffer.alloc(0), each, AbortSignal.any([signal, this.#stop.signal]))
    } catch (error) {
      problem = error as Error
    }
    this.close()
    this.#listener.stopped(problem)
  }

  /** The devices that the plug-in would rather give out of those that may be had; as many as `own`. */
  async preferred(available: readonly string[], own: readonly string[]): Promise<readonly string[]> {
    if (!this.#options.getPreferredAllocationAvailable || available.length <= own.length) return own
    const request = { containers: [{ available: [...available], mustInclude: [], size: own.length }] }
    const answer = await this.#call('GetPreferredAllocation', encode(preferredRequest, request), callTimeoutMs)
    const wanted = (decode(preferredResponse, answer).containers[0]?.deviceIds ?? []).filter((id) => available.includes(id))
    return [...new Set([...wanted, ...own])].slice(0, own.length)
  }

  async allocate(deviceIds: readonly string[]): Promise<Message<typeof containerAllocation>> {
    const request = encode(allocateRequest, { containers: [{ deviceIds: [...deviceIds] }] })
    const [answer] = decode(allocateResponse, await this.#call('Allocate', request, callTimeoutMs)).containers
    if (!answer) throw new Error('no containers return in allocation response')
    return answer
  }

  async preStart(deviceIds: readonly string[]): Promise<void> {
    if (!this.#options.preStartRequired) return
    try {
      await this.#call('PreStartContainer', encode(preStartRequest, { deviceIds: [...deviceIds] }), preStartTimeoutMs)
    } catch (error) {
      throw new Error(`device plugin PreStartContainer rpc failed with err: ${(error as Error).message}`)
    }
  }

  close(): void {
    this.#stop.abort()
    this.#client?.close()
  }

  #call(method: string, message: Buffer, timeoutMs: number): Promise<Buffer> {
    if (!this.#client) return Promise.reject(new Error('the device plug-in does not answer yet'))
    return this.#client.unary(`${service}/${method}`, message, timeoutMs)
  }
}

function devicesOf(message: Buffer): Map<string, Device> {
  return new Map(
    decode(listAndWatchResponse, message).devices.map(({ id, health, topology }) => [
      id,
      { healthy: health === 'Healthy', numaNodes: topology?.nodes.map((node) => node.id) ?? [] },
    ]),
  )
}
