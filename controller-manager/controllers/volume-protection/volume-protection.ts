/** A volume that is deleted stays while it is bound to a claim (upstream: pv-protection). */
import { PersistentVolumes } from '#api/core/persistent-volume.ts'
import { keyOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { watch } from '#client/runner/world.ts'
import { protect } from './finalizers.ts'

export const volumeProtectionController: Controller = {
  name: 'persistentvolume-protection-controller',
  watches: [watch(PersistentVolumes, { keys: (volume) => [keyOf(volume)] })],
  reconcile: (key, world) => {
    const volume = world.of(PersistentVolumes).get(key)
    return protect(PersistentVolumes, volume, 'kubernetes.io/pv-protection', () => volume?.status.phase === 'Bound')
  },
}
