/** Fields of pods whose features v1.35 leaves off by default: they are dropped unless the stored object has them already. */
import type { PodSpec } from './pod-spec.ts'
import type { PodStatus } from './pod-status.ts'

const allContainers = (spec: PodSpec) => [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]

function projections(spec: PodSpec) {
  return (spec.volumes ?? []).flatMap((volume) => volume.projected?.sources ?? [])
}

function dropStopSignals(spec: PodSpec): void {
  for (const container of allContainers(spec)) {
    if (container.lifecycle?.stopSignal === undefined) continue
    delete container.lifecycle.stopSignal
    if (!container.lifecycle.postStart && !container.lifecycle.preStop) delete container.lifecycle
  }
}

/** Also for templates. Changes `spec` in place. */
export function dropDisabledSpecFields(spec: PodSpec, prev: PodSpec | undefined): void {
  if (!prev || !projections(prev).some((source) => source.clusterTrustBundle))
    for (const source of projections(spec)) delete source.clusterTrustBundle
  if (!prev || !projections(prev).some((source) => source.podCertificate))
    for (const source of projections(spec)) delete source.podCertificate
  if (!prev?.workloadRef) delete spec.workloadRef
  if (!prev || !allContainers(prev).some((container) => container.lifecycle?.stopSignal !== undefined)) dropStopSignals(spec)
}

/** Changes `status` in place. */
export function dropDisabledStatusFields(status: PodStatus, prev: PodStatus | undefined): void {
  if (prev?.resources === undefined && prev?.allocatedResources === undefined) {
    delete status.resources
    delete status.allocatedResources
  }
  if (prev?.extendedResourceClaimStatus === undefined) delete status.extendedResourceClaimStatus
  const lists = [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses]
  for (const container of lists.flatMap((list) => list ?? [])) delete container.allocatedResourcesStatus
}
