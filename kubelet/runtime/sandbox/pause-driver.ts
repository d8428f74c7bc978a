/** Sandboxes whose namespaces belong to a pause container: for a dockerd that does not know our runtime. Containers join it by id. */
import { exec } from '#component/exec.ts'
import type { Joining } from '#kubelet/runtime/docker-container.ts'
import { RuntimeError } from '#kubelet/runtime/runtime.ts'
import { type Creation, hostNamespaces, type SandboxDriver } from './driver.ts'
import { type PauseContainers, pauseName } from './pause-container.ts'
import { sysctlPath } from './pinned.ts'
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

  async create(record: SandboxRecord, { joinable, cgroup }: Creation, signal: AbortSignal): Promise<SandboxRecord> {
    const { config } = record
    await cgroup()
    const { hostname, hostConfig } = hostNamespaces(record)
    const joining: Joining = {
      networkDisabled: !config.hostNetwork,
      ...(hostname === undefined ? {} : { hostname }),
      hostConfig: { ...hostConfig, IpcMode: config.hostIpc ? 'host' : 'shareable' },
    }
    const pauseId = await this.#pauses.create(record, { joining, namespaces: {}, created: joinable }, signal)
    const sysctls = Object.entries(config.sysctls).flatMap(([name, value]) => [sysctlPath(name), value])
    if (sysctls.length > 0) await this.#set(pauseId, sysctls, signal)
    return { ...record, pauseId }
  }

  /** Docker itself sets those of networks that it knows, and of the containers that it starts; here both belong to the pod. */
  async #set(pauseId: string, sysctls: readonly string[], signal: AbortSignal): Promise<void> {
    const pid = await this.#pauses.pid(pauseId, signal)
    if (pid === undefined) throw new RuntimeError('notFound', 'the pause container has ended')
    const script = 'set -eu; while [ $# -gt 0 ]; do printf %s "$2" >"/proc/sys/$1"; shift 2; done'
    await exec(['nsenter', '-t', String(pid), '--net', '--ipc', 'sh', '-c', script, 'sh', ...sysctls], { signal })
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
