/** What is seen of a pod and its containers. */
import type { z } from 'zod'
import { bool, int32, int64, list, map, message, object, string, time } from '#api/fields.ts'
import { resourceRequirementsSchema } from './resources.ts'
import { stopSignals } from './stop-signals.ts'

export const podConditionSchema = message('io.k8s.api.core.v1.PodCondition', "One aspect of a pod's state.", {
  type: string(1, 'Name of the aspect.', { json: 'always', goType: 'v1.PodConditionType' }),
  observedGeneration: int64(7, 'Generation of the pod that this was seen for.'),
  status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
  lastProbeTime: time(3, 'When it was looked at last.'),
  lastTransitionTime: time(4, 'When the status changed last.'),
  reason: string(5, 'Cause of the last change, one CamelCase word.'),
  message: string(6, 'What happened, for people.'),
})
export type PodCondition = z.output<typeof podConditionSchema>

export const hostIPSchema = message('io.k8s.api.core.v1.HostIP', 'An address of the node.', {
  ip: string(1, 'The address.', { json: 'always' }),
})
export type HostIP = z.output<typeof hostIPSchema>

export const podIPSchema = message('io.k8s.api.core.v1.PodIP', 'An address of a pod.', {
  ip: string(1, 'The address.', { json: 'always' }),
})
export type PodIP = z.output<typeof podIPSchema>

export const containerStateWaitingSchema = message('io.k8s.api.core.v1.ContainerStateWaiting', 'A container that waits.', {
  reason: string(1, 'Cause of the last change, one CamelCase word.'),
  message: string(2, 'What happened, for people.'),
})
export type ContainerStateWaiting = z.output<typeof containerStateWaitingSchema>

export const containerStateRunningSchema = message('io.k8s.api.core.v1.ContainerStateRunning', 'A container that runs.', {
  startedAt: time(1, 'When it started.'),
})
export type ContainerStateRunning = z.output<typeof containerStateRunningSchema>

export const containerStateTerminatedSchema = message('io.k8s.api.core.v1.ContainerStateTerminated', 'A container that has ended.', {
  exitCode: int32(1, 'Exit code.', { json: 'always' }),
  signal: int32(2, 'Signal that ended it.'),
  reason: string(3, 'Cause of the last change, one CamelCase word.'),
  message: string(4, 'What happened, for people.'),
  startedAt: time(5, 'When it started.'),
  finishedAt: time(6, 'When it ended.'),
  containerID: string(7, 'Id at the container runtime.'),
})
export type ContainerStateTerminated = z.output<typeof containerStateTerminatedSchema>

export const containerStateSchema = message('io.k8s.api.core.v1.ContainerState', 'What a container does: one of the three.', {
  waiting: object(1, containerStateWaitingSchema, 'It has not started yet.', { pointer: true }),
  running: object(2, containerStateRunningSchema, 'It runs.', { pointer: true }),
  terminated: object(3, containerStateTerminatedSchema, 'It has ended.', { pointer: true }),
})
export type ContainerState = z.output<typeof containerStateSchema>

export const volumeMountStatusSchema = message('io.k8s.api.core.v1.VolumeMountStatus', 'How a volume is mounted.', {
  name: string(1, 'Name of the volume.', { json: 'always' }),
  mountPath: string(2, 'Where it is mounted.', { json: 'always' }),
  readOnly: bool(3, 'Mounts the volume so that it cannot be written.'),
  recursiveReadOnly: string(4, 'Whether mounts below are read-only too.', { pointer: true, goType: 'v1.RecursiveReadOnlyMode' }),
})
export type VolumeMountStatus = z.output<typeof volumeMountStatusSchema>

export const linuxContainerUserSchema = message('io.k8s.api.core.v1.LinuxContainerUser', 'The Linux user of a container.', {
  uid: int64(1, 'User id.', { json: 'always' }),
  gid: int64(2, 'Group id.', { json: 'always' }),
  supplementalGroups: list(3, 'int64', 'Further group ids.', { listType: 'atomic' }),
})
export type LinuxContainerUser = z.output<typeof linuxContainerUserSchema>

export const containerUserSchema = message('io.k8s.api.core.v1.ContainerUser', 'The user of a container.', {
  linux: object(1, linuxContainerUserSchema, 'User on Linux.', { pointer: true }),
})
export type ContainerUser = z.output<typeof containerUserSchema>

export const resourceHealthSchema = message('io.k8s.api.core.v1.ResourceHealth', 'Health of a device.', {
  resourceID: string(1, 'Id of the device.', { json: 'always', goType: 'v1.ResourceID' }),
  health: string(2, 'Healthy, Unhealthy or Unknown.', { goType: 'v1.ResourceHealthStatus' }),
})
export type ResourceHealth = z.output<typeof resourceHealthSchema>

export const resourceStatusSchema = message('io.k8s.api.core.v1.ResourceStatus', "Health of a container's devices.", {
  name: string(1, 'Name of the resource.', { json: 'always', goType: 'v1.ResourceName' }),
  resources: list(2, resourceHealthSchema, 'The devices.', { listType: 'map', listKeys: ['resourceID'] }),
})
export type ResourceStatus = z.output<typeof resourceStatusSchema>

