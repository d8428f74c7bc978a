/** What a container sees of its pod's volumes: mounts with sub-paths and propagation, devices, and images that come as volumes. */
import { mkdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { VolumeMount } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'
import { ConfigError } from '#kubelet/environment/env.ts'
import { expand } from '#kubelet/environment/expansion.ts'
import type { ImageEvent, ImagePuller } from '#kubelet/images/image-puller.ts'
import { imageVolumes } from '#kubelet/metrics.ts'
import type { AnyContainer } from '#kubelet/pods/pod-containers.ts'
import type { RecordEvent } from '#kubelet/pods/pod-events.ts'
import type { ContainerConfig, ContainerRuntime, Mount } from '#kubelet/runtime/runtime.ts'
import { isMountPoint } from './mounts.ts'
import { bindSubPath, SubPathError, subPathProblem } from './sub-path.ts'
import type { PlacedVolume, VolumeManager } from './volume-manager.ts'

export interface ContainerMountsDeps {
  volumes: Pick<VolumeManager, 'placed' | 'mounts'>
  images: Pick<ImagePuller, 'ensure'>
  runtime: Pick<ContainerRuntime, 'mountImage'>
  event: RecordEvent
  podDir(uid: string): string
}

export interface MountingContainer {
  pod: Pod
  container: AnyContainer
  env: ReadonlyMap<string, string>
  signal: AbortSignal
}

/** Throws ConfigError, and ImageError for a volume whose image cannot be had. */
export async function volumeMounts(deps: ContainerMountsDeps, mounting: MountingContainer): Promise<Mount[]> {
  /** Each volume's image once for each start. */
  const images = new Map<string, Promise<string>>()
  const pathOf = (name: string, volume: PlacedVolume): string | Promise<string> => {
    if (volume.field !== 'image') return volume.path
    const path = images.get(name) ?? imagePath(deps, mounting, volume)
    images.set(name, path)
    return path
  }
  const results = (mounting.container.volumeMounts ?? []).map(async (mount, index): Promise<Mount> => {
    const volume = placedVolume(deps.volumes, mounting, mount.name)
    const subPath = subPathOf(mount, mounting.env)
    refuseRecursiveReadOnly(mount)
    const path = await pathOf(mount.name, volume)
    return {
      hostPath: subPath === '' ? path : await bound(deps, mounting, { volume, mount, path, subPath, index }),
      // Cleaned, so that it is seen what else is meant for the same place.
      containerPath: posix.resolve('/', mount.mountPath),
      readOnly: (mount.readOnly ?? false) || volume.readOnly,
      propagation: propagations[mount.mountPropagation ?? 'None'] ?? 'private',
    }
  })
  // All are waited for, so that none is still being mounted when the next try begins.
  return (await Promise.allSettled(results)).map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

const propagations: Readonly<Record<string, Mount['propagation']>> = {
  Bidirectional: 'rshared',
  HostToContainer: 'rslave',
  None: 'private',
}

/** Throws ConfigError. */
export function volumeDevices(
  { volumes }: { volumes: Pick<VolumeManager, 'placed'> },
  mounting: Pick<MountingContainer, 'pod' | 'container'>,
): ContainerConfig['devices'] {
  return (mounting.container.volumeDevices ?? []).map(({ name, devicePath }) => {
    const volume = placedVolume(volumes, mounting, name)
    return { hostPath: volume.path, containerPath: devicePath, permissions: volume.readOnly ? 'r' : 'mrw' }
  })
}

function placedVolume(
  volumes: Pick<VolumeManager, 'placed'>,
  { pod, container }: Pick<MountingContainer, 'pod' | 'container'>,
  name: string,
): PlacedVolume {
  const placed = volumes.placed(pod.metadata.uid ?? '', name)
  if (!placed) throw new ConfigError(`cannot find volume "${name}" to mount into container "${container.name}"`)
  return placed
}

/** Empty where the whole volume is meant. Pure. */
export function subPathOf(mount: Pick<VolumeMount, 'subPath' | 'subPathExpr'>, env: ReadonlyMap<string, string>): string {
  let subPath = mount.subPath ?? ''
  if (mount.subPathExpr) {
    const missing = new Set<string>()
    subPath = expand(mount.subPathExpr, (name) => {
      const value = env.get(name)
      if (!value) missing.add(name)
      return value ?? ''
    })
    if (missing.size > 0) throw new ConfigError(`missing value for ${[...missing].sort().join(', ')}`)
  }
  const problem = subPath === '' ? undefined : subPathProblem(subPath)
  if (problem !== undefined) throw new ConfigError(problem)
  return subPath
}

/** Docker cannot make them: no handler of this node has the feature. */
function refuseRecursiveReadOnly({ name, readOnly, mountPropagation, recursiveReadOnly }: VolumeMount): void {
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return
  const why = !readOnly
    ? 'it is not read-only'
    : mountPropagation !== undefined && mountPropagation !== 'None'
      ? `it is not compatible with propagation "${mountPropagation}"`
      : recursiveReadOnly === 'Enabled'
        ? 'it is not supported by the runtime'
        : undefined
  if (why !== undefined)
    throw new ConfigError(`failed to resolve recursive read-only mode: volume "${name}" requested recursive read-only mode, but ${why}`)
}

interface Bound {
  volume: PlacedVolume
  mount: VolumeMount
  path: string
  subPath: string
  index: number
}

/** The user is not told more than that it failed: details could tell of the host's files. */
async function bound(deps: ContainerMountsDeps, { pod, container }: MountingContainer, what: Bound): Promise<string> {
  const { volume, mount, path, subPath, index } = what
  if (!deps.volumes.mounts) return join(path, subPath)
  const target = join(deps.podDir(pod.metadata.uid ?? ''), 'volume-subpaths', mount.name, container.name, String(index))
  try {
    return await bindSubPath(path, subPath, target, { create: volume.field !== 'image' })
  } catch (cause) {
    // Below a file nothing is made.
    const isThere = cause instanceof SubPathError || (cause as NodeJS.ErrnoException).code === 'ENOTDIR'
    const verb = isThere || volume.field === 'image' ? 'prepare subPath' : 'create subPath directory'
    throw new ConfigError(`failed to ${verb} for volumeMount "${mount.name}" of container "${container.name}"`, { cause })
  }
}

/** Each image has a place of its own, so that a container that starts later may see a newer one than those that run. */
async function imagePath(deps: ContainerMountsDeps, mounting: MountingContainer, { spec, path }: PlacedVolume): Promise<string> {
  const { pod, container, signal } = mounting
  const { reference = '', pullPolicy } = spec.image ?? {}
  const asked = { ...container, image: reference, imagePullPolicy: pullPolicy ?? 'IfNotPresent' }
  imageVolumes.requested.inc()
  // Why the container waits is told of the container, once it could not be started.
  const tell: ImageEvent = (words) => (words.message.startsWith('Error: ') ? undefined : deps.event(pod, words))
  const image = await deps.images.ensure(pod, asked, tell, signal)
  const target = join(path, image.id.replace(/^sha256:/, '').slice(0, 12))
  try {
    if (deps.volumes.mounts && !isMountPoint(target)) {
      mkdirSync(target, { recursive: true, mode: 0o750 })
      await deps.runtime.mountImage(image.id, target, signal)
    }
    imageVolumes.mounted.inc()
  } catch (error) {
    imageVolumes.failed.inc()
    throw error
  }
  return target
}
