/** Follows a granted resize until the containers have what they were given. */

import type { RecordEvent } from '#kubelet/pods/pod-events.ts'
import { isTerminating } from '#kubelet/pods/pod-state.ts'
import type { PodWork } from '#kubelet/pods/pod-work.ts'
import { resizeCondition } from './conditions.ts'
import { resizedContainers } from './plan.ts'
import { resizeMessage } from './words.ts'

/** Sets and clears PodResizeInProgress by what was seen, and tells of the end. */
export function followResize(work: PodWork, event: RecordEvent, now: Date): void {
  const { pod, resize } = work
  if (isTerminating(work.desired)) {
    work.resize = {}
    return
  }
  if (resizedContainers(pod, work).length > 0) {
    resize.inProgress ??= resizeCondition('PodResizeInProgress', undefined, { generation: pod.metadata.generation }, now)
    return
  }
  if (!resize.inProgress) return
  const generation = resize.inProgress.observedGeneration
  delete resize.inProgress
  event(pod, { type: 'Normal', reason: 'ResizeCompleted', message: resizeMessage('completed', pod, generation) })
}
