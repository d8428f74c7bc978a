/** The process that holds a pod's PID namespace, or all of its namespaces where they cannot be pinned: a container that only waits. */
import { type DockerApi, isStatus, unlessMissing } from '#kubelet/runtime/docker-api.ts'
import { type Joining, label } from '#kubelet/runtime/docker-container.ts'
import { ensurePauseImage } from './pause-image.ts'
import type { SandboxRecord } from './record.ts'

export const sandboxLabel = 'podsandbox'

export interface PauseOptions {
  api: DockerApi
  minOomScoreAdj: number
  /** Puts the namespaces where the runtime wrapper looks for a container's. */
  wrap: (containerId: string, namespaces: Readonly<Record<string, string>>) => Promise<void>
  unwrap: (containerId: string) => Promise<void>
  /** Ends what runs of one that Docker takes for never started. */
  endUnknown: (containerId: string) => Promise<void>
}

/** By this name others join it before its id is on record. */
export const pauseName = ({ id, config }: SandboxRecord): string =>
  `k8s_POD_${config.name}_${config.namespace}_${config.podUid}_${config.attempt}_${id.slice(0, 8)}`

export interface PauseStart {
  joining: Joining
  namespaces: Readonly<Record<string, string>>
  /** Called when others can be created that join it. */
  created?: () => void
}

export interface PauseContainer {
  id: string
  sandboxId: string
  /** In Docker's words. */
  state: string
}

export class PauseContainers {
  readonly #options: PauseOptions
  #image: Promise<string> | undefined

  constructor(options: PauseOptions) {
    this.#options = options
  }

  /** Creates and starts it; what was left of an earlier attempt for the same sandbox is replaced. */
  async create(record: SandboxRecord, { joining, namespaces, created }: PauseStart, signal: AbortSignal): Promise<string> {
    const { api, wrap } = this.#options
    const { config } = record
    this.#image ??= ensurePauseImage(api)
    const image = await this.#image.catch((error) => {
      this.#image = undefined
      throw error
    })
    const body = {
      Image: image,
      NetworkDisabled: joining.networkDisabled,
      ...(joining.hostname === undefined ? {} : { Hostname: joining.hostname }),
      Labels: {
        [label.type]: sandboxLabel,
        [label.podName]: config.name,
        [label.podNamespace]: config.namespace,
        [label.podUid]: config.podUid,
        [label.attempt]: String(config.attempt),
        [label.sandboxId]: record.id,
      },
      HostConfig: {
        ...joining.hostConfig,
        CgroupParent: config.cgroupParent,
        RestartPolicy: { Name: 'no' },
        LogConfig: { Type: 'none' },
        OomScoreAdj: Math.max(-998, this.#options.minOomScoreAdj),
      },
    }
    const query = { name: pauseName(record) }
    const { Id } = await api.call<{ Id: string }>('POST', '/containers/create', { query, body, signal })
    created?.()
    await wrap(Id, namespaces)
    await api.call('POST', `/containers/${Id}/start`, { signal })
    return Id
  }

  async pid(id: string, signal: AbortSignal): Promise<number | undefined> {
    const found = await unlessMissing(
      this.#options.api.call<{ State: { Running: boolean; Pid: number } }>('GET', `/containers/${id}/json`, { signal, timeoutMs: 15_000 }),
    )
    return found?.State.Running === true ? found.State.Pid : undefined
  }

  async running(id: string, signal: AbortSignal): Promise<boolean> {
    return (await this.pid(id, signal)) !== undefined
  }

  /** Those of one sandbox, or all with the sandbox they belong to. */
  async list(sandboxId: string | undefined, signal: AbortSignal): Promise<readonly PauseContainer[]> {
    const labels = [`${label.type}=${sandboxLabel}`, ...(sandboxId === undefined ? [] : [`${label.sandboxId}=${sandboxId}`])]
    const query = { all: 1, filters: JSON.stringify({ label: labels }) }
    const found = await this.#options.api.call<{ Id: string; State: string; Labels: Record<string, string> }[]>('GET', '/containers/json', {
      query,
      signal,
      timeoutMs: 30_000,
    })
    return found.map(({ Id, State, Labels }) => ({ id: Id, sandboxId: Labels[label.sandboxId] ?? '', state: State }))
  }

  async removeOf(sandboxId: string, signal: AbortSignal): Promise<void> {
    for (const pause of await this.list(sandboxId, signal)) await this.remove(pause, signal)
  }

  async remove({ id, state }: Pick<PauseContainer, 'id' | 'state'>, signal: AbortSignal): Promise<void> {
    if (state === 'created') await this.#options.endUnknown(id)
    try {
      await unlessMissing(this.#options.api.call('DELETE', `/containers/${id}`, { query: { force: 1, v: 1 }, signal }))
    } catch (error) {
      // Its removal is under way already.
      if (!isStatus(error, 409)) throw error
    }
    await this.#options.unwrap(id)
  }
}
