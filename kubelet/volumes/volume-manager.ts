/** All volumes of a pod: puts them in place below the pod's directory, keeps them up to date, and takes every trace away. */
import { existsSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import type { Volume } from '#api/core/volume.ts'
import { exec } from '#component/exec.ts'
import type { Logger } from '#component/logging.ts'
import type { DownwardFacts } from '#kubelet/field-refs.ts'
import type { ObjectCache } from '#kubelet/object-cache.ts'
import { bytesOf } from '#kubelet/qos.ts'
import { applyFsGroup } from './group-ownership.ts'
import { volumeKind } from './index.ts'
import { isMountPoint, mountsBelow, unmountBelow } from './mounts.ts'
import type { TokenManager } from './tokens.ts'
import type { VolumeContext } from './volume.ts'

export interface VolumeManagerOptions {
  rootDir: string
  objects: ObjectCache
  tokens: TokenManager
  nodeMemoryBytes: number
  log: Logger
}

/** A volume that could not be put in place. */
export class MountError extends Error {
  readonly volume: string
  constructor(volume: string, cause: unknown) {
    super(`MountVolume.SetUp failed for volume "${volume}" : ${(cause as Error).message}`)
    this.name = 'MountError'
    this.volume = volume
  }
}

export class VolumeManager {
  readonly #options: VolumeManagerOptions
  /** uid → volume name → path that containers see. */
  readonly #paths = new Map<string, ReadonlyMap<string, string>>()
  #memoryRoot: string | undefined

  constructor(options: VolumeManagerOptions) {
    this.#options = options
  }

  /** One memory file system for the files of all secret volumes, so that they never reach a disk. */
  async start(): Promise<void> {
    const path = join(this.#options.rootDir, 'memory')
    mkdirSync(path, { recursive: true, mode: 0o755 })
    try {
      if (!isMountPoint(path)) await exec(['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', path])
      this.#memoryRoot = path
    } catch (error) {
      this.#options.log.warn({ path, error }, 'no memory file system can be mounted; secret volumes are written to disk')
    }
  }

  podDir(uid: string): string {
    return join(this.#options.rootDir, 'pods', uid)
  }

  path(uid: string, volume: string): string | undefined {
    return this.#paths.get(uid)?.get(volume)
  }

  /** Throws MountError for the first that fails, after all have been tried. */
  async mount(pod: Pod, facts: DownwardFacts, signal: AbortSignal): Promise<void> {
    const uid = pod.metadata.uid ?? ''
    mkdirSync(join(this.podDir(uid), 'volumes'), { recursive: true, mode: 0o750 })
    const volumes = pod.spec?.volumes ?? []
    if (volumes.length > 0) await this.#options.objects.ready(pod, signal)
    const results = await Promise.allSettled(volumes.map((volume) => this.#setUp(volume, pod, facts, signal)))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
    const paths = results.map((result) => (result.status === 'fulfilled' ? result.value : ''))
    this.#paths.set(uid, new Map(volumes.map((volume, i) => [volume.name, paths[i] ?? ''])))
  }

  /** Writes anew what has changed; the first failure is thrown after all have been tried. */
  async refresh(pod: Pod, facts: DownwardFacts, signal: AbortSignal): Promise<void> {
    const work = (pod.spec?.volumes ?? []).map(async (volume) => {
      try {
        await volumeKind(volume).refresh?.(volume, this.#context(volume, pod, facts, signal))
      } catch (error) {
        throw new MountError(volume.name, error)
      }
    })
    const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  /** Unmounts whatever is mounted below the pod's directory and removes the volumes. */
  async unmount(uid: string): Promise<void> {
    const directory = this.podDir(uid)
    this.#paths.delete(uid)
    this.#options.tokens.forget(uid)
    if (existsSync(directory)) await unmountBelow(directory)
    for (const name of ['volumes', 'volume-subpaths']) rmSync(join(directory, name), { recursive: true, force: true })
    if (this.#memoryRoot !== undefined) rmSync(join(this.#memoryRoot, uid), { recursive: true, force: true })
  }

  /** Takes the pod's directory away. Nothing may be mounted below it any more: it refuses rather than empty somebody's data. */
  async removeDirectory(uid: string): Promise<void> {
    await this.unmount(uid)
    const left = mountsBelow(this.podDir(uid))
    if (left.length > 0) throw new Error(`${left[0]} is still mounted`)
    rmSync(this.podDir(uid), { recursive: true, force: true })
  }

  hasDirectory(uid: string): boolean {
    return lstatSync(this.podDir(uid), { throwIfNoEntry: false }) !== undefined
  }

  async #setUp(volume: Volume, pod: Pod, facts: DownwardFacts, signal: AbortSignal): Promise<string> {
    try {
      const kind = volumeKind(volume)
      const path = await kind.setUp(volume, this.#context(volume, pod, facts, signal))
      const { fsGroup, fsGroupChangePolicy = 'Always' } = pod.spec?.securityContext ?? {}
      if (kind.ownedByGroup && fsGroup !== undefined) applyFsGroup(path, fsGroup, fsGroupChangePolicy)
      return path
    } catch (error) {
      throw new MountError(volume.name, error)
    }
  }

  #context(volume: Volume, pod: Pod, facts: DownwardFacts, signal: AbortSignal): VolumeContext {
    const uid = pod.metadata.uid ?? ''
    return {
      pod,
      path: join(this.podDir(uid), 'volumes', volumeKind(volume).plugin, volume.name),
      memoryPath: this.#memoryRoot === undefined ? undefined : join(this.#memoryRoot, uid, volume.name),
      objects: this.#options.objects,
      tokens: this.#options.tokens,
      facts,
      memoryLimitBytes: memoryLimit(pod) || this.#options.nodeMemoryBytes,
      signal,
    }
  }
}

/** The sum of the containers' limits, where all of them have one. */
function memoryLimit(pod: Pod): number {
  const limits = (pod.spec?.containers ?? []).map(({ resources }) => bytesOf(resources?.limits?.['memory']))
  return limits.includes(0) ? 0 : limits.reduce((sum, bytes) => sum + bytes, 0)
}
