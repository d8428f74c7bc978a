/** DESCRIBE file api/core/node.ts */
import type { z } from 'zod'
import { bool, int32, int64, kind, list, map, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { nodeColumns } from './columns/node.ts'
import { roundResourceList } from './defaults/resource-list.ts'
import { validateNode, validateNodeUpdate } from './validation/node.ts'

export const taintSchema = message('io.k8s.api.core.v1.Taint', 'DESCRIBE Taint', {
  key: string(1, 'DESCRIBE Taint.key', { json: 'always' }),
  value: string(2, 'DESCRIBE Taint.value'),
  effect: string(3, 'DESCRIBE Taint.effect', { json: 'always', enum: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'] }),
  timeAdded: time(4, 'DESCRIBE Taint.timeAdded', { pointer: true }),
})
export type Taint = z.output<typeof taintSchema>

export const configMapNodeConfigSourceSchema = message(
  'io.k8s.api.core.v1.ConfigMapNodeConfigSource',
  'DESCRIBE ConfigMapNodeConfigSource',
  {
    namespace: string(1, 'DESCRIBE ConfigMapNodeConfigSource.namespace', { json: 'always' }),
    name: string(2, 'DESCRIBE ConfigMapNodeConfigSource.name', { json: 'always' }),
    uid: string(3, 'DESCRIBE ConfigMapNodeConfigSource.uid'),
    resourceVersion: string(4, 'DESCRIBE ConfigMapNodeConfigSource.resourceVersion'),
    kubeletConfigKey: string(5, 'DESCRIBE ConfigMapNodeConfigSource.kubeletConfigKey', { json: 'always' }),
  },
)
export type ConfigMapNodeConfigSource = z.output<typeof configMapNodeConfigSourceSchema>

export const nodeConfigSourceSchema = message('io.k8s.api.core.v1.NodeConfigSource', 'DESCRIBE NodeConfigSource', {
  configMap: object(2, configMapNodeConfigSourceSchema, 'DESCRIBE NodeConfigSource.configMap', { pointer: true }),
})
export type NodeConfigSource = z.output<typeof nodeConfigSourceSchema>

export const nodeSpecSchema = message('io.k8s.api.core.v1.NodeSpec', 'DESCRIBE NodeSpec', {
  podCIDR: string(1, 'DESCRIBE NodeSpec.podCIDR'),
  podCIDRs: list(7, 'string', 'DESCRIBE NodeSpec.podCIDRs', { listType: 'set', patchStrategy: 'merge' }),
  providerID: string(3, 'DESCRIBE NodeSpec.providerID'),
  unschedulable: bool(4, 'DESCRIBE NodeSpec.unschedulable'),
  taints: list(5, taintSchema, 'DESCRIBE NodeSpec.taints', { listType: 'atomic' }),
  configSource: object(6, nodeConfigSourceSchema, 'DESCRIBE NodeSpec.configSource', { pointer: true }),
  externalID: string(2, 'DESCRIBE NodeSpec.externalID'),
})
export type NodeSpec = z.output<typeof nodeSpecSchema>

export const nodeConditionSchema = message('io.k8s.api.core.v1.NodeCondition', 'DESCRIBE NodeCondition', {
  type: string(1, 'DESCRIBE NodeCondition.type', { json: 'always' }),
  status: string(2, 'DESCRIBE NodeCondition.status', { json: 'always' }),
  lastHeartbeatTime: time(3, 'DESCRIBE NodeCondition.lastHeartbeatTime'),
  lastTransitionTime: time(4, 'DESCRIBE NodeCondition.lastTransitionTime'),
  reason: string(5, 'DESCRIBE NodeCondition.reason'),
  message: string(6, 'DESCRIBE NodeCondition.message'),
})
export type NodeCondition = z.output<typeof nodeConditionSchema>

export const nodeAddressSchema = message('io.k8s.api.core.v1.NodeAddress', 'DESCRIBE NodeAddress', {
  type: string(1, 'DESCRIBE NodeAddress.type', { json: 'always' }),
  address: string(2, 'DESCRIBE NodeAddress.address', { json: 'always' }),
})
export type NodeAddress = z.output<typeof nodeAddressSchema>

export const daemonEndpointSchema = message('io.k8s.api.core.v1.DaemonEndpoint', 'DESCRIBE DaemonEndpoint', {
  Port: int32(1, 'DESCRIBE DaemonEndpoint.Port', { json: 'always' }),
})
export type DaemonEndpoint = z.output<typeof daemonEndpointSchema>

export const nodeDaemonEndpointsSchema = message('io.k8s.api.core.v1.NodeDaemonEndpoints', 'DESCRIBE NodeDaemonEndpoints', {
  kubeletEndpoint: object(1, daemonEndpointSchema, 'DESCRIBE NodeDaemonEndpoints.kubeletEndpoint'),
})
export type NodeDaemonEndpoints = z.output<typeof nodeDaemonEndpointsSchema>

export const nodeSwapStatusSchema = message('io.k8s.api.core.v1.NodeSwapStatus', 'DESCRIBE NodeSwapStatus', {
  capacity: int64(1, 'DESCRIBE NodeSwapStatus.capacity', { pointer: true }),
})
export type NodeSwapStatus = z.output<typeof nodeSwapStatusSchema>

export const nodeSystemInfoSchema = message('io.k8s.api.core.v1.NodeSystemInfo', 'DESCRIBE NodeSystemInfo', {
  machineID: string(1, 'DESCRIBE NodeSystemInfo.machineID', { json: 'always' }),
  systemUUID: string(2, 'DESCRIBE NodeSystemInfo.systemUUID', { json: 'always' }),
  bootID: string(3, 'DESCRIBE NodeSystemInfo.bootID', { json: 'always' }),
  kernelVersion: string(4, 'DESCRIBE NodeSystemInfo.kernelVersion', { json: 'always' }),
  osImage: string(5, 'DESCRIBE NodeSystemInfo.osImage', { json: 'always' }),
  containerRuntimeVersion: string(6, 'DESCRIBE NodeSystemInfo.containerRuntimeVersion', { json: 'always' }),
  kubeletVersion: string(7, 'DESCRIBE NodeSystemInfo.kubeletVersion', { json: 'always' }),
  kubeProxyVersion: string(8, 'DESCRIBE NodeSystemInfo.kubeProxyVersion', { json: 'always' }),
  operatingSystem: string(9, 'DESCRIBE NodeSystemInfo.operatingSystem', { json: 'always' }),
  architecture: string(10, 'DESCRIBE NodeSystemInfo.architecture', { json: 'always' }),
  swap: object(11, nodeSwapStatusSchema, 'DESCRIBE NodeSystemInfo.swap', { pointer: true }),
})
export type NodeSystemInfo = z.output<typeof nodeSystemInfoSchema>

export const containerImageSchema = message('io.k8s.api.core.v1.ContainerImage', 'DESCRIBE ContainerImage', {
  names: list(1, 'string', 'DESCRIBE ContainerImage.names', { json: 'always', required: false, listType: 'atomic' }),
  sizeBytes: int64(2, 'DESCRIBE ContainerImage.sizeBytes'),
})
export type ContainerImage = z.output<typeof containerImageSchema>

export const attachedVolumeSchema = message('io.k8s.api.core.v1.AttachedVolume', 'DESCRIBE AttachedVolume', {
  name: string(1, 'DESCRIBE AttachedVolume.name', { json: 'always' }),
  devicePath: string(2, 'DESCRIBE AttachedVolume.devicePath', { json: 'always' }),
})
export type AttachedVolume = z.output<typeof attachedVolumeSchema>

export const nodeConfigStatusSchema = message('io.k8s.api.core.v1.NodeConfigStatus', 'DESCRIBE NodeConfigStatus', {
  assigned: object(1, nodeConfigSourceSchema, 'DESCRIBE NodeConfigStatus.assigned', { pointer: true }),
  active: object(2, nodeConfigSourceSchema, 'DESCRIBE NodeConfigStatus.active', { pointer: true }),
  lastKnownGood: object(3, nodeConfigSourceSchema, 'DESCRIBE NodeConfigStatus.lastKnownGood', { pointer: true }),
  error: string(4, 'DESCRIBE NodeConfigStatus.error'),
})
export type NodeConfigStatus = z.output<typeof nodeConfigStatusSchema>

export const nodeRuntimeHandlerFeaturesSchema = message(
  'io.k8s.api.core.v1.NodeRuntimeHandlerFeatures',
  'DESCRIBE NodeRuntimeHandlerFeatures',
  {
    recursiveReadOnlyMounts: bool(1, 'DESCRIBE NodeRuntimeHandlerFeatures.recursiveReadOnlyMounts', { pointer: true }),
    userNamespaces: bool(2, 'DESCRIBE NodeRuntimeHandlerFeatures.userNamespaces', { pointer: true }),
  },
)
export type NodeRuntimeHandlerFeatures = z.output<typeof nodeRuntimeHandlerFeaturesSchema>

export const nodeRuntimeHandlerSchema = message('io.k8s.api.core.v1.NodeRuntimeHandler', 'DESCRIBE NodeRuntimeHandler', {
  name: string(1, 'DESCRIBE NodeRuntimeHandler.name', { json: 'always', required: false }),
  features: object(2, nodeRuntimeHandlerFeaturesSchema, 'DESCRIBE NodeRuntimeHandler.features', { pointer: true }),
})
export type NodeRuntimeHandler = z.output<typeof nodeRuntimeHandlerSchema>

export const nodeFeaturesSchema = message('io.k8s.api.core.v1.NodeFeatures', 'DESCRIBE NodeFeatures', {
  supplementalGroupsPolicy: bool(1, 'DESCRIBE NodeFeatures.supplementalGroupsPolicy', { pointer: true }),
})
export type NodeFeatures = z.output<typeof nodeFeaturesSchema>

export const nodeStatusSchema = message('io.k8s.api.core.v1.NodeStatus', 'DESCRIBE NodeStatus', {
  capacity: map(1, 'quantity', 'DESCRIBE NodeStatus.capacity'),
  allocatable: map(2, 'quantity', 'DESCRIBE NodeStatus.allocatable'),
  phase: string(3, 'DESCRIBE NodeStatus.phase', { enum: ['Pending', 'Running', 'Terminated'] }),
  conditions: list(4, nodeConditionSchema, 'DESCRIBE NodeStatus.conditions', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  addresses: list(5, nodeAddressSchema, 'DESCRIBE NodeStatus.addresses', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  daemonEndpoints: object(6, nodeDaemonEndpointsSchema, 'DESCRIBE NodeStatus.daemonEndpoints'),
  nodeInfo: object(7, nodeSystemInfoSchema, 'DESCRIBE NodeStatus.nodeInfo'),
  images: list(8, containerImageSchema, 'DESCRIBE NodeStatus.images', { listType: 'atomic' }),
  volumesInUse: list(9, 'string', 'DESCRIBE NodeStatus.volumesInUse', { listType: 'atomic' }),
  volumesAttached: list(10, attachedVolumeSchema, 'DESCRIBE NodeStatus.volumesAttached', { listType: 'atomic' }),
  config: object(11, nodeConfigStatusSchema, 'DESCRIBE NodeStatus.config', { pointer: true }),
  runtimeHandlers: list(12, nodeRuntimeHandlerSchema, 'DESCRIBE NodeStatus.runtimeHandlers', { listType: 'atomic' }),
  features: object(13, nodeFeaturesSchema, 'DESCRIBE NodeStatus.features', { pointer: true }),
  declaredFeatures: list(14, 'string', 'DESCRIBE NodeStatus.declaredFeatures', { listType: 'atomic' }),
})
export type NodeStatus = z.output<typeof nodeStatusSchema>

export const nodeSchema = kind('io.k8s.api.core.v1.Node', 'DESCRIBE Node', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Node.metadata', { json: 'always', required: false }),
  spec: object(2, nodeSpecSchema, 'DESCRIBE Node.spec', { json: 'always', required: false }),
  status: object(3, nodeStatusSchema, 'DESCRIBE Node.status', { json: 'always', required: false }),
})
export type Node = z.output<typeof nodeSchema>

/** A new node brings its own status: kubelets register with it. */
function prepareNode(next: Node, prev: Node | undefined): Node {
  if (prev) next.status = structuredClone(prev.status)
  else delete next.status.config
  if (!prev?.spec.configSource) delete next.spec.configSource
  if (!prev?.status.declaredFeatures) delete next.status.declaredFeatures
  return next
}

function prepareNodeStatus(next: Node, prev: Node): Node {
  next.spec = prev.spec
  if (!prev.status.config) delete next.status.config
  return next
}

export const Nodes: Resource<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  scope: 'Cluster',
  storagePrefix: 'minions',
  schema: nodeSchema,
  columns: nodeColumns,
  generation: false,
  defaults(node) {
    const { status } = node
    if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity }
    roundResourceList(status.capacity)
    roundResourceList(status.allocatable)
    return node
  },
  prepare: prepareNode,
  validate: validateNode,
  subresources: { status: { prepare: prepareNodeStatus, validate: validateNodeUpdate } },
  selectableFields: { 'spec.unschedulable': (node) => String(node.spec.unschedulable ?? false) },
}
