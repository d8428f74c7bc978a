/** StorageObjectInUseProtection and PersistentVolumeClaimResize: volumes and claims in use cannot vanish, and grow only where their class lets them. */

import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import { storageClassOf } from '#api/core/rules/storage-class.ts'
import { compareQuantities } from '#api/meta/quantity.ts'
import { groupResourceOf } from '#api/resource.ts'
import type { StorageClass } from '#api/storage/storage-class.ts'
import { type AdmissionPlugin, isResource, refuse } from './admission.ts'

const finalizers: Readonly<Record<string, string>> = {
  persistentvolumes: 'kubernetes.io/pv-protection',
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  'volumeattributesclasses.storage.k8s.io': 'kubernetes.io/vac-protection',
}

/** The controllers of the same names take the finalizers away once nobody uses the object. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  kinds: Object.keys(finalizers),
  mutate({ operation, subresource, resource, object }) {
    const finalizer = finalizers[groupResourceOf(resource)]
    if (operation !== 'create' || subresource !== '' || finalizer === undefined || object === undefined) return
    const given = object.metadata.finalizers ?? []
    if (!given.includes(finalizer)) object.metadata.finalizers = [...given, finalizer]
  },
}

export interface ResizeDeps {
  storageClass(name: string): Promise<StorageClass | undefined>
}

const classOf = ({ metadata, spec }: PersistentVolumeClaim): string => storageClassOf(metadata, spec.storageClassName)

const sizeOf = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0'

export const claimResize = (deps: ResizeDeps): AdmissionPlugin => ({
  name: 'PersistentVolumeClaimResize',
  kinds: ['persistentvolumeclaims'],
  async validate(request) {
    const isUpdate = request.operation === 'update' && request.subresource === ''
    if (!isUpdate || !isResource(request, '', 'persistentvolumeclaims')) return
    const [claim, old] = [request.object as PersistentVolumeClaim, request.old as PersistentVolumeClaim]
    if (compareQuantities(sizeOf(claim), sizeOf(old)) <= 0) return
    if (old.status.phase !== 'Bound') throw refuse(request, 'Only bound persistent volume claims can be expanded')
    const name = classOf(claim)
    const found = name !== '' && name === classOf(old) ? await deps.storageClass(name) : undefined
    if (found?.allowVolumeExpansion === true) return
    throw refuse(
      request,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    )
  },
})
