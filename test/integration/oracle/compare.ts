/** What the comparisons with upstream share: where a kind is served, what to leave out, how causes are put side by side. */
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import type { Service } from '#api/core/service.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { apiVersionOf } from '#api/resource.ts'
import type { Reply } from './upstream.ts'

export interface Cause {
  reason?: string
  message?: string
  field?: string
}

export function pathOf(resource: Resource): string {
  const base = resource.group === '' ? '/api/v1' : `/apis/${apiVersionOf(resource)}`
  return resource.scope === 'Namespaced' ? `${base}/namespaces/default/${resource.plural}` : `${base}/${resource.plural}`
}

/** What upstream's allocator fills in before it validates a headless service. */
function allocate({ spec }: Service): void {
  if (!spec.clusterIP || spec.type === 'ExternalName') return
  spec.clusterIPs = [spec.clusterIP]
  // without a selector a headless service may have endpoints of either family
  const both = spec.clusterIP === 'None' && !spec.selector
  spec.ipFamilies = both ? ['IPv4', 'IPv6'] : ['IPv4']
  spec.ipFamilyPolicy = both ? 'RequireDualStack' : 'SingleStack'
}

/** What upstream's default admission plug-ins add. */
export function admit(object: KubeObject): KubeObject {
  if (object.kind === 'Service') allocate(object as Service)
  if (object.kind === 'Node')
    (object as Node).spec.taints = [...((object as Node).spec.taints ?? []), { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]
  const protection = { PersistentVolume: 'kubernetes.io/pv-protection', PersistentVolumeClaim: 'kubernetes.io/pvc-protection' }[object.kind]
  if (protection !== undefined) object.metadata.finalizers = [...(object.metadata.finalizers ?? []), protection]
  if (object.kind !== 'Pod') return object
  const { spec } = object as Pod
  spec.serviceAccountName ||= 'default'
  spec.serviceAccount = spec.serviceAccountName
  spec.priority ??= 0
  spec.preemptionPolicy ??= 'PreemptLowerPriority'
  return object
}

/** Jobs write their uid into labels. */
function withoutUid(object: KubeObject): KubeObject {
  const { uid = '' } = object.metadata
  return uid === '' ? structuredClone(object) : JSON.parse(JSON.stringify(object).replaceAll(uid, 'uid'))
}

/** Leaves out what only a server can know, and what admission adds. */
export function comparable(object: KubeObject): unknown {
  const copy = withoutUid(object) as KubeObject & { spec?: Pod['spec']; status?: Pod['status'] }
  for (const name of ['uid', 'creationTimestamp', 'managedFields', 'resourceVersion', 'namespace'] as const) delete copy.metadata[name]
  if (copy.kind === 'PersistentVolume' && copy.status) delete (copy.status as { lastPhaseTransitionTime?: string }).lastPhaseTransitionTime
  if (copy.kind !== 'Pod' || !copy.spec) return copy
  for (const condition of copy.status?.conditions ?? []) delete condition.lastTransitionTime
  const token = (name: string): boolean => name.startsWith('kube-api-access-')
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
  const tolerations = (copy.spec.tolerations ?? []).filter(({ key }) => !added.includes(key ?? ''))
  const volumes = (copy.spec.volumes ?? []).filter(({ name }) => !token(name))
  for (const container of [...(copy.spec.containers ?? []), ...(copy.spec.initContainers ?? [])]) {
    const mounts = (container.volumeMounts ?? []).filter(({ name }) => !token(name))
    if (mounts.length > 0) container.volumeMounts = mounts
    else delete container.volumeMounts
  }
  const { tolerations: _t, volumes: _v, ...others } = copy.spec
  return { ...copy, spec: { ...others, ...(tolerations.length > 0 && { tolerations }), ...(volumes.length > 0 && { volumes }) } }
}

export function causesOf(reply: Reply): Cause[] {
  const details = reply.body['details'] as { causes?: Cause[] } | undefined
  return details?.causes ?? []
}

const uids = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|uid-of-ours/g

/** Upstream ranges over maps by chance, so causes are compared sorted. */
export const sorted = (causes: readonly Cause[]): string[] =>
  causes.map(({ reason, field, message }) => `${field ?? ''} | ${reason} | ${message?.replaceAll(uids, 'UID')}`).sort()
