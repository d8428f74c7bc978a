/** DESCRIBE file api/core/pod-status.ts */
import type { z } from 'zod'
import { bool, int32, int64, list, map, message, object, string, time } from '#api/fields.ts'
import { resourceRequirementsSchema } from './resources.ts'

export const podConditionSchema = message('io.k8s.api.core.v1.PodCondition', 'DESCRIBE PodCondition', {
  type: string(1, 'DESCRIBE PodCondition.type', { json: 'always' }),
  observedGeneration: int64(7, 'DESCRIBE PodCondition.observedGeneration'),
  status: string(2, 'DESCRIBE PodCondition.status', { json: 'always' }),
  lastProbeTime: time(3, 'DESCRIBE PodCondition.lastProbeTime'),
  lastTransitionTime: time(4, 'DESCRIBE PodCondition.lastTransitionTime'),
  reason: string(5, 'DESCRIBE PodCondition.reason'),
  message: string(6, 'DESCRIBE PodCondition.message'),
})
export type PodCondition = z.output<typeof podConditionSchema>

export const hostIPSchema = message('io.k8s.api.core.v1.HostIP', 'DESCRIBE HostIP', {
  ip: string(1, 'DESCRIBE HostIP.ip', { json: 'always' }),
})
export type HostIP = z.output<typeof hostIPSchema>

export const podIPSchema = message('io.k8s.api.core.v1.PodIP', 'DESCRIBE PodIP', {
  ip: string(1, 'DESCRIBE PodIP.ip', { json: 'always' }),
})
export type PodIP = z.output<typeof podIPSchema>

export const containerStateWaitingSchema = message('io.k8s.api.core.v1.ContainerStateWaiting', 'DESCRIBE ContainerStateWaiting', {
  reason: string(1, 'DESCRIBE ContainerStateWaiting.reason'),
  message: string(2, 'DESCRIBE ContainerStateWaiting.message'),
})
export type ContainerStateWaiting = z.output<typeof containerStateWaitingSchema>

export const containerStateRunningSchema = message('io.k8s.api.core.v1.ContainerStateRunning', 'DESCRIBE ContainerStateRunning', {
  startedAt: time(1, 'DESCRIBE ContainerStateRunning.startedAt'),
})
export type ContainerStateRunning = z.output<typeof containerStateRunningSchema>

export const containerStateTerminatedSchema = message('io.k8s.api.core.v1.ContainerStateTerminated', 'DESCRIBE ContainerStateTerminated', {
  exitCode: int32(1, 'DESCRIBE ContainerStateTerminated.exitCode', { json: 'always' }),
  signal: int32(2, 'DESCRIBE ContainerStateTerminated.signal'),
  reason: string(3, 'DESCRIBE ContainerStateTerminated.reason'),
  message: string(4, 'DESCRIBE ContainerStateTerminated.message'),
  startedAt: time(5, 'DESCRIBE ContainerStateTerminated.startedAt'),
  finishedAt: time(6, 'DESCRIBE ContainerStateTerminated.finishedAt'),
  containerID: string(7, 'DESCRIBE ContainerStateTerminated.containerID'),
})
export type ContainerStateTerminated = z.output<typeof containerStateTerminatedSchema>

export const containerStateSchema = message('io.k8s.api.core.v1.ContainerState', 'DESCRIBE ContainerState', {
  waiting: object(1, containerStateWaitingSchema, 'DESCRIBE ContainerState.waiting', { pointer: true }),
  running: object(2, containerStateRunningSchema, 'DESCRIBE ContainerState.running', { pointer: true }),
  terminated: object(3, containerStateTerminatedSchema, 'DESCRIBE ContainerState.terminated', { pointer: true }),
})
export type ContainerState = z.output<typeof containerStateSchema>

export const volumeMountStatusSchema = message('io.k8s.api.core.v1.VolumeMountStatus', 'DESCRIBE VolumeMountStatus', {
  name: string(1, 'DESCRIBE VolumeMountStatus.name', { json: 'always' }),
  mountPath: string(2, 'DESCRIBE VolumeMountStatus.mountPath', { json: 'always' }),
  readOnly: bool(3, 'DESCRIBE VolumeMountStatus.readOnly'),
  recursiveReadOnly: string(4, 'DESCRIBE VolumeMountStatus.recursiveReadOnly', { pointer: true }),
})
export type VolumeMountStatus = z.output<typeof volumeMountStatusSchema>

export const linuxContainerUserSchema = message('io.k8s.api.core.v1.LinuxContainerUser', 'DESCRIBE LinuxContainerUser', {
  uid: int64(1, 'DESCRIBE LinuxContainerUser.uid', { json: 'always' }),
  gid: int64(2, 'DESCRIBE LinuxContainerUser.gid', { json: 'always' }),
  supplementalGroups: list(3, 'int64', 'DESCRIBE LinuxContainerUser.supplementalGroups', { listType: 'atomic' }),
})
export type LinuxContainerUser = z.output<typeof linuxContainerUserSchema>

