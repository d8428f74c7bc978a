/** Sandboxes whose namespaces belong to a pause container: for a dockerd that does not know our runtime. Containers join it by id. */
import type { Joining } from '#kubelet/runtime/docker-container.ts'
import { RuntimeError } from '#kubelet/runtime/runtime.ts'
import { hostNamespaces, type SandboxDriver } from './driver.ts'
import { type PauseContainers, pauseName } from './pause-container.ts'
import type { SandboxRecord } from './record.ts'

export class PauseDriver implements SandboxDriver {
  readonly kind = 'pause'
  readonly holdsStarts = false
  readonly #pauses: PauseContainers

  constructor(pauses: PauseContainers) {
    this.#pauses = pauses
  }

  plan(record: SandboxRecord): SandboxRecord {
    return record
  }

  isPredictable(): boolean {
    return true
  }

  async create(record: SandboxRecord, signal: AbortSignal): Promise<SandboxRecord> {
    const { config } = record
    const { hostname, hostConfig } = hostNamespaces(record)
    // Sysctls of namespaces are set by Docker before the process starts; network ones need a network that Docker knows of, hence only here.
    const joining: Joining = {
      networkDisabled: !config.hostNetwork,
      ...(hostname === undefined ? {} : { hostname }),
      hostConfig: { ...hostConfig, IpcMode: config.hostIpc ? 'host' : 'shareable' },
    }
    if (Object.keys(config.sysctls).length > 0) {
      throw new RuntimeError('other', 'sysctls need pinned namespaces: register the typernetes runtime with dockerd')
    }
    return { ...record, pauseId: await this.#pauses.create(record, joining, {}, signal) }
  }

  async netnsPath(record: SandboxRecord, signal: AbortSignal): Promise<string> {
    if (record.config.hostNetwork || record.pauseId === undefined) return ''
    const pid = await this.#pauses.pid(record.pauseId, signal)
    return pid === undefined ? '' : `/proc/${pid}/ns/net`
  }

  async alive(record: SandboxRecord, signal: AbortSignal): Promise<boolean> {
    return record.pauseId !== undefined && (await this.#pauses.running(record.pauseId, signal))
  }

  async destroy(record: SandboxRecord, signal: AbortSignal): Promise<void> {
    await this.#pauses.removeOf(record.id, signal)
  }

  joining(record: SandboxRecord): Joining {
    const { hostConfig } = hostNamespaces(record)
    const pause = `container:${record.pauseId ?? pauseName(record)}`
    return {
      // Docker takes the hostname of the container that is joined.
      networkDisabled: false,
      hostConfig: { NetworkMode: pause, ...hostConfig, IpcMode: record.config.hostIpc ? 'host' : pause },
    }
  }

  wrapped(): Readonly<Record<string, string>> {
    return {}
  }
}
