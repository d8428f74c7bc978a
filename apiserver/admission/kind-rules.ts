/**
 * Rules of single kinds that need to know who asks, and so cannot stand in the kind's definition. They belong to the kinds, not to the
 * plug-ins, and cannot be switched off (upstream: strategies and storages below pkg/registry).
 */
import type { CertificateSigningRequest } from '#api/certificates/certificate-signing-request.ts'
import { systemPriorityClasses } from '#api/scheduling/validation.ts'
import { type AdmissionPlugin, isResource, refuse } from './admission.ts'

/** A request for a certificate says who asked for it. */
export const certificateRequester: AdmissionPlugin = {
  name: 'CertificateRequester',
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
  validate(request) {
    if (request.operation !== 'delete' || !isResource(request, 'scheduling.k8s.io', 'priorityclasses')) return
    if (systemPriorityClasses.has(request.name)) throw refuse(request, 'this is a system priority class and cannot be deleted')
  },
}

export const kindRules: readonly AdmissionPlugin[] = [certificateRequester, systemPriorityClassesStay]
