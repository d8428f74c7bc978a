/** NodeRestriction: a kubelet changes its own node, its lease and the pods that are bound to it, and nothing else. */
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { nodeOf } from '#apiserver/authentication/user.ts'
import { type AdmissionPlugin, type AdmissionRequest, refuse } from './admission.ts'

export interface NodeRestrictionLookups {
  node(name: string): Promise<Node | undefined>
  pod(namespace: string, name: string): Promise<Pod | undefined>
}

const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** Labels that a kubelet may set on its node, by name and by prefix of the domain (upstream: kubelet/apis/well_known_labels). */
const ownLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'node.kubernetes.io/windows-build',
])
const ownDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io']

export function nodeRestriction(lookups: NodeRestrictionLookups): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    async validate(request) {
      const nodeName = nodeOf(request.user)
      if (nodeName === undefined) return
      const key = request.resource.group === '' ? request.resource.plural : `${request.resource.plural}.${request.resource.group}`
      if (key === 'nodes') checkNode(request, nodeName)
      else if (key === 'leases.coordination.k8s.io') checkLease(request, nodeName)
      else if (key === 'pods') await checkPod(request, nodeName, lookups)
      else if (key === 'serviceaccounts' && request.subresource === 'token') await checkToken(request, nodeName, lookups)
    },
  }
}

function checkNode(request: AdmissionRequest, nodeName: string): void {
  const name = request.name || (request.object?.metadata.name ?? '')
  if (name !== nodeName) throw refuse(request, `node ${q(nodeName)} is not allowed to modify node ${q(name)}`)
  const node = request.object as Node | undefined
  if (!node) return
  const old = request.old as Node | undefined
  if (old && !sameValue(node.spec.taints, old.spec.taints)) throw refuse(request, `node ${q(nodeName)} is not allowed to modify taints`)
  if (old && !sameValue(node.metadata.ownerReferences, old.metadata.ownerReferences))
    throw refuse(request, `node ${q(nodeName)} is not allowed to modify ownerReferences`)
  const bad = changedLabels(node.metadata.labels ?? {}, old?.metadata.labels ?? {}).filter((label) => !mayChange(label))
  if (bad.length === 0) return
  const labels = bad.sort().join(', ')
  throw refuse(
    request,
    old ? `is not allowed to modify labels: ${labels}` : `node ${q(nodeName)} is not allowed to set the following labels: ${labels}`,
  )
}

function changedLabels(next: Readonly<Record<string, string>>, old: Readonly<Record<string, string>>): string[] {
  const own = (map: Readonly<Record<string, string>>, key: string): string | undefined => (Object.hasOwn(map, key) ? map[key] : undefined)
  return [...new Set([...Object.keys(next), ...Object.keys(old)])].filter((key) => own(next, key) !== own(old, key))
}

/** Labels outside kubernetes.io and k8s.io are free, but for the domain that is reserved for isolation. */
function mayChange(label: string): boolean {
  const domain = label.includes('/') ? label.slice(0, label.indexOf('/')) : ''
  const within = (parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`)
  if (within('node-restriction.kubernetes.io')) return false
  if (!within('kubernetes.io') && !within('k8s.io')) return true
  return ownLabels.has(label) || ownDomains.some(within)
}

function checkLease(request: AdmissionRequest, nodeName: string): void {
  if (request.namespace !== 'kube-node-lease') throw refuse(request, 'can only access leases in the "kube-node-lease" system namespace')
  const name = request.operation === 'create' ? (request.object?.metadata.name ?? '') : request.name
  if (name !== nodeName) throw refuse(request, 'can only access node lease with the same name as the requesting node')
}

async function checkPod(request: AdmissionRequest, nodeName: string, lookups: NodeRestrictionLookups): Promise<void> {
  if (request.subresource === 'status') {
    const old = request.old as Pod
    if (old.spec.nodeName !== nodeName)
      throw refuse(request, `node ${q(nodeName)} can only update pod status for pods with spec.nodeName set to itself`)
    if (!sameValue(old.metadata.labels, request.object?.metadata.labels))
      throw refuse(request, `node ${q(nodeName)} cannot update labels through pod status`)
    return
  }
  if (request.subresource === 'eviction') {
    const pod = await lookups.pod(request.namespace, request.name)
    if (pod && pod.spec.nodeName !== nodeName)
      throw refuse(request, `node ${q(nodeName)} can only evict pods with spec.nodeName set to itself`)
    return
  }
  if (request.subresource !== '')
    throw refuse(request, `unexpected pod subresource ${q(request.subresource)}, only 'status' and 'eviction' are allowed`)
  if (request.operation === 'create') await checkMirror(request, nodeName, lookups)
  else if (request.operation === 'delete') {
    if ((request.old as Pod).spec.nodeName !== nodeName)
      throw refuse(request, `node ${q(nodeName)} can only delete pods with spec.nodeName set to itself`)
  } else
    throw refuse(
      request,
      `unexpected operation ${q(request.operation.toUpperCase())}, node ${q(nodeName)} can only create and delete mirror pods`,
    )
}

async function checkMirror(request: AdmissionRequest, nodeName: string, lookups: NodeRestrictionLookups): Promise<void> {
  const pod = request.object as Pod
  const who = `node ${q(nodeName)}`
  if (!Object.hasOwn(pod.metadata.annotations ?? {}, mirrorAnnotation))
    throw refuse(request, `pod does not have "kubernetes.io/config.mirror" annotation, ${who} can only create mirror pods`)
  if (pod.spec.nodeName !== nodeName) throw refuse(request, `${who} can only create pods with spec.nodeName set to itself`)
  const owners = pod.metadata.ownerReferences ?? []
  const [owner] = owners
  if (!owner || owners.length > 1)
    throw refuse(request, `${who} can only create pods with ${owner ? 'a single' : 'an'} owner reference set to itself`)
  if (owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== nodeName)
    throw refuse(request, `${who} can only create pods with an owner reference set to itself`)
  if (owner.controller !== true) throw refuse(request, `${who} can only create pods with a controller owner reference set to itself`)
  if (owner.blockOwnerDeletion === true) throw refuse(request, `${who} must not set blockOwnerDeletion on an owner reference`)
  const node = await lookups.node(nodeName)
  if (node?.metadata.uid !== owner.uid)
    throw refuse(request, `node ${nodeName} UID mismatch: expected ${owner.uid} got ${node?.metadata.uid ?? ''}`)
}

async function checkToken(request: AdmissionRequest, nodeName: string, lookups: NodeRestrictionLookups): Promise<void> {
  const spec = (request.object as { spec?: { boundObjectRef?: { kind?: string; name?: string; uid?: string } } } | undefined)?.spec
  const ref = spec?.boundObjectRef
  if (ref?.kind !== 'Pod') throw refuse(request, 'node requested token not bound to a pod')
  if (!ref.uid) throw refuse(request, 'node requested token with a pod binding without a uid')
  const pod = await lookups.pod(request.namespace, ref.name ?? '')
  if (!pod) throw refuse(request, `pod ${q(ref.name ?? '')} not found`)
  if (pod.metadata.uid !== ref.uid)
    throw refuse(
      request,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  if (pod.spec.nodeName !== nodeName) throw refuse(request, 'node requested token bound to a pod scheduled on a different node')
}

const q = (text: string): string => JSON.stringify(text)
