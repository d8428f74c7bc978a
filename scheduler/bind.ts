/** The only writer of the scheduler: bindings, the PodScheduled condition of pods that fit nowhere, and the events that tell of both. */
import { type Pod, Pods } from '#api/core/pod.ts'
import type { EventRecorder } from '#client/events.ts'
import type { Client } from '#client/rest.ts'

export interface Binder {
  /** Binds through the API as every scheduler does. Throws ApiError: 409 where somebody else was faster. */
  bind(pod: Pod, node: string): Promise<void>
  /** Says on the pod why it has no node; writes only where the text differs from what stands there. */
  refuse(pod: Pod, message: string, reason: 'Unschedulable' | 'SchedulerError'): Promise<void>
}

export function binder(client: Client, events: EventRecorder): Binder {
  return {
    async bind(pod, node) {
      const { namespace = '', name = '', uid = '' } = pod.metadata
      await client.post(Pods, { namespace, name }, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { namespace, name, uid },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      })
      const message = `Successfully assigned ${namespace}/${name} to ${node}`
      events.event(pod, { type: 'Normal', reason: 'Scheduled', action: 'Binding', message })
    },
    async refuse(pod, message, reason) {
      const { namespace = '', name = '', uid = '', generation } = pod.metadata
      events.event(pod, { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message })
      const held = pod.status.conditions?.find((c) => c.type === 'PodScheduled')
      if (held?.status === 'False' && held.reason === reason && held.message === message) return
      const condition = {
        type: 'PodScheduled',
        status: 'False',
        reason,
        message,
        ...(generation === undefined ? {} : { observedGeneration: generation }),
        lastTransitionTime: held?.status === 'False' ? held.lastTransitionTime : new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
        lastProbeTime: null,
      }
      const body = { metadata: { uid }, status: { conditions: [condition] } }
      await client.patch(Pods, { namespace, name }, { type: 'strategic', body }, { subresource: 'status' })
    },
  }
}
