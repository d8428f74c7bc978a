/**
 * CertificateApproval, CertificateSigning, ClusterTrustBundleAttest, CertificateSubjectRestriction: who may approve and sign requests and
 * speak for a signer, and what none may ask for.
 */

import { CertificateRequestError, parseCertificateRequest } from '#api/certificates/certificate-request.ts'
import type { CertificateSigningRequest } from '#api/certificates/certificate-signing-request.ts'
import type { ClusterTrustBundle } from '#api/certificates/cluster-trust-bundle.ts'
import type { PodCertificateRequest } from '#api/certificates/pod-certificate-request.ts'
import { forbidden } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { invalidError } from '#api/meta/status.ts'
import { mastersGroup } from '#apiserver/authentication/user.ts'
import type { Authorizer } from '#apiserver/authorization/authorizer.ts'
import { type AdmissionPlugin, type AdmissionRequest, isResource, refuse } from './admission.ts'

const group = 'certificates.k8s.io'
const requests = `certificatesigningrequests.${group}`
const clientSigner = 'kubernetes.io/kube-apiserver-client'

const isAbout = (request: AdmissionRequest, subresource: string): boolean =>
  isResource(request, group, 'certificatesigningrequests') && request.subresource === subresource

/** By its name, or as one of its domain: `example.com/*`. */
async function maySigner(
  authorizer: Authorizer,
  { user }: AdmissionRequest,
  verb: 'approve' | 'attest' | 'sign',
  signer: string,
): Promise<boolean> {
  for (const name of [signer, `${signer.split('/')[0]}/*`]) {
    const on = { isResource: true, path: '', group, version: '*', resource: 'signers', subresource: '', namespace: '', name, verb }
    if ((await authorizer.authorize(user, on)).allowed) return true
  }
  return false
}

export const certificateApproval = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'CertificateApproval',
  kinds: [requests],
  async validate(request) {
    if (request.operation !== 'update' || !isAbout(request, 'approval')) return
    const { signerName } = (request.old as CertificateSigningRequest).spec
    if (await maySigner(authorizer, request, 'approve', signerName)) return
    throw refuse(request, `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`)
  },
})

export const certificateSigning = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'CertificateSigning',
  kinds: [requests],
  async validate(request) {
    if (request.operation !== 'update' || !isAbout(request, 'status')) return
    const [next, old] = [request.object as CertificateSigningRequest, request.old as CertificateSigningRequest]
    const isSame = next.status.certificate === old.status.certificate && sameValue(next.status.conditions, old.status.conditions)
    if (isSame || (await maySigner(authorizer, request, 'sign', old.spec.signerName))) return
    throw refuse(request, `user not permitted to sign requests with signerName ${JSON.stringify(old.spec.signerName)}`)
  },
})

/** The same for requests of pods, whose refusal upstream words as a fault of the field. */
export const podCertificateSigning = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'PodCertificateSigning',
  kinds: [`podcertificaterequests.${group}`],
  async validate(request) {
    const isAboutStatus = isResource(request, group, 'podcertificaterequests') && request.subresource === 'status'
    if (request.operation !== 'update' || !isAboutStatus) return
    const [next, old] = [request.object as PodCertificateRequest, request.old as PodCertificateRequest]
    const { signerName } = old.spec
    if (sameValue(next.status, old.status) || (await maySigner(authorizer, request, 'sign', signerName))) return
    const refusal = `User ${JSON.stringify(request.user.name)} is not permitted to "sign" for signer ${JSON.stringify(signerName)}`
    throw invalidError(request.resource, next.metadata.name ?? '', [forbidden('spec.signerName', refusal)])
  },
})

/** Who says which authorities a signer has. */
export const clusterTrustBundleAttest = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'ClusterTrustBundleAttest',
  kinds: [`clustertrustbundles.${group}`],
  async validate(request) {
    if (request.operation === 'delete' || !isResource(request, group, 'clustertrustbundles')) return
    const [next, old] = [request.object as ClusterTrustBundle, request.old as ClusterTrustBundle | undefined]
    const { signerName } = next.spec
    // the garbage collector takes owners and finalizers away
    const rest = ({ metadata, spec }: ClusterTrustBundle) => [spec, metadata.labels, metadata.annotations]
    if (!signerName || (old && sameValue(rest(next), rest(old))) || (await maySigner(authorizer, request, 'attest', signerName))) return
    throw refuse(request, `user not permitted to attest for signerName ${JSON.stringify(signerName)}`)
  },
})

/** Nobody becomes an administrator by a certificate that the cluster signs. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  kinds: [requests],
  validate(request) {
    if (request.operation !== 'create' || !isAbout(request, '')) return
    const { spec } = request.object as CertificateSigningRequest
    if (spec.signerName !== clientSigner) return
    if (organizationsOf(request, spec.request).includes(mastersGroup))
      throw refuse(request, `use of ${clientSigner} signer with ${mastersGroup} group is not allowed`)
  },
}

function organizationsOf(request: AdmissionRequest, text: string): readonly string[] {
  try {
    return parseCertificateRequest(text).organizations
  } catch (error) {
    if (error instanceof CertificateRequestError) throw refuse(request, `failed to parse CSR: ${error.message}`)
    throw error
  }
}
