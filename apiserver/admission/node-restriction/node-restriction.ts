/**
 * NodeRestriction: a kubelet changes its own node, lease and CSINode, the pods that are bound to it, and nothing else
 * (upstream: plugin/pkg/admission/noderestriction).
 */
import { CertificateRequestError, parseCertificateRequest } from '#api/certificates/certificate-request.ts'
import type { CertificateSigningRequest } from '#api/certificates/certificate-signing-request.ts'
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { ResourceSlice } from '#api/resource/resource-slice.ts'
import { groupResourceOf } from '#api/resource.ts'
import { type AdmissionPlugin, type AdmissionRequest, refuse } from '#apiserver/admission/admission.ts'
import { nodeOf } from '#apiserver/authentication/user.ts'
import type { Authorizer } from '#apiserver/authorization/authorizer.ts'
import { type AudienceLookups, checkToken } from './audiences.ts'
import { checkNode } from './node-object.ts'
import { checkPodCertificate, type PodCertificateLookups } from './pod-certificates.ts'
import { checkPod } from './pods.ts'

export interface NodeRestrictionDeps extends PodCertificateLookups, AudienceLookups {
  authorizer: Authorizer
}

export function nodeRestriction(deps: NodeRestrictionDeps): AdmissionPlugin {
  const check = (request: AdmissionRequest): Promise<void> | undefined => {
    const nodeName = nodeOf(request.user)
    return nodeName === undefined ? undefined : checkOf(request, nodeName)
  }
  const checkOf = async (request: AdmissionRequest, nodeName: string): Promise<void> => {
    if (nodeName === '') throw refuse(request, `could not determine node from user ${q(request.user.name)}`)
    const key = groupResourceOf(request.resource)
    if (key === 'pods') await checkPod(request, nodeName, deps)
    else if (key === 'serviceaccounts') await checkToken(request, nodeName, deps)
    else if (key === 'podcertificaterequests.certificates.k8s.io') await checkPodCertificate(request, nodeName, deps)
    else if (Object.hasOwn(checks, key)) checks[key]?.(request, nodeName)
  }
  return {
    name: 'NodeRestriction',
    /** What is written is looked at as the kubelet sent it, before the rules of its kind take back what it may not change. */
    mutate(request) {
      return isWrite(request) ? check(request) : undefined
    },
    validate(request) {
      return isWrite(request) ? undefined : check(request)
    },
  }
}

/** These pass both phases; all else only the second. */
const isWrite = ({ operation, subresource }: AdmissionRequest): boolean =>
  operation === 'update' || (operation === 'create' && (subresource === '' || subresource === 'token'))

type Check = (request: AdmissionRequest, nodeName: string) => void

/** Of what is made the name stands in the object. */
const nameOf = (request: AdmissionRequest): string =>
  request.operation === 'create' ? (request.object?.metadata.name ?? '') : request.name

const checkLease: Check = (request, nodeName) => {
  if (request.namespace !== 'kube-node-lease') throw refuse(request, 'can only access leases in the "kube-node-lease" system namespace')
  if (nameOf(request) !== nodeName) throw refuse(request, 'can only access node lease with the same name as the requesting node')
}

const checkCsiNode: Check = (request, nodeName) => {
  if (nameOf(request) !== nodeName) throw refuse(request, 'can only access CSINode with the same name as the requesting node')
}

const checkResourceSlice: Check = (request, nodeName) => {
  const { operation } = request
  if (operation !== 'create' && operation !== 'delete') return
  const slice = (operation === 'create' ? request.object : request.old) as ResourceSlice | undefined
  if (slice?.spec.nodeName === nodeName) return
  throw refuse(request, `can only ${operation} ResourceSlice with the same NodeName as the requesting node`)
}

const kubeletSigners = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']

const checkCertificateRequest: Check = (request, nodeName) => {
  if (request.operation !== 'create' || request.subresource !== '') return
  const { spec } = request.object as CertificateSigningRequest
  if (!kubeletSigners.includes(spec.signerName)) return
  const wanted = `system:node:${nodeName}`
  if (commonNameOf(request, spec.request) !== wanted) throw refuse(request, `can only create a node CSR with CN=${wanted}`)
}

function commonNameOf(request: AdmissionRequest, text: string): string {
  try {
    return parseCertificateRequest(text).commonName
  } catch (error) {
    if (error instanceof CertificateRequestError) throw refuse(request, `unable to parse csr: ${error.message}`)
    throw error
  }
}

/** A kubelet that has grown a volume says so, and nothing else. */
const checkClaim: Check = (request, nodeName) => {
  if (request.subresource !== 'status') throw refuse(request, 'may only update PVC status')
  if (request.operation !== 'update') throw refuse(request, `unexpected operation ${q(request.operation.toUpperCase())}`)
  const [old, next] = [bareClaim(request.old as PersistentVolumeClaim), bareClaim(request.object as PersistentVolumeClaim)]
  if (!sameValue(old, next))
    throw refuse(request, `node ${q(nodeName)} is not allowed to update fields other than status.quantity and status.conditions`)
}

function bareClaim({ metadata, status, ...rest }: PersistentVolumeClaim): object {
  const { resourceVersion: _version, managedFields: _fields, ...meta } = metadata
  const {
    capacity: _capacity,
    conditions: _conditions,
    allocatedResources: _resources,
    allocatedResourceStatuses: _statuses,
    ...left
  } = status ?? {}
  return { ...rest, metadata: meta, status: left }
}

const checks: Readonly<Record<string, Check>> = {
  nodes: checkNode,
  persistentvolumeclaims: checkClaim,
  'leases.coordination.k8s.io': checkLease,
  'csinodes.storage.k8s.io': checkCsiNode,
  'resourceslices.resource.k8s.io': checkResourceSlice,
  'certificatesigningrequests.certificates.k8s.io': checkCertificateRequest,
}

const q = (text: string): string => JSON.stringify(text)
