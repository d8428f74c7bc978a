/** What the kubelet notes on its own copy of a pod, as upstream's does: where the pod is from, and when it was seen first. Pure. */
import type { Pod } from '#api/core/pod.ts'

export const sourceAnnotation = 'kubernetes.io/config.source'
const seenAnnotation = 'kubernetes.io/config.seen'

export const sourceNotes = (source: 'api' | 'file' | 'http', seen: Date): Record<string, string> => ({
  [sourceAnnotation]: source,
  [seenAnnotation]: seen.toISOString(),
})

/** A pod of the API says nothing of itself here: whoever may write annotations could else pass it off as one of a manifest. */
export function fromApi(pod: Pod, before: Pod | undefined, now: Date): Pod {
  const first = before?.metadata.uid === pod.metadata.uid ? before?.metadata.annotations?.[seenAnnotation] : undefined
  const notes = sourceNotes('api', now)
  const annotations = { ...pod.metadata.annotations, ...notes, ...(first === undefined ? {} : { [seenAnnotation]: first }) }
  return { ...pod, metadata: { ...pod.metadata, annotations } }
}
