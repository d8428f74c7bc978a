/** Claims on volumes against quotas: their number and size, also by storage class (upstream: …/evaluator/core/persistent_volume_claims.go). */

import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import { storageClassOf } from '#api/core/rules/storage-class.ts'
import { compareQuantities, quantityValue } from '#api/meta/quantity.ts'
import { passes, type QuotaEvaluator } from './evaluator.ts'
import type { ResourceList } from './resource-lists.ts'

const names = ['persistentvolumeclaims', 'requests.storage']
const ofClass = (storageClass: string, name: string): string => `${storageClass}.storageclass.storage.k8s.io/${name}`

/** Whole bytes; what is allocated already counts where it is more. */
function storageOf({ spec, status }: PersistentVolumeClaim): string | undefined {
  const asked = spec.resources?.requests?.['storage']
  if (asked === undefined) return undefined
  const allocated = status.allocatedResources?.['storage']
  const most = allocated !== undefined && compareQuantities(allocated, asked) > 0 ? allocated : asked
  const isWhole = compareQuantities(most, String(quantityValue(most))) === 0
  return isWhole ? most : String(quantityValue(most))
}

function usage(claim: PersistentVolumeClaim): ResourceList {
  const storageClass = storageClassOf(claim.metadata, claim.spec.storageClassName)
  const storage = storageOf(claim)
  const used: Record<string, string> = { persistentvolumeclaims: '1', ...(storage === undefined ? {} : { 'requests.storage': storage }) }
  if (storageClass !== '') for (const name of Object.keys(used)) used[ofClass(storageClass, name)] = used[name] ?? ''
  return { 'count/persistentvolumeclaims': '1', ...used }
}

/** All classes of attributes that the volume has, gets or should get. */
function attributeClasses({ spec, status }: PersistentVolumeClaim): string[] {
  const found = [
    spec.volumeAttributesClassName,
    status.currentVolumeAttributesClassName,
    status.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return [...new Set(found.filter((name) => name !== undefined && name !== ''))] as string[]
}

export const claimQuota: QuotaEvaluator = {
  groupResource: 'persistentvolumeclaims',
  handles: ({ subresource, object, old }) => {
    if (subresource !== 'status') return subresource === ''
    const [now, was] = [object as PersistentVolumeClaim, old as PersistentVolumeClaim]
    return storageOf(now) !== storageOf(was) || attributeClasses(now).join() !== attributeClasses(was).join()
  },
  matchingNames: (wanted) =>
    wanted.filter(
      (name) => name === 'count/persistentvolumeclaims' || names.some((base) => name === base || name.endsWith(ofClass('', base))),
    ),
  inScope: (selector, object) =>
    selector.scopeName === 'VolumeAttributesClass' && passes(selector, attributeClasses(object as PersistentVolumeClaim)),
  usage: (object) => usage(object as PersistentVolumeClaim),
}