export const containerUserSchema = message('io.k8s.api.core.v1.ContainerUser', 'DESCRIBE ContainerUser', {
  linux: object(1, linuxContainerUserSchema, 'DESCRIBE ContainerUser.linux', { pointer: true }),
})
export type ContainerUser = z.output<typeof containerUserSchema>

export const resourceHealthSchema = message('io.k8s.api.core.v1.ResourceHealth', 'DESCRIBE ResourceHealth', {
  resourceID: string(1, 'DESCRIBE ResourceHealth.resourceID', { json: 'always' }),
  health: string(2, 'DESCRIBE ResourceHealth.health'),
})
export type ResourceHealth = z.output<typeof resourceHealthSchema>

export const resourceStatusSchema = message('io.k8s.api.core.v1.ResourceStatus', 'DESCRIBE ResourceStatus', {
  name: string(1, 'DESCRIBE ResourceStatus.name', { json: 'always' }),
  resources: list(2, resourceHealthSchema, 'DESCRIBE ResourceStatus.resources', { listType: 'map', listKeys: ['resourceID'] }),
})
export type ResourceStatus = z.output<typeof resourceStatusSchema>

export const containerStatusSchema = message('io.k8s.api.core.v1.ContainerStatus', 'DESCRIBE ContainerStatus', {
  name: string(1, 'DESCRIBE ContainerStatus.name', { json: 'always' }),
  state: object(2, containerStateSchema, 'DESCRIBE ContainerStatus.state'),
  lastState: object(3, containerStateSchema, 'DESCRIBE ContainerStatus.lastState'),
  ready: bool(4, 'DESCRIBE ContainerStatus.ready', { json: 'always' }),
  restartCount: int32(5, 'DESCRIBE ContainerStatus.restartCount', { json: 'always' }),
  image: string(6, 'DESCRIBE ContainerStatus.image', { json: 'always' }),
  imageID: string(7, 'DESCRIBE ContainerStatus.imageID', { json: 'always' }),
  containerID: string(8, 'DESCRIBE ContainerStatus.containerID'),
  started: bool(9, 'DESCRIBE ContainerStatus.started', { pointer: true }),
  allocatedResources: map(10, 'quantity', 'DESCRIBE ContainerStatus.allocatedResources'),
  resources: object(11, resourceRequirementsSchema, 'DESCRIBE ContainerStatus.resources', { pointer: true }),
  volumeMounts: list(12, volumeMountStatusSchema, 'DESCRIBE ContainerStatus.volumeMounts', {
    listType: 'map',
    listKeys: ['mountPath'],
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
  }),
  user: object(13, containerUserSchema, 'DESCRIBE ContainerStatus.user', { pointer: true }),
  allocatedResourcesStatus: list(14, resourceStatusSchema, 'DESCRIBE ContainerStatus.allocatedResourcesStatus', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  stopSignal: string(15, 'DESCRIBE ContainerStatus.stopSignal', {
    pointer: true,
    enum: [
      'SIGABRT',
      'SIGALRM',
      'SIGBUS',
      'SIGCHLD',
      'SIGCLD',
      'SIGCONT',
      'SIGFPE',
      'SIGHUP',
      'SIGILL',
      'SIGINT',
      'SIGIO',
      'SIGIOT',
      'SIGKILL',
      'SIGPIPE',
      'SIGPOLL',
      'SIGPROF',
      'SIGPWR',
      'SIGQUIT',
      'SIGRTMAX',
      'SIGRTMAX-1',
      'SIGRTMAX-10',
      'SIGRTMAX-11',
      'SIGRTMAX-12',
      'SIGRTMAX-13',
      'SIGRTMAX-14',
      'SIGRTMAX-2',
      'SIGRTMAX-3',
      'SIGRTMAX-4',
      'SIGRTMAX-5',
      'SIGRTMAX-6',
      'SIGRTMAX-7',
      'SIGRTMAX-8',
      'SIGRTMAX-9',
      'SIGRTMIN',
      'SIGRTMIN+1',
      'SIGRTMIN+10',
      'SIGRTMIN+11',
      'SIGRTMIN+12',
      'SIGRTMIN+13',
      'SIGRTMIN+14',
      'SIGRTMIN+15',
      'SIGRTMIN+2',
      'SIGRTMIN+3',
      'SIGRTMIN+4',
      'SIGRTMIN+5',
      'SIGRTMIN+6',
      'SIGRTMIN+7',
      'SIGRTMIN+8',
      'SIGRTMIN+9',
      'SIGSEGV',
      'SIGSTKFLT',
      'SIGSTOP',
      'SIGSYS',
      'SIGTERM',
      'SIGTRAP',
      'SIGTSTP',
      'SIGTTIN',
      'SIGTTOU',
      'SIGURG',
      'SIGUSR1',
      'SIGUSR2',
      'SIGVTALRM',
      'SIGWINCH',
      'SIGXCPU',
      'SIGXFSZ',
    ],
  }),
})
export type ContainerStatus = z.output<typeof containerStatusSchema>

export const podResourceClaimStatusSchema = message('io.k8s.api.core.v1.PodResourceClaimStatus', 'DESCRIBE PodResourceClaimStatus', {
  name: string(1, 'DESCRIBE PodResourceClaimStatus.name', { json: 'always' }),
  resourceClaimName: string(2, 'DESCRIBE PodResourceClaimStatus.resourceClaimName', { pointer: true }),
})
export type PodResourceClaimStatus = z.output<typeof podResourceClaimStatusSchema>

export const containerExtendedResourceRequestSchema = message(
  'io.k8s.api.core.v1.ContainerExtendedResourceRequest',
  'DESCRIBE ContainerExtendedResourceRequest',
  {
    containerName: string(1, 'DESCRIBE ContainerExtendedResourceRequest.containerName', { json: 'always' }),
    resourceName: string(2, 'DESCRIBE ContainerExtendedResourceRequest.resourceName', { json: 'always' }),
    requestName: string(3, 'DESCRIBE ContainerExtendedResourceRequest.requestName', { json: 'always' }),
  },
)
export type ContainerExtendedResourceRequest = z.output<typeof containerExtendedResourceRequestSchema>

export const podExtendedResourceClaimStatusSchema = message(
  'io.k8s.api.core.v1.PodExtendedResourceClaimStatus',
  'DESCRIBE PodExtendedResourceClaimStatus',
  {
    requestMappings: list(1, containerExtendedResourceRequestSchema, 'DESCRIBE PodExtendedResourceClaimStatus.requestMappings', {
      json: 'always',
      listType: 'atomic',
    }),
    resourceClaimName: string(2, 'DESCRIBE PodExtendedResourceClaimStatus.resourceClaimName', { json: 'always' }),
  },
)
export type PodExtendedResourceClaimStatus = z.output<typeof podExtendedResourceClaimStatusSchema>

export const podStatusSchema = message('io.k8s.api.core.v1.PodStatus', 'DESCRIBE PodStatus', {
  observedGeneration: int64(17, 'DESCRIBE PodStatus.observedGeneration'),
  phase: string(1, 'DESCRIBE PodStatus.phase', { enum: ['Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'] }),
  conditions: list(2, podConditionSchema, 'DESCRIBE PodStatus.conditions', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  message: string(3, 'DESCRIBE PodStatus.message'),
  reason: string(4, 'DESCRIBE PodStatus.reason'),
  nominatedNodeName: string(11, 'DESCRIBE PodStatus.nominatedNodeName'),
  hostIP: string(5, 'DESCRIBE PodStatus.hostIP'),
  hostIPs: list(16, hostIPSchema, 'DESCRIBE PodStatus.hostIPs', { listType: 'atomic', patchStrategy: 'merge', patchMergeKey: 'ip' }),
  podIP: string(6, 'DESCRIBE PodStatus.podIP'),
  podIPs: list(12, podIPSchema, 'DESCRIBE PodStatus.podIPs', {
    listType: 'map',
    listKeys: ['ip'],
    patchStrategy: 'merge',
    patchMergeKey: 'ip',
  }),
  startTime: time(7, 'DESCRIBE PodStatus.startTime', { pointer: true }),
  initContainerStatuses: list(10, containerStatusSchema, 'DESCRIBE PodStatus.initContainerStatuses', { listType: 'atomic' }),
  containerStatuses: list(8, containerStatusSchema, 'DESCRIBE PodStatus.containerStatuses', { listType: 'atomic' }),
  qosClass: string(9, 'DESCRIBE PodStatus.qosClass', { enum: ['BestEffort', 'Burstable', 'Guaranteed'] }),
  ephemeralContainerStatuses: list(13, containerStatusSchema, 'DESCRIBE PodStatus.ephemeralContainerStatuses', { listType: 'atomic' }),
  resize: string(14, 'DESCRIBE PodStatus.resize'),
  resourceClaimStatuses: list(15, podResourceClaimStatusSchema, 'DESCRIBE PodStatus.resourceClaimStatuses', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
  }),
  extendedResourceClaimStatus: object(18, podExtendedResourceClaimStatusSchema, 'DESCRIBE PodStatus.extendedResourceClaimStatus', {
    pointer: true,
  }),
  allocatedResources: map(19, 'quantity', 'DESCRIBE PodStatus.allocatedResources'),
  resources: object(20, resourceRequirementsSchema, 'DESCRIBE PodStatus.resources', { pointer: true }),
})
export type PodStatus = z.output<typeof podStatusSchema>
