/** A claim that is deleted stays until no pod on a node uses it (upstream: pvc-protection). */
import { PersistentVolumeClaims } from '#api/core/persistent-volume-claim.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { keyOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { type World, watch } from '#client/runner/world.ts'
import { protect } from './finalizers.ts'

const finalizer = 'kubernetes.io/pvc-protection'

/** Keys of the claims that a pod names; one of a generic ephemeral volume is called after pod and volume. */
export function claimsOf({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${metadata.name}-${name}`)
    return claim === undefined ? [] : [`${metadata.namespace}/${claim}`]
  })
}

export const claimProtectionController: Controller = {
  name: 'persistentvolumeclaim-protection-controller',
  watches: [
    watch(PersistentVolumeClaims, { keys: (claim) => [keyOf(claim)] }),
    watch(Pods, {
      indexes: { claim: claimsOf },
      keys: claimsOf,
      concerns: (now, was) => now.spec.nodeName !== was.spec.nodeName,
    }),
  ],
  reconcile: (key, world) => {
    const claim = world.of(PersistentVolumeClaims).get(key)
    return protect(PersistentVolumeClaims, claim, finalizer, () => isUsed(key, world))
  },
}

/** A pod without a node will not start any more: kubelets refuse claims that are being deleted. */
const isUsed = (key: string, world: World): boolean =>
  world
    .of(Pods)
    .byIndex('claim', key)
    .some(({ spec }) => (spec.nodeName ?? '') !== '')
