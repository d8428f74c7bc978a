/** From a pod's claim to the PersistentVolume behind it, with upstream's refusals. Does nothing but the two readings that it is given. */
import type { Node } from '#api/core/node.ts'
import type { PersistentVolume } from '#api/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import type { Pod } from '#api/core/pod.ts'
import type { Volume } from '#api/core/volume.ts'
import { nodeMatches } from '#kubelet/admission/admission.ts'
import { VolumeError, type VolumeSpec } from './volume.ts'

/** Each rejects with the API server's words. The node authorizer lets a kubelet read those that its pods use, one by one. */
export interface ClaimReader {
  claim(namespace: string, name: string): Promise<PersistentVolumeClaim>
  volume(name: string): Promise<PersistentVolume>
}

/** The volume cannot even be looked at yet: it is told together with all others of the pod. */
export class UnprocessedError extends Error {}

const protection = 'kubernetes.io/pvc-protection'
const gidAnnotation = 'pv.beta.kubernetes.io/gid'

/** Name of the claim that a volume asks for; undefined for volumes of other kinds. Pure. */
export function claimNameOf(pod: Pod, volume: Volume): string | undefined {
  return volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined)
}

/** The volume itself where it is no claim. Throws UnprocessedError. */
export async function resolveClaim(
  pod: Pod,
  volume: Volume,
  reader: ClaimReader,
): Promise<{ spec: VolumeSpec; persistent?: PersistentVolume }> {
  const name = claimNameOf(pod, volume)
  if (name === undefined) return { spec: volume }
  const where = `error processing PVC ${pod.metadata.namespace}/${name}: `
  const claim = await reader.claim(pod.metadata.namespace ?? '', name).catch((error: Error) => {
    throw new UnprocessedError(`${where}failed to fetch PVC from API server: ${error.message}`)
  })
  const unbound = claimProblem(claim)
  if (unbound) throw new UnprocessedError(`${where}${unbound}`)
  if (volume.ephemeral && !isOwnedBy(claim, pod))
    throw new UnprocessedError(
      `PVC ${pod.metadata.namespace}/${name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`,
    )
  const volumeName = claim.spec?.volumeName ?? ''
  const persistent = await reader.volume(volumeName).catch((error: Error) => {
    throw new UnprocessedError(`${where}failed to fetch PV ${volumeName} from API server: ${error.message}`)
  })
  const stranger = volumeProblem(persistent, claim)
  if (stranger) throw new UnprocessedError(`${where}${stranger}`)
  return { spec: specOf(persistent, volume.persistentVolumeClaim?.readOnly ?? false), persistent }
}

/** Pure. */
export function claimProblem(claim: PersistentVolumeClaim): string | undefined {
  const { deletionTimestamp, finalizers = [] } = claim.metadata
  if (deletionTimestamp && !finalizers.includes(protection)) return 'PVC is being deleted'
  if (claim.status?.phase !== 'Bound') return 'PVC is not bound'
  return claim.spec?.volumeName ? undefined : 'PVC has empty pvc.Spec.VolumeName'
}

/** Pure. */
export function volumeProblem(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  const { name = '' } = volume.metadata
  const ref = volume.spec?.claimRef
  if (!ref) return `found PV object ${name} but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim`
  if (ref.uid === claim.metadata.uid) return undefined
  return `found PV object ${name} but its pv.Spec.ClaimRef.UID ${ref.uid} does not point to claim.UID ${claim.metadata.uid}`
}

const isOwnedBy = (claim: PersistentVolumeClaim, pod: Pod): boolean =>
  (claim.metadata.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === pod.metadata.uid)

/** What of a PersistentVolume's spec is not where its data is. */
const notSources: ReadonlySet<string> = new Set([
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
])

/** Pure. */
export function specOf(volume: PersistentVolume, readOnly: boolean): VolumeSpec {
  const spec = volume.spec ?? {}
  const gid = Number(volume.metadata.annotations?.[gidAnnotation] ?? Number.NaN)
  const mountOptions = volume.metadata.annotations?.['volume.beta.kubernetes.io/mount-options']?.split(',') ?? spec.mountOptions
  return {
    ...(Object.fromEntries(Object.entries(spec).filter(([key]) => !notSources.has(key))) as Partial<VolumeSpec>),
    name: volume.metadata.name ?? '',
    claimed: true,
    readOnly,
    ...(mountOptions ? { mountOptions } : {}),
    ...(spec.volumeMode === 'Block' ? { block: true } : {}),
    ...(Number.isInteger(gid) ? { gid } : {}),
  }
}

/** Throws VolumeError where the volume cannot be reached from this node. Pure. */
export function checkNodeAffinity(volume: PersistentVolume, node: Node | undefined): void {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms
  if (terms && node && !nodeMatches(terms, node)) throw new VolumeError('no matching NodeSelectorTerms', 'MountVolume.NodeAffinity check')
}

/** What containers do with a volume must be what it is. Throws UnprocessedError. Pure. */
export function checkMode(name: string, block: boolean, uses: { mounted: boolean; asDevice: boolean }): void {
  if (uses.mounted && block) throw new UnprocessedError(`volume ${name} has volumeMode Block, but is specified in volumeMounts`)
  if (uses.asDevice && !block) throw new UnprocessedError(`volume ${name} has volumeMode Filesystem, but is specified in volumeDevices`)
}
