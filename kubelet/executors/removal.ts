/** The end of a pod: its containers' remains, cgroup, directories and at last its object. */
import { Pods } from '#api/core/pod.ts'
import { ApiError } from '#api/meta/status.ts'
import type { Client } from '#client/rest.ts'
import type { Cgroups } from '#kubelet/cgroups/cgroups.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'
import type { StatusWriter } from '#kubelet/status/status-writer.ts'
import type { VolumeManager } from '#kubelet/volumes/volume-manager.ts'
import type { Executors } from './executor.ts'

export interface RemovalExecutorDeps {
  runtime: ContainerRuntime
  cgroups: Pick<Cgroups, 'parent' | 'create' | 'remove' | 'has'>
  volumes: VolumeManager
  statuses: Pick<StatusWriter, 'flushed'>
  client: Pick<Client, 'delete'>
  /** Takes away what the runtime keeps of a pod's logs. */
  removeLogs(pod: { namespace: string; name: string; uid: string }): Promise<void>
}

export function removalExecutors(
  deps: RemovalExecutorDeps,
): Pick<Executors, 'removeContainer' | 'removeCgroup' | 'removeDirectories' | 'deleteObject'> {
  return {
    async removeContainer(action, work, signal) {
      await deps.runtime.removeContainer(action.id, signal)
      work.containers = work.containers.filter((each) => each.id !== action.id)
      work.terminationMessages.delete(action.id)
    },
    async removeCgroup(_action, work) {
      await deps.cgroups.remove(work.uid)
      work.hasCgroup = false
    },
    async removeDirectories(_action, work) {
      const { namespace = '', name = '' } = work.pod.metadata
      await deps.removeLogs({ namespace, name, uid: work.uid })
      await deps.volumes.removeDirectory(work.uid)
      work.hasDirectories = false
    },
    async deleteObject(_action, work) {
      const { namespace, name = '' } = work.pod.metadata
      // The last status first: whoever waits for the end of the pod sees how it ended.
      await deps.statuses.flushed(work.uid)
      try {
        await deps.client.delete(Pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid: work.uid } })
      } catch (error) {
        if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error
      }
      work.objectDeleted = true
    },
  }
}
