/** Texts about unwise claims and persistent volumes (upstream: pkg/api/persistentvolumeclaim, pkg/api/persistentvolume). */
import { milliValue } from '#api/meta/quantity.ts'
import type { PersistentVolume, PersistentVolumeSpec } from './persistent-volume.ts'
import type { PersistentVolumeClaim } from './persistent-volume-claim.ts'
import { termWarnings } from './pod-warnings.ts'
import { storageClassAnnotation } from './rules/storage-class.ts'
import type { PersistentVolumeClaimSpec } from './volume-claim-spec.ts'

const optionsAnnotation = 'volume.beta.kubernetes.io/mount-options'

export function claimSpecWarnings({ resources }: PersistentVolumeClaimSpec, path: string): string[] {
  return (['requests', 'limits'] as const).flatMap((list) => {
    const amount = resources?.[list]?.['storage']
    if (amount === undefined || milliValue(amount) % 1000 === 0) return []
    return [`${path}.resources.${list}[storage]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`]
  })
}

export function claimWarnings({ metadata, spec }: PersistentVolumeClaim): string[] {
  const old = metadata.annotations?.[storageClassAnnotation] === undefined
  return [
    ...(old ? [] : [`metadata.annotations[${storageClassAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
    ...claimSpecWarnings(spec, 'spec'),
  ]
}

const sourceFaults: readonly (readonly [keyof PersistentVolumeSpec, string])[] = [
  ['cephfs', 'spec.cephfs: deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'spec.photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'spec.scaleIO: deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'spec.storageOS: deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'spec.glusterfs: deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'spec.rbd: deprecated in v1.28, non-functional in v1.31+'],
]

export function persistentVolumeWarnings({ metadata: { annotations = {} }, spec }: PersistentVolume): string[] {
  const found: string[] = []
  if (annotations[storageClassAnnotation] !== undefined) {
    found.push(`metadata.annotations[${storageClassAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`)
  }
  if (annotations[optionsAnnotation] !== undefined) {
    found.push(`metadata.annotations[${optionsAnnotation}]: deprecated since v1.31; use "mountOptions" attribute instead`)
  }
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const text = 'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'
    found.push(`spec.persistentVolumeReclaimPolicy: ${text}`)
  }
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? []
  found.push(...terms.flatMap((term, i) => termWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`, false)))
  return [...found, ...sourceFaults.filter(([name]) => spec[name] !== undefined).map(([, text]) => text)]
}
