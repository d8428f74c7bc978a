/**
 * Rules of single kinds that need to know who asks, and so cannot stand in the kind's definition. They belong to the kinds, not to the
 * plug-ins, and cannot be switched off (upstream: strategies and storages below pkg/registry).
 */
import type { CertificateSigningRequest } from '#api/certificates/certificate-signing-request.ts'
import type { Namespace } from '#api/core/namespace.ts'
import { forbidden } from '#api/meta/field-error.ts'
import { invalidError } from '#api/meta/status.ts'
import type { ResourceClaim } from '#api/resource/resource-claim.ts'
import type { ResourceClaimTemplate } from '#api/resource/resource-claim-template.ts'
import type { KubeObject } from '#api/resource.ts'
import { systemPriorityClasses } from '#api/scheduling/validation.ts'
import type { Found } from '#apiserver/registry/lookups.ts'
import { type AdmissionPlugin, type AdmissionRequest, isResource, refuse } from './admission.ts'

/** A request for a certificate says who asked for it. */
export const certificateRequester: AdmissionPlugin = {
  name: 'CertificateRequester',
  kinds: ['certificatesigningrequests.certificates.k8s.io'],
  mutate(request) {
    const { operation, subresource, user, object } = request
    const asks = isResource(request, 'certificates.k8s.io', 'certificatesigningrequests')
    if (!asks || operation !== 'create' || subresource !== '') return
    const { spec } = object as CertificateSigningRequest
    for (const name of ['username', 'uid', 'groups', 'extra'] as const) delete spec[name]
    spec.username = user.name
    if (user.uid !== undefined) spec.uid = user.uid
    spec.groups = [...user.groups]
    const extra = Object.entries(user.extra ?? {}).map(([key, values]): [string, string[]] => [key, [...values]])
    if (extra.length > 0) spec.extra = Object.fromEntries(extra)
  },
}

/** The cluster's own parts name these classes. */
export const systemPriorityClassesStay: AdmissionPlugin = {
  name: 'SystemPriorityClasses',
  kinds: ['priorityclasses.scheduling.k8s.io'],
  validate(request) {
    if (request.operation !== 'delete' || !isResource(request, 'scheduling.k8s.io', 'priorityclasses')) return
    if (systemPriorityClasses.has(request.name)) throw refuse(request, 'this is a system priority class and cannot be deleted')
  },
}

const adminLabel = 'resource.kubernetes.io/admin-access'

export interface KindRulesDeps {
  namespace(name: string): Found<Namespace>
}

/** Where a claim or a template first asks for devices that others use, or is given one. */
function adminPath(request: AdmissionRequest): string | undefined {
  const { resource, operation, subresource, object, old } = request
  if (resource.group !== 'resource.k8s.io' || operation === 'delete') return undefined
  const first = (items: readonly { adminAccess?: boolean | undefined }[]): number =>
    items.findIndex(({ adminAccess }) => adminAccess === true)
  if (resource.plural === 'resourceclaims' && subresource === 'status') {
    const results = (claim: KubeObject | undefined) => (claim as ResourceClaim | undefined)?.status.allocation?.devices?.results ?? []
    const index = first(results(old)) >= 0 ? -1 : first(results(object))
    return index < 0 ? undefined : `status.allocation.devices.results[${index}].adminAccess`
  }
  const isClaim = resource.plural === 'resourceclaims'
  if (operation !== 'create' || subresource !== '' || (!isClaim && resource.plural !== 'resourceclaimtemplates')) return undefined
  const spec = isClaim ? (object as ResourceClaim).spec : (object as ResourceClaimTemplate).spec.spec
  // v1beta1 has no field of its own for what is asked for
  const index = first((spec.devices?.requests ?? []).map((wish) => wish.exactly ?? (wish as { adminAccess?: boolean })))
  return index < 0 ? undefined : `spec.devices.requests[${index}].adminAccess`
}

/** Devices that others use are for administrators, who say so in a label of the namespace. */
const adminAccess = (deps: KindRulesDeps): AdmissionPlugin => ({
  name: 'DeviceAdminAccess',
  kinds: ['resourceclaims.resource.k8s.io', 'resourceclaimtemplates.resource.k8s.io'],
  async validate(request) {
    const path = adminPath(request)
    if (path === undefined) return
    const namespace = await deps.namespace(request.namespace)
    if (namespace?.metadata.labels?.[adminLabel] === 'true') return
    const why = `admin access to devices requires the \`${adminLabel}: true\` label on the containing namespace`
    throw invalidError(request.resource, request.name || (request.object?.metadata.name ?? ''), [forbidden(path, why)])
  },
})

export const kindRules = (deps: KindRulesDeps): AdmissionPlugin[] => [certificateRequester, systemPriorityClassesStay, adminAccess(deps)]
