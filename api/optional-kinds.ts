/** Kinds of beta and alpha versions: off unless they are asked for, and not loaded before. */
import { mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings } from './admissionregistration/mutating-admission-policy.ts'
import { clusterTrustBundles } from './certificates/cluster-trust-bundle.ts'
import { leaseCandidates } from './coordination/lease-candidate.ts'
import { IPAddresses } from './networking/ip-address.ts'
import { ServiceCIDRs } from './networking/service-cidr.ts'
import { DeviceClasses } from './resource/device-class.ts'
import { ResourceClaims } from './resource/resource-claim.ts'
import { ResourceClaimTemplates } from './resource/resource-claim-template.ts'
import { ResourceSlices } from './resource/resource-slice.ts'
import type { Resource } from './resource.ts'
import { workloads } from './scheduling/workload.ts'
import { VolumeAttributesClasses } from './storage/volume-attributes-class.ts'
import { versionFace } from './version-face.ts'

export const optionalResources = (): readonly Resource[] => [
  versionFace(IPAddresses, 'v1beta1') as unknown as Resource,
  versionFace(ServiceCIDRs, 'v1beta1') as unknown as Resource,
  versionFace(VolumeAttributesClasses, 'v1beta1') as unknown as Resource,
  versionFace(DeviceClasses, 'v1beta2') as unknown as Resource,
  versionFace(ResourceClaims, 'v1beta2') as unknown as Resource,
  versionFace(ResourceClaimTemplates, 'v1beta2') as unknown as Resource,
  versionFace(ResourceSlices, 'v1beta2') as unknown as Resource,
  mutatingAdmissionPolicies() as unknown as Resource,
  mutatingAdmissionPolicyBindings() as unknown as Resource,
  clusterTrustBundles() as unknown as Resource,
  leaseCandidates() as unknown as Resource,
  workloads() as unknown as Resource,
]
