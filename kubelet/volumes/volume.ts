/** What a kind of volume is to the kubelet: how it is put in place below the pod's directory, kept up to date and taken away. */
import type { Pod } from '#api/core/pod.ts'
import type { Volume } from '#api/core/volume.ts'
import type { DownwardFacts } from '#kubelet/field-refs.ts'
import type { ObjectCache } from '#kubelet/object-cache.ts'
import type { TokenSource } from './tokens.ts'

export interface VolumeContext {
  pod: Pod
  /** Where the volume belongs: <root>/pods/<uid>/volumes/<plugin>/<name>. */
  path: string
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
  /** The path that containers see. Called again after a restart of the kubelet and finds its own traces. Throws VolumeError. */
  setUp(volume: Volume, context: VolumeContext): Promise<string>
  /** Writes anew what has changed. Absent: nothing ever does. */
  refresh?(volume: Volume, context: VolumeContext): Promise<void>
  /** The kubelet applies the pod's fsGroup. */
  ownedByGroup: boolean
}

/** What the user is told in a FailedMount event. */
export class VolumeError extends Error {}
