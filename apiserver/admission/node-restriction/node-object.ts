/** What a kubelet may change of its own Node. */
import type { Node } from '#api/core/node.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { type AdmissionRequest, refuse } from '#apiserver/admission/admission.ts'

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
])
const ownDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io']

export function checkNode(request: AdmissionRequest, nodeName: string): void {
  const name = request.name || (request.object?.metadata.name ?? '')
  if (name !== nodeName) throw refuse(request, `node ${q(nodeName)} is not allowed to modify node ${q(name)}`)
  const node = request.object as Node | undefined
  if (!node) return
  const old = request.old as Node | undefined
  checkConfigSource(request, nodeName)
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

type Sourced = { spec: { configSource?: unknown } }

/** Whatever the source names the node could read. */
function checkConfigSource(request: AdmissionRequest, nodeName: string): void {
  const source = (request.object as unknown as Sourced).spec.configSource
  if (source === undefined || source === null) return
  const old = request.old as unknown as Sourced | undefined
  if (!old) throw refuse(request, `node ${q(nodeName)} is not allowed to create pods with a non-nil configSource`)
  if (!sameValue(source, old.spec.configSource))
    throw refuse(request, `node ${q(nodeName)} is not allowed to update configSource to a new non-nil configSource`)
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

const q = (text: string): string => JSON.stringify(text)
