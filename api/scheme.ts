/** All kinds, one line each: what routes, storage, discovery, OpenAPI and tables are derived from. */

import { ValidatingAdmissionPolicies } from './admissionregistration/validating-admission-policy.ts'
import { ValidatingAdmissionPolicyBindings } from './admissionregistration/validating-admission-policy-binding.ts'
import { MutatingWebhookConfigurations, ValidatingWebhookConfigurations } from './admissionregistration/webhook-configuration.ts'
import { CustomResourceDefinitions } from './apiextensions/definitions.ts'
import { APIServices } from './apiregistration/api-service.ts'
import { ControllerRevisions } from './apps/controller-revision.ts'
import { DaemonSets } from './apps/daemon-set.ts'
import { Deployments } from './apps/deployment.ts'
import { ReplicaSets } from './apps/replica-set.ts'
import { StatefulSets } from './apps/stateful-set.ts'
import { HorizontalPodAutoscalers } from './autoscaling/horizontal-pod-autoscaler.ts'
import { HorizontalPodAutoscalersV1 } from './autoscaling/horizontal-pod-autoscaler-v1.ts'
import { CronJobs } from './batch/cron-job.ts'
import { Jobs } from './batch/job.ts'
import { CertificateSigningRequests } from './certificates/certificate-signing-request.ts'
import { Leases } from './coordination/lease.ts'
import { ComponentStatuses } from './core/component-status.ts'
import { ConfigMaps } from './core/config-map.ts'
import { EndpointsResource } from './core/endpoints.ts'
import { CoreEvents } from './core/event.ts'
import { LimitRanges } from './core/limit-range.ts'
import { Namespaces } from './core/namespace.ts'
import { Nodes } from './core/node.ts'
import { PersistentVolumes } from './core/persistent-volume.ts'
import { PersistentVolumeClaims } from './core/persistent-volume-claim.ts'
import { Pods } from './core/pod.ts'
import { PodTemplates } from './core/pod-template.ts'
import { ReplicationControllers } from './core/replication-controller.ts'
import { ResourceQuotas } from './core/resource-quota.ts'
import { Secrets } from './core/secret.ts'
import { Services } from './core/service.ts'
import { ServiceAccounts } from './core/service-account.ts'
import { EndpointSlices } from './discovery/endpoint-slice.ts'
import { EventsV1 } from './events/event.ts'
import { FlowSchemas } from './flowcontrol/flow-schema.ts'
import { PriorityLevelConfigurations } from './flowcontrol/priority-level-configuration.ts'
import { Ingresses } from './networking/ingress.ts'
import { IngressClasses } from './networking/ingress-class.ts'
import { IPAddresses } from './networking/ip-address.ts'
import { NetworkPolicies } from './networking/network-policy.ts'
import { ServiceCIDRs } from './networking/service-cidr.ts'
import { RuntimeClasses } from './node/runtime-class.ts'
import { PodDisruptionBudgets } from './policy/pod-disruption-budget.ts'
import { ClusterRoles } from './rbac/cluster-role.ts'
import { ClusterRoleBindings } from './rbac/cluster-role-binding.ts'
import { Roles } from './rbac/role.ts'
import { RoleBindings } from './rbac/role-binding.ts'
import { DeviceClasses } from './resource/device-class.ts'
import { ResourceClaims } from './resource/resource-claim.ts'
import { ResourceClaimTemplates } from './resource/resource-claim-template.ts'
import { ResourceSlices } from './resource/resource-slice.ts'
import { apiVersionOf, type Resource } from './resource.ts'
import { PriorityClasses } from './scheduling/priority-class.ts'
import { CSIDrivers } from './storage/csi-driver.ts'
import { CSINodes } from './storage/csi-node.ts'
import { CSIStorageCapacities } from './storage/csi-storage-capacity.ts'
import { StorageClasses } from './storage/storage-class.ts'
import { VolumeAttachments } from './storage/volume-attachment.ts'
import { VolumeAttributesClasses } from './storage/volume-attributes-class.ts'

export const resources: readonly Resource[] = [
  CustomResourceDefinitions,
  ComponentStatuses,
  ConfigMaps,
  EndpointsResource,
  CoreEvents,
  Namespaces,
  Nodes,
  Pods,
  Secrets,
  ServiceAccounts,
  Services,
  LimitRanges,
  PersistentVolumeClaims,
  PersistentVolumes,
  PodTemplates,
  ReplicationControllers,
  ResourceQuotas,
  Deployments,
  ReplicaSets,
  ControllerRevisions,
  DaemonSets,
  StatefulSets,
  HorizontalPodAutoscalers,
  HorizontalPodAutoscalersV1,
  CronJobs,
  Jobs,
  Leases,
  EndpointSlices,
  EventsV1,
  PodDisruptionBudgets,
  IngressClasses,
  Ingresses,
  IPAddresses,
  NetworkPolicies,
  ServiceCIDRs,
  CSIDrivers,
  CSINodes,
  CSIStorageCapacities,
  StorageClasses,
  VolumeAttachments,
  VolumeAttributesClasses,
  PriorityClasses,
  RuntimeClasses,
  CertificateSigningRequests,
  MutatingWebhookConfigurations,
  ValidatingWebhookConfigurations,
  ValidatingAdmissionPolicies,
  ValidatingAdmissionPolicyBindings,
  FlowSchemas,
  PriorityLevelConfigurations,
  DeviceClasses,
  ResourceClaims,
  ResourceClaimTemplates,
  ResourceSlices,
  APIServices,
  ClusterRoles,
  ClusterRoleBindings,
  Roles,
  RoleBindings,
]

const byPlural = new Map(resources.map((resource) => [`${apiVersionOf(resource)}/${resource.plural}`, resource]))
const byKind = new Map(resources.map((resource) => [`${apiVersionOf(resource)}/${resource.kind}`, resource]))

export function resourceOf(group: string, version: string, plural: string): Resource | undefined {
  return byPlural.get(`${apiVersionOf({ group, version })}/${plural}`)
}

export function kindOf(apiVersion: string, kind: string): Resource | undefined {
  return byKind.get(`${apiVersion}/${kind}`)
}

/** `PodList`: every kind has its list, which is no kind of its own. */
export const listKindOf = (resource: Pick<Resource, 'kind' | 'listKind'>): string => resource.listKind ?? `${resource.kind}List`

export interface GroupVersion {
  group: string
  version: string
  resources: readonly Resource[]
}

/** Group versions in the order of the registry. */
export const groupVersions: readonly GroupVersion[] = [...Map.groupBy(resources, apiVersionOf).values()].map((members) => ({
  group: members[0]?.group ?? '',
  version: members[0]?.version ?? '',
  resources: members,
}))
