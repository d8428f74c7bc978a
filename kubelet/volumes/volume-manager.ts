/** All volumes of a pod: puts them in place below the pod's directory, keeps them up to date, and takes every trace away. */
import { existsSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import type { Volume } from '#api/core/volume.ts'
import type { Logger } from '#component/logging.ts'
import { bytesOf } from '#kubelet/cgroups/qos.ts'
import type { DownwardFacts } from '#kubelet/environment/field-refs.ts'
import { timedMount } from '#kubelet/metrics.ts'
import type { ObjectCache } from '#kubelet/object-cache.ts'
import { containersOf } from '#kubelet/pods/pod-containers.ts'
import type { CountedVolumes } from '#kubelet/stats/kubelet-metrics.ts'
import { type ClaimReader, checkMode, checkNodeAffinity, resolveClaim, UnprocessedError } from './claims.ts'
import { type KindOfVolume, kindOfVolume, sourceName, type VolumeField } from './index.ts'
import { MountError, mountFailure } from './mount-failure.ts'
import { isMountPoint, mount, unmountBelow, unswappedHere } from './mounts.ts'
import type { TokenManager } from './tokens.ts'
import type { VolumeContext, VolumeSpec } from './volume.ts'

export interface VolumeManagerOptions {
  rootDir: string
  objects: ObjectCache
  tokens: TokenManager
  claims: ClaimReader
  node(): Node | undefined
  nodeMemoryBytes: number
  /** False on a node that only pretends: files are written, nothing is mounted and nothing of the host is touched. */
  mounts: boolean
  log: Logger
}

/** A volume that is in place. */
export interface PlacedVolume {
  field: VolumeField
  spec: VolumeSpec
  /** What containers see; of a volume in block mode the device. */
  path: string
  readOnly: boolean
}

/** Made of files alone. */
const written: ReadonlySet<VolumeField> = new Set(['configMap', 'downwardAPI', 'projected', 'secret'])

interface Uses {
  mounted: boolean
  asDevice: boolean
}

export class VolumeManager {
  readonly #options: VolumeManagerOptions
  /** uid → the pod's name of the volume. */
  readonly #placed = new Map<string, Map<string, PlacedVolume>>()
  #memoryRoot: string | undefined

  constructor(options: VolumeManagerOptions) {
    this.#options = options
  }

  /** One memory file system for the files of all secret volumes, so that they never reach a disk. */
  async start(): Promise<void> {
    const path = join(this.#options.rootDir, 'memory')
    mkdirSync(path, { recursive: true, mode: 0o750 })
    try {
      if (!isMountPoint(path)) await mount(['-t', 'tmpfs', '-o', ['mode=0750', ...unswappedHere()].join(','), 'tmpfs', path], {})
      this.#memoryRoot = path
    } catch (error) {
      this.#options.log.warn({ path, error }, 'no memory file system can be mounted; secret volumes are written to disk')
    }
  }

  podDir(uid: string): string {
    return join(this.#options.rootDir, 'pods', uid)
  }

  placed(uid: string, volume: string): PlacedVolume | undefined {
    return this.#placed.get(uid)?.get(volume)
  }

  /** What containers see of a volume that is in place, for those who measure it. */
  path(uid: string, volume: string): string | undefined {
    return this.placed(uid, volume)?.path
  }

  /** Those in place, and those that these pods are to have; of a claim that is not in place nobody knows which plug-in it will be. */
  counts(pods: readonly Pod[]): CountedVolumes[] {
    const actual = [...this.#placed.values()].flatMap((placed) => [...placed.values()].map(({ spec }) => spec))
    const desired = pods.flatMap((pod) => {
      const uses = usesOf(pod)
      const used = (pod.spec?.volumes ?? []).filter(({ name }) => uses.has(name))
      return used.map((volume) => this.placed(pod.metadata.uid ?? '', volume.name)?.spec ?? volume)
    })
    return [...countsOf('desired_state_of_world', desired), ...countsOf('actual_state_of_world', actual)]
  }

  /** Whether volumes are really mounted here. */
  get mounts(): boolean {
    return this.#options.mounts
  }

  /** Groups that a pod's volumes want their users to be in. */
  groups(uid: string): number[] {
    return [...(this.#placed.get(uid)?.values() ?? [])].flatMap(({ spec }) => (spec.gid === undefined ? [] : [spec.gid]))
  }

  /** All that some container uses, as upstream. Throws MountFailure after all have been tried. */
  async mount(pod: Pod, facts: DownwardFacts, signal: AbortSignal): Promise<void> {
    const uid = pod.metadata.uid ?? ''
    mkdirSync(join(this.podDir(uid), 'volumes'), { recursive: true, mode: 0o750 })
    this.#placed.set(uid, new Map())
    await this.refresh(pod, facts, signal)
  }

  /** Writes anew what has changed, and puts in place what a later container uses. Throws MountFailure after all have been tried. */
  async refresh(pod: Pod, facts: DownwardFacts, signal: AbortSignal): Promise<void> {
    const placed = this.#placed.get(pod.metadata.uid ?? '') ?? new Map<string, PlacedVolume>()
    this.#placed.set(pod.metadata.uid ?? '', placed)
    const uses = usesOf(pod)
    const volumes = (pod.spec?.volumes ?? []).filter((volume) => uses.has(volume.name))
    const failures = new Map<string, Error>()
    const each = async (volume: Volume): Promise<void> => {
      try {
        const found = placed.get(volume.name)
        if (found) await this.#refresh(found, volume.name, { pod, facts, signal })
        else placed.set(volume.name, await this.#place(volume, uses.get(volume.name), { pod, facts, signal }))
      } catch (error) {
        failures.set(volume.name, error as Error)
      }
    }
    await Promise.all(volumes.map(each))
    signal.throwIfAborted()
    if (failures.size > 0) throw mountFailure(new Map(volumes.flatMap(({ name }) => entryOf(failures, name))))
  }

  /**
   * Unmounts whatever is mounted below the pod's directory and removes the volumes. Nothing may be mounted there any more then: it refuses rather
   * than empty somebody's data.
   */
  async unmount(uid: string): Promise<void> {
    const directory = this.podDir(uid)
    this.#placed.delete(uid)
    this.#options.tokens.forget(uid)
    if (this.#options.mounts && existsSync(directory)) {
      const [left] = await unmountBelow(directory)
      if (left !== undefined) throw new Error(`${left} is still mounted`)
    }
    for (const name of ['volumes', 'volume-subpaths', 'plugins']) rmSync(join(directory, name), { recursive: true, force: true })
    if (this.#memoryRoot !== undefined) rmSync(join(this.#memoryRoot, uid), { recursive: true, force: true })
  }

  /** Takes the pod's directory away with all that is in it. */
  async removeDirectory(uid: string): Promise<void> {
    await this.unmount(uid)
    rmSync(this.podDir(uid), { recursive: true, force: true })
  }

  hasDirectory(uid: string): boolean {
    return lstatSync(this.podDir(uid), { throwIfNoEntry: false }) !== undefined
  }

  async #place(volume: Volume, uses: Uses = { mounted: false, asDevice: false }, given: Given): Promise<PlacedVolume> {
    const { spec, persistent } = await resolveClaim(given.pod, volume, this.#options.claims)
    if (persistent) checkMode(volume.name, spec.block ?? false, uses)
    const known = kindOfVolume(spec)
    if (!known) throw new UnprocessedError(noPlugin(spec))
    const { field, kind } = known
    const readOnly = (kind.readOnly ?? false) || (spec.readOnly ?? false)
    try {
      await this.#sources(field, given)
      if (persistent) checkNodeAffinity(persistent, this.#options.node())
      if (spec.block) {
        if (!kind.device) throw new UnprocessedError(`no volume plugin matched: ${field} volumes cannot be block devices on this node`)
        return { field, spec, path: kind.device(spec), readOnly }
      }
      const context = this.#context(volume.name, spec, known, given)
      const setUp = async (): Promise<string> =>
        this.#options.mounts || written.has(field) ? await kind.setUp(spec, context) : context.path
      const path = await timedMount(pluginName(kind.plugin), setUp)
      return { field, spec, path, readOnly }
    } catch (error) {
      throw error instanceof UnprocessedError ? error : new MountError(spec.name, error)
    }
  }

  async #refresh(placed: PlacedVolume, mountName: string, given: Given): Promise<void> {
    const known = kindOfVolume(placed.spec)
    if (!known?.kind.refresh) return
    try {
      await this.#sources(known.field, given)
      await known.kind.refresh(placed.spec, this.#context(mountName, placed.spec, known, given))
    } catch (error) {
      throw new MountError(placed.spec.name, error)
    }
  }

  /** What the volume is made of has been read. */
  async #sources(field: VolumeField, { pod, signal }: Given): Promise<void> {
    if (field === 'configMap' || field === 'secret' || field === 'projected') await this.#options.objects.ready(pod, signal)
  }

  #context(mountName: string, spec: VolumeSpec, { kind }: KindOfVolume, { pod, facts, signal }: Given): VolumeContext {
    const uid = pod.metadata.uid ?? ''
    return {
      pod,
      mountName,
      path: join(this.podDir(uid), 'volumes', kind.plugin, spec.name),
      notesPath: join(this.podDir(uid), 'plugins', kind.plugin, spec.name),
      memoryPath: this.#memoryRoot === undefined ? undefined : join(this.#memoryRoot, uid, spec.name),
      objects: this.#options.objects,
      tokens: this.#options.tokens,
      facts,
      memoryLimitBytes: memoryLimit(pod, bytesOf(facts.allocatable['memory']) || this.#options.nodeMemoryBytes),
      signal,
    }
  }
}

/** In the order of the pod's volumes, so that an event's text does not depend on which was tried first. */
function entryOf(failures: ReadonlyMap<string, Error>, name: string): [string, Error][] {
  const failure = failures.get(name)
  return failure ? [[name, failure]] : []
}

interface Given {
  pod: Pod
  facts: DownwardFacts
  signal: AbortSignal
}

function noPlugin(spec: VolumeSpec): string {
  const kind = sourceName(spec) ?? 'unknown'
  return `failed to get Plugin from volumeSpec for volume "${spec.name}" err=no volume plugin matched: ${kind} volumes are not supported by this node`
}

function countsOf(state: CountedVolumes['state'], specs: readonly VolumeSpec[]): CountedVolumes[] {
  const plugins = specs.map((spec) => kindOfVolume(spec)?.kind.plugin).filter((plugin) => plugin !== undefined)
  return [...Map.groupBy(plugins, (plugin) => plugin)].map(([plugin, all]) => ({ plugin: pluginName(plugin), state, count: all.length }))
}

/** As the API names what is a folder's name on disk. */
const pluginName = (plugin: string): string => plugin.replace('~', '/')

/** The volumes that containers use, by name. */
function usesOf(pod: Pod): Map<string, Uses> {
  const uses = new Map<string, Uses>()
  const of = (name: string): Uses => {
    const found = uses.get(name) ?? { mounted: false, asDevice: false }
    uses.set(name, found)
    return found
  }
  for (const { container } of containersOf(pod)) {
    for (const { name } of container.volumeMounts ?? []) of(name).mounted = true
    for (const { name } of container.volumeDevices ?? []) of(name).asDevice = true
  }
  return uses
}

/** What the pod may use: its own limit or the sum of its containers', where all of them have one; never more than `most`. */
function memoryLimit(pod: Pod, most: number): number {
  const limits = (pod.spec?.containers ?? []).map(({ resources }) => bytesOf(resources?.limits?.['memory']))
  const summed = limits.includes(0) ? 0 : limits.reduce((sum, bytes) => sum + bytes, 0)
  const limit = bytesOf(pod.spec?.resources?.limits?.['memory']) || summed
  return limit > 0 ? Math.min(limit, most) : most
}
