/** How groups and versions rank in discovery (upstream: pkg/controlplane/apiserver/aggregator.go and its additions for built-in groups). Pure. */

const groups: Readonly<Record<string, number>> = {
  '': 18_000,
  // Comes first, and has no API service of its own.
  'apiregistration.k8s.io': 20_001,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'resource.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'internal.apiserver.k8s.io': 16_000,
  'storagemigration.k8s.io': 15_800,
}

const versions: Readonly<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'resource.k8s.io/v1': 21,
  'resource.k8s.io/v1beta2': 15,
  'resource.k8s.io/v1beta1': 9,
  'resource.k8s.io/v1alpha3': 1,
  'events.k8s.io/v1beta1': 5,
  'coordination.k8s.io/v1beta1': 13,
  'coordination.k8s.io/v1alpha2': 12,
  'networking.k8s.io/v1beta1': 12,
  'admissionregistration.k8s.io/v1beta1': 12,
}

/** Of groups that users define. */
export const customPriorities = { group: 1_000, version: 100 }

export const isBuiltInGroup = (group: string): boolean => Object.hasOwn(groups, group)

export const groupPriority = (group: string): number => (Object.hasOwn(groups, group) ? (groups[group] ?? 0) : customPriorities.group)

export function versionPriority(group: string, version: string): number {
  const key = `${group}/${version}`
  if (Object.hasOwn(versions, key)) return versions[key] ?? 0
  if (!isBuiltInGroup(group)) return customPriorities.version
  if (/^v\d+$/.test(version)) return 15
  return /^v\d+beta\d+$/.test(version) ? 9 : 1
}
