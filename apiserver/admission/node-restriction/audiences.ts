/** Which tokens a kubelet may ask for: those of its pods, for audiences that the pod names (upstream: ServiceAccountNodeAudienceRestriction). */
import type { TokenRequest } from '#api/authentication/token-request.ts'
import type { PersistentVolume } from '#api/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import type { Pod } from '#api/core/pod.ts'
import { notFoundError } from '#api/meta/status.ts'
import type { CSIDriver } from '#api/storage/csi-driver.ts'
import { type AdmissionRequest, refuse } from '#apiserver/admission/admission.ts'
import type { Authorizer } from '#apiserver/authorization/authorizer.ts'

export interface AudienceLookups {
  pod(namespace: string, name: string): Promise<Pod | undefined>
  claim(namespace: string, name: string): Promise<PersistentVolumeClaim | undefined>
  volume(name: string): Promise<PersistentVolume | undefined>
  csiDriver(name: string): Promise<CSIDriver | undefined>
}

export async function checkToken(
  request: AdmissionRequest,
  nodeName: string,
  deps: AudienceLookups & { authorizer: Authorizer },
): Promise<void> {
  if (request.operation !== 'create' || request.subresource !== 'token') return
  const { spec } = request.object as unknown as TokenRequest
  const ref = spec.boundObjectRef
  if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) throw refuse(request, 'node requested token not bound to a pod')
  if (!ref.uid) throw refuse(request, 'node requested token with a pod binding without a uid')
  const pod = await deps.pod(request.namespace, ref.name)
  // As upstream's caches name it.
  if (!pod) throw notFoundError({ group: '', plural: 'pod', kind: '' }, ref.name)
  if (pod.metadata.uid !== ref.uid)
    throw refuse(
      request,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  if (pod.spec.nodeName !== nodeName) throw refuse(request, 'node requested token bound to a pod scheduled on a different node')
  await checkAudience(request, pod, deps)
}

async function checkAudience(request: AdmissionRequest, pod: Pod, deps: AudienceLookups & { authorizer: Authorizer }): Promise<void> {
  const audiences = (request.object as unknown as TokenRequest).spec.audiences ?? []
  if (audiences.length > 1) throw refuse(request, 'node may only request 0 or 1 audiences')
  const [audience = ''] = audiences
  const sources = (pod.spec.volumes ?? []).flatMap((volume) => volume.projected?.sources ?? [])
  if (sources.some(({ serviceAccountToken: token }) => token && (token.audience ?? '') === audience)) return
  const wanted = await driverWants(pod, audience, deps)
  if (wanted === true) return
  if (wanted.length > 0) {
    const errors = wanted.length === 1 ? wanted[0] : `[${wanted.join(', ')}]`
    throw refuse(request, `error validating audience ${JSON.stringify(audience)}: ${errors}`)
  }
  const { allowed } = await deps.authorizer.authorize(request.user, {
    isResource: true,
    path: '',
    verb: 'request-serviceaccounts-token-audience',
    group: '',
    version: 'v1',
    resource: audience,
    subresource: '',
    namespace: request.namespace,
    name: request.name,
  })
  if (allowed) return
  const who = request.user.name
  throw refuse(
    request,
    `audience ${JSON.stringify(audience)} not found in pod spec volume, ${who} is not authorized to request tokens for this audience`,
  )
}

/** Drivers of volumes may be given tokens for audiences of their own. What could not be looked up is told. */
async function driverWants(pod: Pod, audience: string, lookups: AudienceLookups): Promise<true | string[]> {
  const namespace = pod.metadata.namespace ?? ''
  const errors: string[] = []
  for (const volume of pod.spec.volumes ?? []) {
    const claim = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined)
    try {
      const name = claim === undefined ? volume.csi?.driver : await driverOfClaim(namespace, claim, lookups)
      if (name === undefined) continue
      const driver = found(await lookups.csiDriver(name), `csidriver.storage.k8s.io ${JSON.stringify(name)}`)
      if (driver.spec.tokenRequests?.some((wanted) => wanted.audience === audience)) return true
    } catch (error) {
      if (!(error instanceof Missing)) throw error
      errors.push(error.message)
    }
  }
  return errors
}

class Missing extends Error {}

function found<T>(object: T | undefined, what: string): T {
  if (object === undefined) throw new Missing(`${what} not found`)
  return object
}

async function driverOfClaim(namespace: string, name: string, lookups: AudienceLookups): Promise<string | undefined> {
  const claim = found(await lookups.claim(namespace, name), `persistentvolumeclaim ${JSON.stringify(name)}`)
  const volumeName = claim.spec.volumeName ?? ''
  return found(await lookups.volume(volumeName), `persistentvolume ${JSON.stringify(volumeName)}`).spec.csi?.driver
}
