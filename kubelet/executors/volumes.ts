/** Putting a pod's volumes in place, keeping them current and taking them away. */

import type { DownwardFacts } from '#kubelet/environment/field-refs.ts'
import type { RecordEvent } from '#kubelet/pods/pod-events.ts'
import { ActionError, type PodWork } from '#kubelet/pods/pod-work.ts'
import { MountFailure } from '#kubelet/volumes/mount-failure.ts'
import type { VolumeManager } from '#kubelet/volumes/volume-manager.ts'
import type { Executors } from './executor.ts'

export interface VolumeExecutorDeps {
  volumes: VolumeManager
  event: RecordEvent
  downward(work: PodWork): DownwardFacts
}

export function volumeExecutors(deps: VolumeExecutorDeps): Pick<Executors, 'mountVolumes' | 'refreshVolumes' | 'unmountVolumes'> {
  const { volumes } = deps
  const failed = (work: PodWork, error: unknown): ActionError => {
    const { message } = error as Error
    const messages = error instanceof MountFailure ? error.messages : [message]
    for (const each of messages) deps.event(work.pod, { type: 'Warning', reason: 'FailedMount', message: each })
    const retryAfterMs = error instanceof MountFailure ? error.retryAfterMs : undefined
    return new ActionError(message, retryAfterMs === undefined ? {} : { retryAfterMs })
  }
  return {
    async mountVolumes(_action, work, signal) {
      try {
        work.hasDirectories = true
        if (work.volumes === 'absent') work.volumes = 'unknown'
        // Before, so that a change which arrives meanwhile is not lost.
        work.volumesStale = false
        await volumes.mount(work.pod, deps.downward(work), signal)
        work.volumes = 'mounted'
      } catch (error) {
        signal.throwIfAborted()
        throw failed(work, error)
      }
    },
    async refreshVolumes(_action, work, signal) {
      work.volumesStale = false
      try {
        await volumes.refresh(work.pod, deps.downward(work), signal)
      } catch (error) {
        work.volumesStale = true
        throw failed(work, error)
      }
    },
    async unmountVolumes(_action, work) {
      await volumes.unmount(work.uid)
      work.volumes = 'absent'
    },
  }
}
