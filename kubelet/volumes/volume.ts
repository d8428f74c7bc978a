/** What a kind of volume is to the kubelet: how it is put in place below the pod's directory, kept up to date and taken away. */
import type { LocalVolumeSource } from '#api/core/persistent-volume-source.ts'
import type { Pod } from '#api/core/pod.ts'
import type { Volume } from '#api/core/volume.ts'
import type { DownwardFacts } from '#kubelet/environment/field-refs.ts'
import type { ObjectCache } from '#kubelet/object-cache.ts'
import type { TokenSource } from './tokens.ts'

/** A pod's volume with its claim replaced by the PersistentVolume behind it; `name` is the latter's then, as in upstream's paths and events. */
export interface VolumeSpec extends Volume {
  local?: LocalVolumeSource
  /** Containers can only read it, whatever they ask for. */
  readOnly?: boolean
  mountOptions?: readonly string[]
  /** A device and no file system. */
  block?: boolean
  /** Group that containers need to use it: an annotation of the PersistentVolume. */
  gid?: number
  /** It was reached through a claim. */
  claimed?: boolean
}

export interface VolumeContext {
  pod: Pod
  /** Name by which the pod's containers mount it. */
  mountName: string
  /** Where the volume belongs: <root>/pods/<uid>/volumes/<plugin>/<name>. */
  path: string
  /** What is noted about it: <root>/pods/<uid>/plugins/<plugin>/<name>. */
  notesPath: string
  /** The same place in memory, for what must not reach a disk; undefined where the host has none. */
  memoryPath: string | undefined
  objects: Pick<ObjectCache, 'configMap' | 'secret'>
  tokens: TokenSource
  facts: DownwardFacts
  /** Bytes of memory that the pod may use at most, for the size of memory volumes. */
  memoryLimitBytes: number
  signal: AbortSignal
}

export interface VolumeKind {
  /** Folder name of upstream's plug-in: `kubernetes.io~empty-dir`. */
  plugin: string
  /** What the kubelet itself writes: containers only read it. */
  readOnly?: boolean
  /** The path that containers see. Called again after a restart of the kubelet and finds its own traces. Throws VolumeError. */
  setUp(volume: VolumeSpec, context: VolumeContext): Promise<string>
  /** Writes anew what has changed. Absent: nothing ever does. */
  refresh?(volume: VolumeSpec, context: VolumeContext): Promise<void>
  /** Of a volume in block mode: the device's path. Absent: there are none of this kind. */
  device?(volume: VolumeSpec): string
}

/** What the user is told in a FailedMount event; `step` where it is another than `MountVolume.SetUp`. */
export class VolumeError extends Error {
  readonly step: string
  constructor(message: string, step = 'MountVolume.SetUp') {
    super(message)
    this.step = step
  }
}
