/** A class of volume attributes that is deleted stays while volumes or claims have it (upstream: vac-protection). */
import { type PersistentVolume, PersistentVolumes } from '#api/core/persistent-volume.ts'
import { type PersistentVolumeClaim, PersistentVolumeClaims } from '#api/core/persistent-volume-claim.ts'
import { VolumeAttributesClasses } from '#api/storage/volume-attributes-class.ts'
import { keyOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { watch } from '#client/runner/world.ts'
import { protect } from './finalizers.ts'

const named = (names: readonly (string | undefined)[]): string[] => names.filter((name) => name !== undefined && name !== '') as string[]

const classOfVolume = ({ spec }: PersistentVolume): string[] => named([spec.volumeAttributesClassName])
const classesOfClaim = ({ spec, status }: PersistentVolumeClaim): string[] =>
  named([
    spec.volumeAttributesClassName,
    status.currentVolumeAttributesClassName,
    status.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ])

export const attributesClassProtectionController: Controller = {
  name: 'volumeattributesclass-protection-controller',
  watches: [
    watch(VolumeAttributesClasses, { keys: (found) => [keyOf(found)] }),
    watch(PersistentVolumes, { indexes: { attributesClass: classOfVolume }, keys: classOfVolume }),
    watch(PersistentVolumeClaims, { indexes: { attributesClass: classesOfClaim }, keys: classesOfClaim }),
  ],
  reconcile: (key, world) => {
    const isUsed = (): boolean =>
      world.of(PersistentVolumes).byIndex('attributesClass', key).length > 0 ||
      world.of(PersistentVolumeClaims).byIndex('attributesClass', key).length > 0
    return protect(VolumeAttributesClasses, world.of(VolumeAttributesClasses).get(key), 'kubernetes.io/vac-protection', isUsed)
  },
}
