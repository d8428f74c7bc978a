/** Creates containers in their sandboxes, as Docker is to have them; one that a killed kubelet left half made is replaced. */
import { readFileSync } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from '#component/logging.ts'
import { type DockerApi, isStatus, runtimeError, unlessMissing } from './docker-api.ts'
import { type ContainerInspect, containerName, createBody } from './docker-container.ts'
import { timedCall } from './docker-metrics.ts'
import type { LoggedContainer, LogLinks } from './log-links.ts'
import { type ContainerConfig, RuntimeError } from './runtime.ts'
import type { SandboxDriver } from './sandbox/driver.ts'
import type { SandboxRecord } from './sandbox/record.ts'

interface CreationsParts {
  api: DockerApi
  links: LogLinks
  logRotation: { maxSize: string; maxFiles: number }
  minOomScoreAdj: number
  remove: (id: string, signal: AbortSignal) => Promise<void>
}

/** Where a container is created. */
export interface Place {
  record: SandboxRecord
  driver: SandboxDriver
  /** The sandbox's own folder. */
  folder: string
}

export class ContainerCreations {
  readonly #parts: CreationsParts

  constructor(parts: CreationsParts) {
    this.#parts = parts
  }

  /** Answers with what the container's log is known by, its id among it. Rejects with RuntimeError. */
  async create({ record, driver, folder }: Place, config: ContainerConfig, signal: AbortSignal): Promise<LoggedContainer> {
    // It may have ended since it was looked at, as with a dockerd that was started anew.
    if (record.state === 'ready' && !(await driver.alive(record, signal)))
      throw new RuntimeError('notFound', `sandbox ${record.id} has ended`)
    const { namespace, name, podUid, cgroupParent } = record.config
    const pod = { id: record.id, namespace, name, cgroupParent }
    const logged = { podNamespace: namespace, podName: name, podUid, container: config.name, attempt: config.attempt }
    const body = createBody({
      config,
      pod,
      joining: driver.joining(record),
      sandboxMounts: sandboxMounts(record, folder),
      logPath: this.#parts.links.podPath(logged),
      log: this.#parts.logRotation,
      minOomScoreAdj: this.#parts.minOomScoreAdj,
    })
    // As upstream's runtimes do: a source that is not there becomes a folder.
    await Promise.all(
      config.mounts.map(async ({ hostPath, exists }) => {
        if (!(exists || (await isThere(hostPath)))) await mkdir(hostPath, { recursive: true })
      }),
    )
    return { ...logged, id: await this.#post(containerName(pod, config), body, signal) }
  }

  /** A container of that name which does not run is what a killed kubelet left: it is replaced. */
  async #post(name: string, body: object, signal: AbortSignal): Promise<string> {
    const { api, remove } = this.#parts
    const create = () =>
      timedCall('create_container', api.call<{ Id: string }>('POST', '/containers/create', { query: { name }, body, signal }))
    try {
      return (await create()).Id
    } catch (error) {
      if (isStatus(error, 404)) throw new RuntimeError('imageNotFound', (error as Error).message, { cause: error })
      if (!isStatus(error, 409)) throw runtimeError(error)
      const other = await unlessMissing(api.call<ContainerInspect>('GET', `/containers/${name}/json`, { signal }))
      if (other !== undefined && other.State.Status !== 'created') throw runtimeError(error)
      if (other !== undefined) await remove(other.Id, signal)
    }
    return (await create().catch((error: unknown) => Promise.reject(runtimeError(error)))).Id
  }
}

function sandboxMounts(record: SandboxRecord, folder: string): { hostPath: string; containerPath: string }[] {
  return [
    { hostPath: path.join(folder, 'resolv.conf'), containerPath: '/etc/resolv.conf' },
    { hostPath: path.join(folder, 'hosts'), containerPath: '/etc/hosts' },
    { hostPath: path.join(folder, 'hostname'), containerPath: '/etc/hostname' },
    ...(record.ipc === undefined ? [] : [{ hostPath: path.join(folder, 'shm'), containerPath: '/dev/shm' }]),
  ]
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

/** Without CAP_SYS_RESOURCE (bit 24) the kernel refuses any score below the one that this process started with. */
export function lowestOomScoreAdj(log: Logger): number {
  const capabilities = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  if ((BigInt(`0x${capabilities}`) >> 24n) & 1n) return -1000
  const atLeast = Math.max(0, Number(readFileSync('/proc/self/oom_score_adj', 'utf8')))
  log.info({ atLeast }, 'oom scores cannot be lowered here, going on without')
  return atLeast
}
