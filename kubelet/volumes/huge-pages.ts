/** The page size of emptyDir volumes in huge pages: the one that the medium names, or the only one that the pod asks for. Pure. */
import type { Pod } from '#api/core/pod.ts'
import { containersOf } from '#kubelet/pods/pod-containers.ts'
import { VolumeError } from './volume.ts'

const resourcePrefix = 'hugepages-'

/** As the kernel takes it: 2M of `2Mi`. Throws VolumeError with upstream's texts. */
export function hugePageSize(pod: Pod, medium: string): string {
  const wanted = medium === 'HugePages' ? undefined : medium.slice('HugePages-'.length)
  const asked = new Set<string>()
  for (const { container } of containersOf(pod)) {
    const resources = 'resources' in container ? container.resources : undefined
    for (const name of Object.keys(resources?.requests ?? {}))
      if (name.startsWith(resourcePrefix)) asked.add(name.slice(resourcePrefix.length))
  }
  if (wanted === undefined && asked.size > 1)
    throw new VolumeError(`medium: ${medium} can't be used if container requests multiple huge page sizes`)
  const size = wanted ?? [...asked][0]
  if (size === undefined || !asked.has(size))
    throw new VolumeError(`medium ${medium}: hugePages storage requested, but there is no resource request for huge pages`)
  return size.replace(/i$/, '')
}
