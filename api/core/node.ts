/** Nodes. */
import type { z } from 'zod'
import { bool, int32, int64, kind, list, map, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { warningsForCidr } from '#api/validation/addresses.ts'
import { nodeColumns } from './columns/node.ts'
import { roundResourceList } from './defaults/resource-list.ts'
import { validateNode, validateNodeUpdate } from './validation/node.ts'

export const taintSchema = message('io.k8s.api.core.v1.Taint', 'Keeps pods away from a node.', {
  key: string(1, 'Key of the taint.', { json: 'always' }),
  value: string(2, 'Value of the taint.'),
  effect: string(3, 'NoSchedule, PreferNoSchedule or NoExecute.', {
    json: 'always',
    enum: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'],
    goType: 'v1.TaintEffect',
  }),
  timeAdded: time(4, 'When it was added.', { pointer: true }),
})
export type Taint = z.output<typeof taintSchema>

export const configMapNodeConfigSourceSchema = message(
  'io.k8s.api.core.v1.ConfigMapNodeConfigSource',
  "A config map with a kubelet's settings (no longer used).",
  {
    namespace: string(1, 'Namespace of the config map.', { json: 'always' }),
    name: string(2, 'Name of the config map.', { json: 'always' }),
    uid: string(3, 'Uid of the config map, in the status only.', { goType: 'types.UID' }),
    resourceVersion: string(4, 'Version of the config map, in the status only.'),
    kubeletConfigKey: string(5, 'Key that holds the settings.', { json: 'always' }),
  },
)
export type ConfigMapNodeConfigSource = z.output<typeof configMapNodeConfigSourceSchema>

export const nodeConfigSourceSchema = message(
  'io.k8s.api.core.v1.NodeConfigSource',
  "Where a kubelet's settings come from (no longer used).",
  {
    configMap: object(2, configMapNodeConfigSourceSchema, 'A config map.', { pointer: true }),
  },
)
export type NodeConfigSource = z.output<typeof nodeConfigSourceSchema>

export const nodeSpecSchema = message('io.k8s.api.core.v1.NodeSpec', 'How a node is to be used.', {
  podCIDR: string(1, 'Addresses of its pods.'),
  podCIDRs: list(7, 'string', 'Addresses of its pods, one range for each family.', { listType: 'set', patchStrategy: 'merge' }),
  providerID: string(3, 'Id at the cloud provider.'),
  unschedulable: bool(4, 'Whether new pods stay away.'),
  taints: list(5, taintSchema, 'What keeps pods away that do not tolerate it.', { listType: 'atomic' }),
  configSource: object(6, nodeConfigSourceSchema, 'Not used any more.', { pointer: true }),
  externalID: string(2, 'Not used any more.'),
})
export type NodeSpec = z.output<typeof nodeSpecSchema>

export const nodeConditionSchema = message('io.k8s.api.core.v1.NodeCondition', "One aspect of a node's state.", {
  type: string(1, 'Name of the aspect.', { json: 'always', goType: 'v1.NodeConditionType' }),
  status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
  lastHeartbeatTime: time(3, 'When the node reported it last.'),
  lastTransitionTime: time(4, 'When the status changed last.'),
  reason: string(5, 'Cause of the last change, one CamelCase word.'),
  message: string(6, 'What happened, for people.'),
})
export type NodeCondition = z.output<typeof nodeConditionSchema>

export const nodeAddressSchema = message('io.k8s.api.core.v1.NodeAddress', 'An address of a node.', {
  type: string(1, 'Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.', { json: 'always', goType: 'v1.NodeAddressType' }),
  address: string(2, 'The address.', { json: 'always' }),
})
export type NodeAddress = z.output<typeof nodeAddressSchema>

export const daemonEndpointSchema = message('io.k8s.api.core.v1.DaemonEndpoint', 'A port of a daemon.', {
  Port: int32(1, 'The port.', { json: 'always' }),
})
export type DaemonEndpoint = z.output<typeof daemonEndpointSchema>

export const nodeDaemonEndpointsSchema = message('io.k8s.api.core.v1.NodeDaemonEndpoints', "Ports of a node's daemons.", {
  kubeletEndpoint: object(1, daemonEndpointSchema, 'Port of the kubelet.'),
})
export type NodeDaemonEndpoints = z.output<typeof nodeDaemonEndpointsSchema>

export const nodeSwapStatusSchema = message('io.k8s.api.core.v1.NodeSwapStatus', 'Swap of a node.', {
  capacity: int64(1, 'Bytes of swap.', { pointer: true }),
})
export type NodeSwapStatus = z.output<typeof nodeSwapStatusSchema>

export const nodeSystemInfoSchema = message('io.k8s.api.core.v1.NodeSystemInfo', 'What a node runs on.', {
  machineID: string(1, 'Id of the machine.', { json: 'always' }),
  systemUUID: string(2, 'Id of the hardware.', { json: 'always' }),
  bootID: string(3, 'Id of this boot.', { json: 'always' }),
  kernelVersion: string(4, 'Version of the kernel.', { json: 'always' }),
  osImage: string(5, 'Name of the operating system.', { json: 'always' }),
  containerRuntimeVersion: string(6, 'Container runtime, as name://version.', { json: 'always' }),
  kubeletVersion: string(7, 'Version of the kubelet.', { json: 'always' }),
  kubeProxyVersion: string(8, 'Not used any more.', { json: 'always' }),
  operatingSystem: string(9, 'linux or windows.', { json: 'always' }),
  architecture: string(10, 'Architecture of the processor, as Go names it.', { json: 'always' }),
  swap: object(11, nodeSwapStatusSchema, 'Its swap.', { pointer: true }),
})
export type NodeSystemInfo = z.output<typeof nodeSystemInfoSchema>

export const containerImageSchema = message('io.k8s.api.core.v1.ContainerImage', 'An image on a node.', {
  names: list(1, 'string', 'Names of the image.', { json: 'always', required: false, listType: 'atomic' }),
  sizeBytes: int64(2, 'Size of the image.'),
})
export type ContainerImage = z.output<typeof containerImageSchema>

export const attachedVolumeSchema = message('io.k8s.api.core.v1.AttachedVolume', 'A volume that is attached to a node.', {
  name: string(1, 'Name of the volume.', { json: 'always', goType: 'v1.UniqueVolumeName' }),
  devicePath: string(2, 'Device under which the node sees it.', { json: 'always' }),
})
export type AttachedVolume = z.output<typeof attachedVolumeSchema>

export const nodeConfigStatusSchema = message('io.k8s.api.core.v1.NodeConfigStatus', "State of a kubelet's settings (no longer used).", {
  assigned: object(1, nodeConfigSourceSchema, 'Settings that it tries to use.', { pointer: true }),
  active: object(2, nodeConfigSourceSchema, 'Settings that it uses.', { pointer: true }),
  lastKnownGood: object(3, nodeConfigSourceSchema, 'Settings that worked last.', { pointer: true }),
  error: string(4, 'What is wrong with the assigned ones.'),
})
export type NodeConfigStatus = z.output<typeof nodeConfigStatusSchema>

export const nodeRuntimeHandlerFeaturesSchema = message('io.k8s.api.core.v1.NodeRuntimeHandlerFeatures', 'What a runtime can do.', {
  recursiveReadOnlyMounts: bool(1, 'Mounts that are read-only all the way down.', { pointer: true }),
  userNamespaces: bool(2, 'User namespaces of pods.', { pointer: true }),
})
export type NodeRuntimeHandlerFeatures = z.output<typeof nodeRuntimeHandlerFeaturesSchema>

export const nodeRuntimeHandlerSchema = message('io.k8s.api.core.v1.NodeRuntimeHandler', 'A runtime of a node.', {
  name: string(1, 'Name of the handler; empty for the default one.', { json: 'always', required: false }),
  features: object(2, nodeRuntimeHandlerFeaturesSchema, 'What it can do.', { pointer: true }),
})
export type NodeRuntimeHandler = z.output<typeof nodeRuntimeHandlerSchema>

export const nodeFeaturesSchema = message('io.k8s.api.core.v1.NodeFeatures', "What a node's runtime can do.", {
  supplementalGroupsPolicy: bool(1, 'Whether it knows the supplemental groups policy.', { pointer: true }),
})
export type NodeFeatures = z.output<typeof nodeFeaturesSchema>

export const nodeStatusSchema = message('io.k8s.api.core.v1.NodeStatus', 'What is seen of a node.', {
  capacity: map(1, 'quantity', 'Amounts that the node has.', { goType: 'v1.ResourceList' }),
  allocatable: map(2, 'quantity', 'Amounts that pods may have.', { goType: 'v1.ResourceList' }),
  phase: string(3, 'Not used any more.', { enum: ['Pending', 'Running', 'Terminated'], goType: 'v1.NodePhase' }),
  conditions: list(4, nodeConditionSchema, 'Aspects of its state.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  addresses: list(5, nodeAddressSchema, 'Its addresses.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  daemonEndpoints: object(6, nodeDaemonEndpointsSchema, 'Ports of its daemons.'),
  nodeInfo: object(7, nodeSystemInfoSchema, 'What it runs on.'),
  images: list(8, containerImageSchema, 'Images on it.', { listType: 'atomic' }),
  volumesInUse: list(9, 'string', 'Volumes that are mounted.', { listType: 'atomic', goType: 'v1.UniqueVolumeName' }),
  volumesAttached: list(10, attachedVolumeSchema, 'Volumes that are attached.', { listType: 'atomic' }),
  config: object(11, nodeConfigStatusSchema, 'Not used any more.', { pointer: true }),
  runtimeHandlers: list(12, nodeRuntimeHandlerSchema, 'Its runtimes.', { listType: 'atomic' }),
  features: object(13, nodeFeaturesSchema, 'What its runtime can do.', { pointer: true }),
  declaredFeatures: list(14, 'string', 'Features that it says it has.', { listType: 'atomic' }),
})
export type NodeStatus = z.output<typeof nodeStatusSchema>

export const nodeSchema = kind('io.k8s.api.core.v1.Node', 'A machine that runs pods.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, nodeSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, nodeStatusSchema, 'The state last seen.', { json: 'always', required: false }),
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
  metadataOnUpdate: 'checked as of a new object',
  columns: nodeColumns,
  generation: false,
  defaults(node) {
    const { spec, status } = node
    // the one range and the list of them: where they differ, the one wins
    if (spec.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR]
    if (spec.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0]
    if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity }
    roundResourceList(status.capacity)
    roundResourceList(status.allocatable)
    return node
  },
  prepare: prepareNode,
  validate: validateNode,
  warnings: ({ spec }) => [
    ...(spec.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec.podCIDRs ?? []).flatMap((range, i) => warningsForCidr(`spec.podCIDRs[${i}]`, range)),
  ],
  subresources: { status: { prepare: prepareNodeStatus, validate: validateNodeUpdate } },
  selectableFields: { 'spec.unschedulable': (node) => String(node.spec.unschedulable ?? false) },
}
