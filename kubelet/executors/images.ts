/** Getting the image of a container. */
import { ImageError, type ImageEvent, type ImagePuller } from '#kubelet/images/image-puller.ts'
import type { ObjectCache } from '#kubelet/object-cache.ts'
import { containerNamed } from '#kubelet/pods/pod-containers.ts'
import type { RecordEvent } from '#kubelet/pods/pod-events.ts'
import { ActionError } from '#kubelet/pods/pod-work.ts'
import type { Executors } from './executor.ts'

export interface ImageExecutorDeps {
  images: ImagePuller
  objects: ObjectCache
  event: RecordEvent
}

export function imageExecutors(deps: ImageExecutorDeps): Pick<Executors, 'pullImage'> {
  return {
    async pullImage(action, work, signal) {
      const container = containerNamed(work.pod, action.name)?.container
      if (!container) return
      try {
        if ((work.pod.spec?.imagePullSecrets ?? []).length > 0) await deps.objects.ready(work.pod, signal)
        const tell: ImageEvent = (words, about) => deps.event(work.pod, words, about === 'pod' ? undefined : container)
        const image = await deps.images.ensure(work.pod, container, tell, signal)
        // Broken off too late: another image may be wanted by now.
        signal.throwIfAborted()
        work.images.set(action.name, { image })
      } catch (error) {
        signal.throwIfAborted()
        const { message } = error as Error
        if (!(error instanceof ImageError)) throw error
        work.images.set(action.name, { failure: { reason: error.reason, message } })
        throw new ActionError(message, { retryAfterMs: error.retryAfterMs })
      }
    },
  }
}
