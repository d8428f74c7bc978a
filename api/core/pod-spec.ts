/** DESCRIBE file api/core/pod-spec.ts */
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

export const tolerationSchema = message('io.k8s.api.core.v1.Toleration', 'DESCRIBE Toleration', {
  key: string(1, 'DESCRIBE Toleration.key'),
  operator: string(2, 'DESCRIBE Toleration.operator', { enum: ['Equal', 'Exists', 'Gt', 'Lt'] }),
  value: string(3, 'DESCRIBE Toleration.value'),
  effect: string(4, 'DESCRIBE Toleration.effect', { enum: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'] }),
  tolerationSeconds: int64(5, 'DESCRIBE Toleration.tolerationSeconds', { pointer: true }),
})
export type Toleration = z.output<typeof tolerationSchema>

export const hostAliasSchema = message('io.k8s.api.core.v1.HostAlias', 'DESCRIBE HostAlias', {
  ip: string(1, 'DESCRIBE HostAlias.ip', { json: 'always' }),
  hostnames: list(2, 'string', 'DESCRIBE HostAlias.hostnames', { listType: 'atomic' }),
})
export type HostAlias = z.output<typeof hostAliasSchema>

export const podDNSConfigOptionSchema = message('io.k8s.api.core.v1.PodDNSConfigOption', 'DESCRIBE PodDNSConfigOption', {
  name: string(1, 'DESCRIBE PodDNSConfigOption.name'),
  value: string(2, 'DESCRIBE PodDNSConfigOption.value', { pointer: true }),
})
export type PodDNSConfigOption = z.output<typeof podDNSConfigOptionSchema>

export const podDNSConfigSchema = message('io.k8s.api.core.v1.PodDNSConfig', 'DESCRIBE PodDNSConfig', {
  nameservers: list(1, 'string', 'DESCRIBE PodDNSConfig.nameservers', { listType: 'atomic' }),
  searches: list(2, 'string', 'DESCRIBE PodDNSConfig.searches', { listType: 'atomic' }),
  options: list(3, podDNSConfigOptionSchema, 'DESCRIBE PodDNSConfig.options', { listType: 'atomic' }),
})
export type PodDNSConfig = z.output<typeof podDNSConfigSchema>

export const podReadinessGateSchema = message('io.k8s.api.core.v1.PodReadinessGate', 'DESCRIBE PodReadinessGate', {
  conditionType: string(1, 'DESCRIBE PodReadinessGate.conditionType', { json: 'always' }),
})
export type PodReadinessGate = z.output<typeof podReadinessGateSchema>

export const topologySpreadConstraintSchema = message('io.k8s.api.core.v1.TopologySpreadConstraint', 'DESCRIBE TopologySpreadConstraint', {
  maxSkew: int32(1, 'DESCRIBE TopologySpreadConstraint.maxSkew', { json: 'always' }),
  topologyKey: string(2, 'DESCRIBE TopologySpreadConstraint.topologyKey', { json: 'always' }),
  whenUnsatisfiable: string(3, 'DESCRIBE TopologySpreadConstraint.whenUnsatisfiable', {
    json: 'always',
    enum: ['DoNotSchedule', 'ScheduleAnyway'],
  }),
  labelSelector: object(4, labelSelectorSchema, 'DESCRIBE TopologySpreadConstraint.labelSelector', { pointer: true }),
  minDomains: int32(5, 'DESCRIBE TopologySpreadConstraint.minDomains', { pointer: true }),
  nodeAffinityPolicy: string(6, 'DESCRIBE TopologySpreadConstraint.nodeAffinityPolicy', { pointer: true, enum: ['Honor', 'Ignore'] }),
  nodeTaintsPolicy: string(7, 'DESCRIBE TopologySpreadConstraint.nodeTaintsPolicy', { pointer: true, enum: ['Honor', 'Ignore'] }),
  matchLabelKeys: list(8, 'string', 'DESCRIBE TopologySpreadConstraint.matchLabelKeys', { listType: 'atomic' }),
})
export type TopologySpreadConstraint = z.output<typeof topologySpreadConstraintSchema>

export const podOSSchema = message('io.k8s.api.core.v1.PodOS', 'DESCRIBE PodOS', {
  name: string(1, 'DESCRIBE PodOS.name', { json: 'always' }),
})
export type PodOS = z.output<typeof podOSSchema>

export const podSchedulingGateSchema = message('io.k8s.api.core.v1.PodSchedulingGate', 'DESCRIBE PodSchedulingGate', {
  name: string(1, 'DESCRIBE PodSchedulingGate.name', { json: 'always' }),
})
export type PodSchedulingGate = z.output<typeof podSchedulingGateSchema>

export const podResourceClaimSchema = message('io.k8s.api.core.v1.PodResourceClaim', 'DESCRIBE PodResourceClaim', {
  name: string(1, 'DESCRIBE PodResourceClaim.name', { json: 'always' }),
  resourceClaimName: string(3, 'DESCRIBE PodResourceClaim.resourceClaimName', { pointer: true }),
  resourceClaimTemplateName: string(4, 'DESCRIBE PodResourceClaim.resourceClaimTemplateName', { pointer: true }),
})
export type PodResourceClaim = z.output<typeof podResourceClaimSchema>

export const workloadReferenceSchema = message('io.k8s.api.core.v1.WorkloadReference', 'DESCRIBE WorkloadReference', {
  name: string(1, 'DESCRIBE WorkloadReference.name', { json: 'always' }),
  podGroup: string(2, 'DESCRIBE WorkloadReference.podGroup', { json: 'always' }),
  podGroupReplicaKey: string(3, 'DESCRIBE WorkloadReference.podGroupReplicaKey'),
})
export type WorkloadReference = z.output<typeof workloadReferenceSchema>

export const podSpecSchema = message('io.k8s.api.core.v1.PodSpec', 'DESCRIBE PodSpec', {
  volumes: list(1, volumeSchema, 'DESCRIBE PodSpec.volumes', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
  }),
  initContainers: list(20, containerSchema, 'DESCRIBE PodSpec.initContainers', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  containers: list(2, containerSchema, 'DESCRIBE PodSpec.containers', {
    json: 'always',
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  ephemeralContainers: list(34, ephemeralContainerSchema, 'DESCRIBE PodSpec.ephemeralContainers', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  restartPolicy: string(3, 'DESCRIBE PodSpec.restartPolicy', { enum: ['Always', 'Never', 'OnFailure'] }),
  terminationGracePeriodSeconds: int64(4, 'DESCRIBE PodSpec.terminationGracePeriodSeconds', { pointer: true }),
  activeDeadlineSeconds: int64(5, 'DESCRIBE PodSpec.activeDeadlineSeconds', { pointer: true }),
  dnsPolicy: string(6, 'DESCRIBE PodSpec.dnsPolicy', { enum: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'] }),
  nodeSelector: map(7, 'string', 'DESCRIBE PodSpec.nodeSelector', { mapType: 'atomic' }),
  serviceAccountName: string(8, 'DESCRIBE PodSpec.serviceAccountName'),
  serviceAccount: string(9, 'DESCRIBE PodSpec.serviceAccount'),
  automountServiceAccountToken: bool(21, 'DESCRIBE PodSpec.automountServiceAccountToken', { pointer: true }),
  nodeName: string(10, 'DESCRIBE PodSpec.nodeName'),
  hostNetwork: bool(11, 'DESCRIBE PodSpec.hostNetwork'),
  hostPID: bool(12, 'DESCRIBE PodSpec.hostPID'),
  hostIPC: bool(13, 'DESCRIBE PodSpec.hostIPC'),
  shareProcessNamespace: bool(27, 'DESCRIBE PodSpec.shareProcessNamespace', { pointer: true }),
  securityContext: object(14, podSecurityContextSchema, 'DESCRIBE PodSpec.securityContext', { pointer: true }),
  imagePullSecrets: list(15, localObjectReferenceSchema, 'DESCRIBE PodSpec.imagePullSecrets', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  hostname: string(16, 'DESCRIBE PodSpec.hostname'),
  subdomain: string(17, 'DESCRIBE PodSpec.subdomain'),
  affinity: object(18, affinitySchema, 'DESCRIBE PodSpec.affinity', { pointer: true }),
  schedulerName: string(19, 'DESCRIBE PodSpec.schedulerName'),
  tolerations: list(22, tolerationSchema, 'DESCRIBE PodSpec.tolerations', { listType: 'atomic' }),
  hostAliases: list(23, hostAliasSchema, 'DESCRIBE PodSpec.hostAliases', {
    listType: 'map',
    listKeys: ['ip'],
    patchStrategy: 'merge',
    patchMergeKey: 'ip',
  }),
  priorityClassName: string(24, 'DESCRIBE PodSpec.priorityClassName'),
  priority: int32(25, 'DESCRIBE PodSpec.priority', { pointer: true }),
  dnsConfig: object(26, podDNSConfigSchema, 'DESCRIBE PodSpec.dnsConfig', { pointer: true }),
  readinessGates: list(28, podReadinessGateSchema, 'DESCRIBE PodSpec.readinessGates', { listType: 'atomic' }),
  runtimeClassName: string(29, 'DESCRIBE PodSpec.runtimeClassName', { pointer: true }),
  enableServiceLinks: bool(30, 'DESCRIBE PodSpec.enableServiceLinks', { pointer: true }),
  preemptionPolicy: string(31, 'DESCRIBE PodSpec.preemptionPolicy', { pointer: true, enum: ['Never', 'PreemptLowerPriority'] }),
  overhead: map(32, 'quantity', 'DESCRIBE PodSpec.overhead'),
  topologySpreadConstraints: list(33, topologySpreadConstraintSchema, 'DESCRIBE PodSpec.topologySpreadConstraints', {
    listType: 'map',
    listKeys: ['topologyKey', 'whenUnsatisfiable'],
    patchStrategy: 'merge',
    patchMergeKey: 'topologyKey',
  }),
  setHostnameAsFQDN: bool(35, 'DESCRIBE PodSpec.setHostnameAsFQDN', { pointer: true }),
  os: object(36, podOSSchema, 'DESCRIBE PodSpec.os', { pointer: true }),
  hostUsers: bool(37, 'DESCRIBE PodSpec.hostUsers', { pointer: true }),
  schedulingGates: list(38, podSchedulingGateSchema, 'DESCRIBE PodSpec.schedulingGates', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  resourceClaims: list(39, podResourceClaimSchema, 'DESCRIBE PodSpec.resourceClaims', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
  }),
  resources: object(40, resourceRequirementsSchema, 'DESCRIBE PodSpec.resources', { pointer: true }),
  hostnameOverride: string(41, 'DESCRIBE PodSpec.hostnameOverride', { pointer: true }),
  workloadRef: object(42, workloadReferenceSchema, 'DESCRIBE PodSpec.workloadRef', { pointer: true }),
})
export type PodSpec = z.output<typeof podSpecSchema>

export const podTemplateSpecSchema = message('io.k8s.api.core.v1.PodTemplateSpec', 'DESCRIBE PodTemplateSpec', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE PodTemplateSpec.metadata'),
  spec: object(2, podSpecSchema, 'DESCRIBE PodTemplateSpec.spec'),
})
export type PodTemplateSpec = z.output<typeof podTemplateSpecSchema>
