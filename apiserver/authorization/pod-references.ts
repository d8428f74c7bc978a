/** Which objects a pod refers to: what its node may read (pure; upstream: node authorizer, Graph.AddPod). */
import { isMirror } from '#api/core/mirror-pod.ts'
import type { Pod } from '#api/core/pod.ts'

export type ReferredResource = 'secrets' | 'configmaps' | 'serviceaccounts' | 'persistentvolumeclaims' | 'resourceclaims'
export type PodReferences = Readonly<Record<ReferredResource, ReadonlySet<string>>>

/** A mirror pod is made by its node and gives it nothing. */
export function referencesOf(pod: Pod): PodReferences {
  const found = {
    secrets: new Set<string>(),
    configmaps: new Set<string>(),
    serviceaccounts: new Set<string>(),
    persistentvolumeclaims: new Set<string>(),
    resourceclaims: new Set<string>(),
  }
  if (isMirror(pod)) return found
  addVolumes(pod, found)
  addContainers(pod, found)
  addResourceClaims(pod, found.resourceclaims)
  const { spec } = pod
  for (const pull of spec.imagePullSecrets ?? []) add(found.secrets, pull.name)
  add(found.serviceaccounts, spec.serviceAccountName)
  return found
}

type Found = Record<ReferredResource, Set<string>>

const add = (set: Set<string>, name: string | undefined): void => void (name ? set.add(name) : undefined)

/** Secrets that drivers need are in the pod's namespace too. */
function addVolumes({ spec, metadata }: Pod, found: Found): void {
  for (const volume of spec.volumes ?? []) {
    add(found.secrets, volume.secret?.secretName)
    add(found.configmaps, volume.configMap?.name)
    add(found.persistentvolumeclaims, volume.persistentVolumeClaim?.claimName)
    if (volume.ephemeral) add(found.persistentvolumeclaims, `${metadata.name}-${volume.name}`)
    for (const source of volume.projected?.sources ?? []) {
      add(found.secrets, source.secret?.name)
      add(found.configmaps, source.configMap?.name)
    }
    add(found.secrets, volume.azureFile?.secretName)
    for (const source of [volume.cephfs, volume.cinder, volume.flexVolume, volume.rbd, volume.scaleIO, volume.iscsi, volume.storageos])
      add(found.secrets, source?.secretRef?.name)
    add(found.secrets, volume.csi?.nodePublishSecretRef?.name)
  }
}

function addContainers({ spec }: Pod, found: Found): void {
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    for (const env of container.env ?? []) {
      add(found.secrets, env.valueFrom?.secretKeyRef?.name)
      add(found.configmaps, env.valueFrom?.configMapKeyRef?.name)
    }
    for (const from of container.envFrom ?? []) {
      add(found.secrets, from.secretRef?.name)
      add(found.configmaps, from.configMapRef?.name)
    }
  }
}

/** Claims made of a template are named in the status. */
function addResourceClaims({ spec, status }: Pod, claims: Set<string>): void {
  for (const claim of spec.resourceClaims ?? []) {
    if (claim.resourceClaimName) add(claims, claim.resourceClaimName)
    else add(claims, status?.resourceClaimStatuses?.find(({ name }) => name === claim.name)?.resourceClaimName)
  }
  add(claims, status?.extendedResourceClaimStatus?.resourceClaimName)
}
