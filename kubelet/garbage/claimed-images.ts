/** Images that no container is made of, and that pods need all the same: pulled for a start to come, or mounted as a volume. Pure. */
import { isTerminalPhase } from '#kubelet/pods/pod-state.ts'
import type { PodWork } from '#kubelet/pods/pod-work.ts'
import { normalizeImageName } from '#kubelet/runtime/image-name.ts'
import type { Image } from '#kubelet/runtime/runtime.ts'

export function claimedImages(pods: readonly PodWork[], images: readonly Image[]): ReadonlySet<string> {
  const ids = new Set<string>()
  const names = new Set<string>()
  for (const { pod, status, images: pulled } of pods) {
    if (isTerminalPhase(status.phase)) continue
    for (const seen of pulled.values()) if ('image' in seen) ids.add(seen.image.id)
    for (const { image } of pod.spec?.volumes ?? []) if (image?.reference) names.add(normalizeImageName(image.reference))
  }
  for (const { id, repoTags, repoDigests } of images) if ([...repoTags, ...repoDigests].some((name) => names.has(name))) ids.add(id)
  return ids
}
