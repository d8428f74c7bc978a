/** What a pod is to run, and the templates of pods. */
import type { z } from 'zod'
import { bool, int32, int64, list, map, message, object, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { affinitySchema } from './affinity.ts'
import { containerSchema, ephemeralContainerSchema } from './container.ts'
import { localObjectReferenceSchema } from './references.ts'
import { resourceRequirementsSchema } from './resources.ts'
import { podSecurityContextSchema } from './security-context.ts'
import { volumeSchema } from './volume.ts'

export const tolerationSchema = message('io.k8s.api.core.v1.Toleration', 'A taint that a pod bears with.', {
  key: string(1, 'Key of the taint; empty with Exists means all.'),
  operator: string(2, 'Exists or Equal.', { enum: ['Equal', 'Exists', 'Gt', 'Lt'], goType: 'v1.TolerationOperator' }),
  value: string(3, 'Value of the taint, for Equal.'),
  effect: string(4, 'Effect of the taint; empty means all.', {
    enum: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'],
    goType: 'v1.TaintEffect',
  }),
  tolerationSeconds: int64(5, 'Seconds that it bears NoExecute; for ever by default.', { pointer: true }),
})
export type Toleration = z.output<typeof tolerationSchema>

export const hostAliasSchema = message('io.k8s.api.core.v1.HostAlias', "A line of the pod's hosts file.", {
  ip: string(1, 'The address.', { json: 'always' }),
  hostnames: list(2, 'string', 'Names for it.', { listType: 'atomic' }),
})
export type HostAlias = z.output<typeof hostAliasSchema>

export const podDNSConfigOptionSchema = message('io.k8s.api.core.v1.PodDNSConfigOption', 'An option of the resolver.', {
  name: string(1, 'Its name.'),
  value: string(2, 'Its value.', { pointer: true }),
})
export type PodDNSConfigOption = z.output<typeof podDNSConfigOptionSchema>

export const podDNSConfigSchema = message('io.k8s.api.core.v1.PodDNSConfig', "Lines of the pod's resolv.conf.", {
  nameservers: list(1, 'string', 'Addresses of name servers.', { listType: 'atomic' }),
  searches: list(2, 'string', 'Domains to search.', { listType: 'atomic' }),
  options: list(3, podDNSConfigOptionSchema, 'Options of the resolver.', { listType: 'atomic' }),
})
export type PodDNSConfig = z.output<typeof podDNSConfigSchema>

export const podReadinessGateSchema = message('io.k8s.api.core.v1.PodReadinessGate', 'A condition without which a pod is not ready.', {
  conditionType: string(1, 'Type of the condition.', { json: 'always', goType: 'v1.PodConditionType' }),
})
export type PodReadinessGate = z.output<typeof podReadinessGateSchema>

export const topologySpreadConstraintSchema = message('io.k8s.api.core.v1.TopologySpreadConstraint', 'How like pods spread over places.', {
  maxSkew: int32(1, 'Most by which two places may differ.', { json: 'always' }),
  topologyKey: string(2, 'Node label whose equal values mean one place.', { json: 'always' }),
  whenUnsatisfiable: string(3, 'DoNotSchedule or ScheduleAnyway.', {
    json: 'always',
    enum: ['DoNotSchedule', 'ScheduleAnyway'],
    goType: 'v1.UnsatisfiableConstraintAction',
  }),
  labelSelector: object(4, labelSelectorSchema, 'Labels of the pods that are counted.', { pointer: true }),
  minDomains: int32(5, 'Least number of places.', { pointer: true }),
  nodeAffinityPolicy: string(6, 'Whether only nodes that the pod wants count.', {
    pointer: true,
    enum: ['Honor', 'Ignore'],
    goType: 'v1.NodeInclusionPolicy',
  }),
  nodeTaintsPolicy: string(7, 'Whether only nodes that the pod tolerates count.', {
    pointer: true,
    enum: ['Honor', 'Ignore'],
    goType: 'v1.NodeInclusionPolicy',
  }),
  matchLabelKeys: list(8, 'string', 'Keys whose values must be those of this pod.', { listType: 'atomic' }),
})
export type TopologySpreadConstraint = z.output<typeof topologySpreadConstraintSchema>

export const podOSSchema = message('io.k8s.api.core.v1.PodOS', 'Operating system of a pod.', {
  name: string(1, 'linux or windows.', { json: 'always', goType: 'v1.OSName' }),
})
export type PodOS = z.output<typeof podOSSchema>

export const podSchedulingGateSchema = message('io.k8s.api.core.v1.PodSchedulingGate', 'Holds a pod back from the scheduler.', {
  name: string(1, 'Name of the gate.', { json: 'always' }),
})
export type PodSchedulingGate = z.output<typeof podSchedulingGateSchema>

export const podResourceClaimSchema = message('io.k8s.api.core.v1.PodResourceClaim', 'A claim for devices.', {
  name: string(1, 'Name by which containers refer to it.', { json: 'always' }),
  resourceClaimName: string(3, 'An existing claim.', { pointer: true }),
  resourceClaimTemplateName: string(4, 'Template of a claim to make.', { pointer: true }),
})
export type PodResourceClaim = z.output<typeof podResourceClaimSchema>

export const workloadReferenceSchema = message('io.k8s.api.core.v1.WorkloadReference', 'The group of pods that a pod belongs to.', {
  name: string(1, 'Name of the workload.', { json: 'always' }),
  podGroup: string(2, 'Name of the group in it.', { json: 'always' }),
  podGroupReplicaKey: string(3, 'Which copy of the group.'),
})
export type WorkloadReference = z.output<typeof workloadReferenceSchema>

export const podSpecSchema = message('io.k8s.api.core.v1.PodSpec', 'What a pod is to run.', {
  volumes: list(1, volumeSchema, 'Volumes that containers may mount.', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
  }),
  initContainers: list(20, containerSchema, 'Containers that run before, one by one.', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  containers: list(2, containerSchema, 'Containers that run together.', {
    json: 'always',
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  ephemeralContainers: list(34, ephemeralContainerSchema, 'Containers added for debugging.', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  restartPolicy: string(3, 'When ended containers are started again.', {
    enum: ['Always', 'Never', 'OnFailure'],
    goType: 'v1.RestartPolicy',
  }),
  terminationGracePeriodSeconds: int64(4, 'Seconds that containers get to end.', { pointer: true }),
  activeDeadlineSeconds: int64(5, 'Seconds after which the pod is ended.', { pointer: true }),
  dnsPolicy: string(6, 'Where names are looked up.', {
    enum: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
    goType: 'v1.DNSPolicy',
  }),
  nodeSelector: map(7, 'string', 'Labels that the node must have.', { mapType: 'atomic' }),
  serviceAccountName: string(8, 'Identity of the pod.'),
  serviceAccount: string(9, 'Old name of serviceAccountName.'),
  automountServiceAccountToken: bool(21, 'Whether a token is mounted.', { pointer: true }),
  nodeName: string(10, 'Node that runs the pod; set by the scheduler.'),
  hostNetwork: bool(11, "Uses the node's network."),
  hostPID: bool(12, "Sees the node's processes."),
  hostIPC: bool(13, "Uses the node's IPC."),
  shareProcessNamespace: bool(27, "Containers see each other's processes.", { pointer: true }),
  securityContext: object(14, podSecurityContextSchema, 'Rights of the containers.', { pointer: true }),
  imagePullSecrets: list(15, localObjectReferenceSchema, 'Secrets for pulling images.', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  hostname: string(16, 'Hostname of the pod.'),
  subdomain: string(17, 'Domain of the pod below its namespace.'),
  affinity: object(18, affinitySchema, 'What draws the pod to nodes, or keeps it away.', { pointer: true }),
  schedulerName: string(19, 'Scheduler that places the pod.'),
  tolerations: list(22, tolerationSchema, 'Taints that the pod bears with.', { listType: 'atomic' }),
  hostAliases: list(23, hostAliasSchema, 'Lines for the hosts file.', {
    listType: 'map',
    listKeys: ['ip'],
    patchStrategy: 'merge',
    patchMergeKey: 'ip',
  }),
  priorityClassName: string(24, 'Class that gives the priority.'),
  priority: int32(25, 'Priority; set from the class.', { pointer: true }),
  dnsConfig: object(26, podDNSConfigSchema, 'Lines for resolv.conf.', { pointer: true }),
  readinessGates: list(28, podReadinessGateSchema, 'Conditions without which the pod is not ready.', { listType: 'atomic' }),
  runtimeClassName: string(29, 'Class of runtime.', { pointer: true }),
  enableServiceLinks: bool(30, 'Whether services become variables.', { pointer: true }),
  preemptionPolicy: string(31, 'Whether it may push others out.', {
    pointer: true,
    enum: ['Never', 'PreemptLowerPriority'],
    goType: 'v1.PreemptionPolicy',
  }),
  overhead: map(32, 'quantity', 'Amounts the sandbox itself takes; set from the runtime class.', { goType: 'v1.ResourceList' }),
  topologySpreadConstraints: list(33, topologySpreadConstraintSchema, 'How like pods spread.', {
    listType: 'map',
    listKeys: ['topologyKey', 'whenUnsatisfiable'],
    patchStrategy: 'merge',
    patchMergeKey: 'topologyKey',
  }),
  setHostnameAsFQDN: bool(35, 'The hostname is the full domain name.', { pointer: true }),
  os: object(36, podOSSchema, 'Operating system it needs.', { pointer: true }),
  hostUsers: bool(37, "Shares the node's user ids.", { pointer: true }),
  schedulingGates: list(38, podSchedulingGateSchema, 'Hold the pod back until all are gone.', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  resourceClaims: list(39, podResourceClaimSchema, 'Claims for devices.', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
  }),
  resources: object(40, resourceRequirementsSchema, 'Amounts for the pod as a whole.', { pointer: true }),
  hostnameOverride: string(41, 'Hostname as programs see it.', { pointer: true }),
  workloadRef: object(42, workloadReferenceSchema, 'Group of pods to schedule together.', { pointer: true }),
})
export type PodSpec = z.output<typeof podSpecSchema>

export const podTemplateSpecSchema = message('io.k8s.api.core.v1.PodTemplateSpec', 'Pods to make.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.'),
  spec: object(2, podSpecSchema, 'The wanted state.'),
})
export type PodTemplateSpec = z.output<typeof podTemplateSpecSchema>
