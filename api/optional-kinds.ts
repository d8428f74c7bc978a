/** Kinds of beta and alpha versions: off unless they are asked for, and not loaded before. */
import { mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings } from './admissionregistration/mutating-admission-policy.ts'
import { clusterTrustBundles } from './certificates/cluster-trust-bundle.ts'
import { podCertificateRequests } from './certificates/pod-certificate-request.ts'
import { leaseCandidates } from './coordination/lease-candidate.ts'
import { IPAddresses } from './networking/ip-address.ts'
import { ServiceCIDRs } from './networking/service-cidr.ts'
import { DeviceClasses } from './resource/device-class.ts'
import { ResourceClaims } from './resource/resource-claim.ts'
import { ResourceClaimTemplates } from './resource/resource-claim-template.ts'
import { ResourceSlices } from './resource/resource-slice.ts'
import { resourceV1beta1 } from './resource/v1beta1.ts'
import { apiVersionOf, type Resource } from './resource.ts'
import { workloads } from './scheduling/workload.ts'
import { VolumeAttributesClasses } from './storage/volume-attributes-class.ts'
import { storageVersionMigrations } from './storagemigration/storage-version-migration.ts'
import { versionFace } from './version-face.ts'

/** With upstream's warning of versions that will go; `instead` names what to use. */
const deprecated = (resource: Resource, [since, until]: readonly [since: string, until: string], instead = ''): Resource => ({
  ...resource,
  deprecation: `${apiVersionOf(resource)} ${resource.kind} is deprecated in v${since}+, unavailable in v${until}+${instead}`,
})

const face = (resource: unknown, version: string): Resource => versionFace(resource as Resource, version)

export const optionalResources = (): readonly Resource[] => [
  deprecated(face(IPAddresses, 'v1beta1'), ['1.34', '1.37']),
  deprecated(face(ServiceCIDRs, 'v1beta1'), ['1.34', '1.37']),
  deprecated(face(VolumeAttributesClasses, 'v1beta1'), ['1.34', '1.37'], '; use storage.k8s.io/v1 VolumeAttributesClass'),
  face(DeviceClasses, 'v1beta2'),
  face(ResourceClaims, 'v1beta2'),
  face(ResourceClaimTemplates, 'v1beta2'),
  face(ResourceSlices, 'v1beta2'),
  ...resourceV1beta1().map((resource) => deprecated(resource, ['1.35', '1.38'])),
  ...[
    mutatingAdmissionPolicies(),
    mutatingAdmissionPolicyBindings(),
    clusterTrustBundles(),
    podCertificateRequests(),
    leaseCandidates(),
    storageVersionMigrations(),
    workloads(),
  ].map((resource) => resource as unknown as Resource),
]
