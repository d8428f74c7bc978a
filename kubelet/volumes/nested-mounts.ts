/** Places within a volume at which containers mount something else. Pure. */
import { posix } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import { containersOf } from '#kubelet/pods/pod-containers.ts'

/** Paths relative to the volume; what lies below another mount in it is that one's business. */
export function nestedMountPoints(pod: Pod, volume: string): string[] {
  const found = containersOf(pod).flatMap(({ container }) => {
    const mounts = (container.volumeMounts ?? []).map((mount) => ({ ...mount, at: posix.resolve('/', mount.mountPath) }))
    const all = mounts.map((mount) => mount.at).sort()
    return mounts.filter((mount) => mount.name === volume).flatMap(({ at }) => nestedIn(at, all))
  })
  return [...new Set(found)]
}

/** `all` is sorted, so that a folder comes before what is in it. */
function nestedIn(at: string, all: readonly string[]): string[] {
  const prefix = at === '/' ? '/' : `${at}/`
  const nested: string[] = []
  for (const path of all) {
    if (!path.startsWith(prefix) || path === at || nested.some((outer) => path === outer || path.startsWith(`${outer}/`))) continue
    nested.push(path)
  }
  return nested.map((path) => path.slice(prefix.length))
}
