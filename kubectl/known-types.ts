/** The few kinds that commands know by themselves, without schemas and rules: loading those takes longer than most commands. */
import type { Deployment } from '#api/apps/deployment.ts'
import type { ReplicaSet } from '#api/apps/replica-set.ts'
import type { Event } from '#api/core/event.ts'
import type { Pod } from '#api/core/pod.ts'
import type { ResourceType } from '#client/resource-path.ts'

const namespaced = { version: 'v1', scope: 'Namespaced' } as const

export const podType: ResourceType<Pod> = { ...namespaced, group: '', kind: 'Pod', plural: 'pods' }
export const eventType: ResourceType<Event> = { ...namespaced, group: '', kind: 'Event', plural: 'events' }
export const deploymentType: ResourceType<Deployment> = { ...namespaced, group: 'apps', kind: 'Deployment', plural: 'deployments' }
export const replicaSetType: ResourceType<ReplicaSet> = { ...namespaced, group: 'apps', kind: 'ReplicaSet', plural: 'replicasets' }
