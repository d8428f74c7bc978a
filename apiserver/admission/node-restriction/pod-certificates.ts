/** Which certificates a kubelet may ask for: those of pods that run on its node. */
import type { PodCertificateRequest } from '#api/certificates/pod-certificate-request.ts'
import { isMirror } from '#api/core/mirror-pod.ts'
import type { Pod } from '#api/core/pod.ts'
import type { ServiceAccount } from '#api/core/service-account.ts'
import { internalError } from '#api/meta/status.ts'
import { type AdmissionRequest, refuse } from '#apiserver/admission/admission.ts'
import type { Found } from '#apiserver/registry/lookups.ts'
import type { PodLookups } from './pods.ts'

export interface PodCertificateLookups extends PodLookups {
  account(namespace: string, name: string): Found<ServiceAccount>
}

/** What may be the fault of a cache that lags is an error that clients try again; the rest is forbidden. */
export async function checkPodCertificate(request: AdmissionRequest, nodeName: string, lookups: PodCertificateLookups): Promise<void> {
  if (request.operation !== 'create') throw refuse(request, `unexpected operation ${request.operation.toUpperCase()}`)
  if (request.subresource !== '') throw refuse(request, `unexpected subresource ${request.subresource}`)
  const { spec } = request.object as PodCertificateRequest
  if (spec.nodeName !== nodeName)
    throw refuse(request, `PodCertificateRequest.Spec.NodeName=${q(spec.nodeName)}, which is not the requesting node ${q(nodeName)}`)
  const name = `${request.namespace}/${spec.podName}`
  const node = await lookups.node(nodeName)
  if (!node) throw missing('node', nodeName, nodeName)
  if (node.metadata.uid !== spec.nodeUID)
    throw internalError(
      `PodCertificateRequest for pod ${q(name)} names node UID ${q(spec.nodeUID)}, inconsistent with the running node (${q(node.metadata.uid)})`,
    )
  const pod = await lookups.pod(request.namespace, spec.podName)
  if (!pod) throw missing('pod', name, spec.podName)
  if (pod.metadata.uid !== spec.podUID)
    throw internalError(
      `PodCertificateRequest for pod ${q(name)} contains pod UID (${q(spec.podUID)}) which differs from running pod ${q(pod.metadata.uid)}`,
    )
  checkPodOfNode(request, pod, name)
  await checkAccount(request, name, lookups)
}

function checkPodOfNode(request: AdmissionRequest, pod: Pod, name: string): void {
  const { spec } = request.object as PodCertificateRequest
  if (pod.spec.nodeName !== spec.nodeName)
    throw refuse(request, `pod ${q(name)} is not running on node ${q(spec.nodeName)} named in the PodCertificateRequest`)
  if (isMirror(pod)) throw refuse(request, `pod ${q(name)} is a mirror pod`)
  const account = pod.spec.serviceAccountName ?? ''
  if (spec.serviceAccountName === account) return
  const asked = `PodCertificateRequest for pod ${q(name)} contains serviceAccountName (${q(spec.serviceAccountName)})`
  throw refuse(request, `${asked} that differs from running pod (${q(account)})`)
}

async function checkAccount(request: AdmissionRequest, name: string, lookups: PodCertificateLookups): Promise<void> {
  const { serviceAccountName: accountName, serviceAccountUID: uid } = (request.object as PodCertificateRequest).spec
  const account = await lookups.account(request.namespace, accountName)
  if (!account) throw missing('service account', `${request.namespace}/${accountName}`, accountName, 'serviceaccount')
  if (account.metadata.uid === uid) return
  const named = `PodCertificateRequest for pod ${q(name)} names service account UID ${q(uid)}`
  throw internalError(`${named}, which differs from the running service account (${q(account.metadata.uid)})`)
}

const missing = (what: string, name: string, own: string, kind = what) =>
  internalError(`while retrieving ${what} ${q(name)} named in the PodCertificateRequest: ${kind} ${q(own)} not found`)

const q = (text: string | undefined): string => JSON.stringify(text ?? '')
