/** What a kubelet may do with pods: their status, eviction and deletion where they are bound to it, and mirrors of its static pods. */
import { isMirror, mirrorAnnotation } from '#api/core/mirror-pod.ts'
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { notFoundError } from '#api/meta/status.ts'
import { type AdmissionRequest, refuse } from '#apiserver/admission/admission.ts'
import { referencesOf } from '#apiserver/authorization/pod-references.ts'

export interface PodLookups {
  node(name: string): Promise<Node | undefined>
  pod(namespace: string, name: string): Promise<Pod | undefined>
}

export async function checkPod(request: AdmissionRequest, nodeName: string, lookups: PodLookups): Promise<void> {
  const { subresource, operation } = request
  if (subresource === 'status') checkStatus(request, nodeName)
  else if (subresource === 'eviction') await checkEviction(request, nodeName, lookups)
  else if (subresource !== '')
    throw refuse(request, `unexpected pod subresource ${q(subresource)}, only 'status' and 'eviction' are allowed`)
  else if (operation === 'create') await checkMirror(request, nodeName, lookups)
  else if (operation === 'delete') {
    if ((request.old as Pod).spec.nodeName !== nodeName)
      throw refuse(request, `node ${q(nodeName)} can only delete pods with spec.nodeName set to itself`)
  } else
    throw refuse(request, `unexpected operation ${q(operation.toUpperCase())}, node ${q(nodeName)} can only create and delete mirror pods`)
}

function checkStatus(request: AdmissionRequest, nodeName: string): void {
  if (request.operation !== 'update') throw refuse(request, `unexpected operation ${q(request.operation.toUpperCase())}`)
  const [old, next] = [request.old as Pod, request.object as Pod]
  const who = `node ${q(nodeName)}`
  if (old.spec.nodeName !== nodeName) throw refuse(request, `${who} can only update pod status for pods with spec.nodeName set to itself`)
  if (!sameValue(old.metadata.labels, next.metadata.labels)) throw refuse(request, `${who} cannot update labels through pod status`)
  if (!sameValue(old.status?.resourceClaimStatuses, next.status?.resourceClaimStatuses))
    throw refuse(request, `${who} cannot update resource claim statues`)
  if (!sameValue(old.status?.extendedResourceClaimStatus, next.status?.extendedResourceClaimStatus))
    throw refuse(request, `${who} cannot update extended resource claim status`)
}

async function checkEviction(request: AdmissionRequest, nodeName: string, lookups: PodLookups): Promise<void> {
  const name = request.name || (request.object?.metadata.name ?? '')
  if (name === '') throw refuse(request, 'could not determine pod from request data')
  const pod = await lookups.pod(request.namespace, name)
  // As upstream's caches name it.
  if (!pod) throw notFoundError({ group: '', plural: 'pod', kind: '' }, name)
  if (pod.spec.nodeName !== nodeName) throw refuse(request, `node ${nodeName} can only evict pods with spec.nodeName set to itself`)
}

async function checkMirror(request: AdmissionRequest, nodeName: string, lookups: PodLookups): Promise<void> {
  const pod = request.object as Pod
  const who = `node ${q(nodeName)}`
  if (!isMirror(pod)) throw refuse(request, `pod does not have ${q(mirrorAnnotation)} annotation, ${who} can only create mirror pods`)
  if (pod.spec.nodeName !== nodeName) throw refuse(request, `${who} can only create pods with spec.nodeName set to itself`)
  await checkOwner(request, nodeName, lookups)
  const referred = firstReference(pod)
  if (referred !== undefined) throw refuse(request, `${who} can not create pods that reference ${referred}`)
}

async function checkOwner(request: AdmissionRequest, nodeName: string, lookups: PodLookups): Promise<void> {
  const owners = request.object?.metadata.ownerReferences ?? []
  const [owner] = owners
  const only = (what: string): string => `node ${q(nodeName)} can only create pods with ${what} owner reference set to itself`
  if (!owner || owners.length > 1) throw refuse(request, only(owner ? 'a single' : 'an'))
  if (owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== nodeName) throw refuse(request, only('an'))
  if (owner.controller !== true) throw refuse(request, only('a controller'))
  if (owner.blockOwnerDeletion === true) throw refuse(request, `node ${q(nodeName)} must not set blockOwnerDeletion on an owner reference`)
  const node = await lookups.node(nodeName)
  if (!node) throw notFoundError({ group: '', plural: 'node', kind: '' }, nodeName)
  if (node.metadata.uid !== owner.uid)
    throw refuse(request, `node ${nodeName} UID mismatch: expected ${owner.uid} got ${node.metadata.uid ?? ''}`)
}

/** The first kind of object that the pod needs; a mirror needs none, or it would open that object to its node. */
function firstReference(pod: Pod): string | undefined {
  const { serviceAccountName, resourceClaims = [], volumes = [] } = pod.spec
  if (serviceAccountName) return 'serviceaccounts'
  const { annotations: _annotations, ...metadata } = pod.metadata
  const found = referencesOf({ ...pod, metadata: metadata as Pod['metadata'] })
  if (found.secrets.size > 0) return 'secrets'
  if (found.configmaps.size > 0) return 'configmaps'
  if (resourceClaims.length > 0) return 'resourceclaims'
  for (const volume of volumes) {
    if (volume.csi) return 'csidrivers (via CSI volumes)'
    if (volume.glusterfs) return 'endpoints (via glusterFS volumes)'
    if (volume.persistentVolumeClaim) return 'persistentvolumeclaims'
    if (volume.ephemeral) return 'persistentvolumeclaims (via ephemeral volumes)'
    for (const source of volume.projected?.sources ?? []) {
      if (source.serviceAccountToken) return 'serviceaccounts (via projected volumes)'
      if (source.clusterTrustBundle) return 'clustertrustbundles'
      if (source.podCertificate) return 'podcertificates'
    }
  }
  return undefined
}

const q = (text: string): string => JSON.stringify(text)