export const containerStatusSchema = message('io.k8s.api.core.v1.ContainerStatus', 'What is seen of a container.', {
  name: string(1, 'Name of the container.', { json: 'always' }),
  state: object(2, containerStateSchema, 'What it does now.'),
  lastState: object(3, containerStateSchema, 'How it ended the last time.'),
  ready: bool(4, 'Whether it passes its readiness probe.', { json: 'always' }),
  restartCount: int32(5, 'How often it was started again.', { json: 'always' }),
  image: string(6, 'Image that it runs.', { json: 'always' }),
  imageID: string(7, 'Id of the image.', { json: 'always' }),
  containerID: string(8, 'Id at the container runtime, as type://id.'),
  started: bool(9, 'Whether it has passed its startup probe.', { pointer: true }),
  allocatedResources: map(10, 'quantity', 'Amounts that the node has set aside.', { goType: 'v1.ResourceList' }),
  resources: object(11, resourceRequirementsSchema, 'Amounts that the running container has.', { pointer: true }),
  volumeMounts: list(12, volumeMountStatusSchema, 'How its volumes are mounted.', {
    listType: 'map',
    listKeys: ['mountPath'],
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
  }),
  user: object(13, containerUserSchema, 'User that it started as.', { pointer: true }),
  allocatedResourcesStatus: list(14, resourceStatusSchema, 'Health of its devices.', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  stopSignal: string(15, 'Signal that ends it.', {
    pointer: true,
    enum: stopSignals,
    goType: 'v1.Signal',
  }),
})
export type ContainerStatus = z.output<typeof containerStatusSchema>

export const podResourceClaimStatusSchema = message('io.k8s.api.core.v1.PodResourceClaimStatus', 'State of a claim for devices.', {
  name: string(1, 'Name of the entry in the spec.', { json: 'always' }),
  resourceClaimName: string(2, 'The claim that was made for it.', { pointer: true }),
})
export type PodResourceClaimStatus = z.output<typeof podResourceClaimStatusSchema>

export const containerExtendedResourceRequestSchema = message(
  'io.k8s.api.core.v1.ContainerExtendedResourceRequest',
  "Which device request serves a container's extended resource.",
  {
    containerName: string(1, 'Name of the container.', { json: 'always' }),
    resourceName: string(2, 'Name of the extended resource.', { json: 'always' }),
    requestName: string(3, 'Name of the request in the claim.', { json: 'always' }),
  },
)
export type ContainerExtendedResourceRequest = z.output<typeof containerExtendedResourceRequestSchema>

export const podExtendedResourceClaimStatusSchema = message(
  'io.k8s.api.core.v1.PodExtendedResourceClaimStatus',
  "The claim made for a pod's extended resources.",
  {
    requestMappings: list(1, containerExtendedResourceRequestSchema, 'Which request serves which container.', {
      json: 'always',
      listType: 'atomic',
    }),
    resourceClaimName: string(2, 'Name of the claim.', { json: 'always' }),
  },
)
export type PodExtendedResourceClaimStatus = z.output<typeof podExtendedResourceClaimStatusSchema>

export const podStatusSchema = message('io.k8s.api.core.v1.PodStatus', 'What is seen of a pod.', {
  observedGeneration: int64(17, 'Generation that the kubelet has seen.'),
  phase: string(1, 'Pending, Running, Succeeded, Failed or Unknown.', {
    enum: ['Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'],
    goType: 'v1.PodPhase',
  }),
  conditions: list(2, podConditionSchema, 'Aspects of its state.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  message: string(3, 'What happened, for people.'),
  reason: string(4, 'Cause of the last change, one CamelCase word.'),
  nominatedNodeName: string(11, 'Node that preemption keeps free for it.'),
  hostIP: string(5, 'Address of the node.'),
  hostIPs: list(16, hostIPSchema, 'Addresses of the node.', { listType: 'atomic', patchStrategy: 'merge', patchMergeKey: 'ip' }),
  podIP: string(6, 'Address of the pod.'),
  podIPs: list(12, podIPSchema, 'Addresses of the pod, one for each family.', {
    listType: 'map',
    listKeys: ['ip'],
    patchStrategy: 'merge',
    patchMergeKey: 'ip',
  }),
  startTime: time(7, 'When the kubelet took it.', { pointer: true }),
  initContainerStatuses: list(10, containerStatusSchema, 'What is seen of init containers.', { listType: 'atomic' }),
  containerStatuses: list(8, containerStatusSchema, 'What is seen of containers.', { listType: 'atomic' }),
  qosClass: string(9, 'Guaranteed, Burstable or BestEffort.', {
    enum: ['BestEffort', 'Burstable', 'Guaranteed'],
    goType: 'v1.PodQOSClass',
  }),
  ephemeralContainerStatuses: list(13, containerStatusSchema, 'What is seen of ephemeral containers.', { listType: 'atomic' }),
  resize: string(14, 'Old form of the resize conditions.', { goType: 'v1.PodResizeStatus' }),
  resourceClaimStatuses: list(15, podResourceClaimStatusSchema, 'State of the claims for devices.', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
  }),
  extendedResourceClaimStatus: object(18, podExtendedResourceClaimStatusSchema, 'The claim made for extended resources.', {
    pointer: true,
  }),
  allocatedResources: map(19, 'quantity', 'Amounts that the node has set aside.', { goType: 'v1.ResourceList' }),
  resources: object(20, resourceRequirementsSchema, 'Amounts that the pod has as a whole.', { pointer: true }),
})
export type PodStatus = z.output<typeof podStatusSchema>
