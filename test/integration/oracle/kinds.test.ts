/** Differential test: upstream's apiserver and our rules must fill in, refuse and say the same about a corpus of objects. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import type { Service } from '#api/core/service.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { apiVersionOf } from '#api/resource.ts'
import { kindOf } from '#api/scheme.ts'
import { kindCases } from './kind-corpus.ts'
import { create } from './ours.ts'
import { type Case, podCases } from './pod-corpus.ts'
import { call, type Reply } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'

interface Cause {
  reason?: string
  message?: string
  field?: string
}

function pathOf(resource: Resource): string {
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
function admit(object: KubeObject): KubeObject {
  if (object.kind === 'Service') allocate(object as Service)
  if (object.kind === 'Node')
    (object as Node).spec.taints = [...((object as Node).spec.taints ?? []), { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]
  if (object.kind !== 'Pod') return object
  const { spec } = object as Pod
  spec.serviceAccountName ||= 'default'
  spec.serviceAccount = spec.serviceAccountName
  spec.priority ??= 0
  spec.preemptionPolicy ??= 'PreemptLowerPriority'
  return object
}

/** Leaves out what only a server can know, and what admission adds. */
function comparable(object: KubeObject): unknown {
  const copy = structuredClone(object) as KubeObject & { spec?: Pod['spec'] }
  for (const name of ['uid', 'creationTimestamp', 'managedFields', 'resourceVersion', 'namespace'] as const) delete copy.metadata[name]
  if (copy.kind !== 'Pod' || !copy.spec) return copy
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

/** Mounts of the token that admission adds shift no index, but its volume and claims of ours are not upstream's. */
function causesOf(reply: Reply): Cause[] {
  const details = reply.body['details'] as { causes?: Cause[] } | undefined
  return details?.causes ?? []
}

/** Maps are ranged over by chance: causes are compared sorted where upstream's order is not fixed. */
const sorted = (causes: readonly Cause[]): string[] =>
  causes.map(({ reason, field, message }) => `${field ?? ''} | ${reason} | ${message}`).sort()

async function compare({ object }: Case): Promise<void> {
  const resource = kindOf(String(object['apiVersion']), String(object['kind']))
  assert.ok(resource)
  const [theirs, ours] = [await call('POST', `${pathOf(resource)}?dryRun=All`, object), create(resource, object, admit)]
  if (theirs.code === 201) {
    assert.deepEqual(sorted(ours.causes), [], 'upstream takes it')
    assert.deepEqual(ours.object && comparable(ours.object), comparable(theirs.body as unknown as KubeObject))
  } else {
    assert.equal(theirs.code, 422, JSON.stringify(theirs.body))
    assert.deepEqual(sorted(ours.causes), sorted(causesOf(theirs)))
  }
}

for (const one of [...podCases, ...kindCases]) test(one.name, { skip }, () => compare(one))
