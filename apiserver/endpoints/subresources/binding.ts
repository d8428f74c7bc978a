/** pods/binding (and the bindings resource): the scheduler gives a pod its node. */
import type { z } from 'zod'
import { type Binding, bindingSchema } from '#api/core/binding.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { notSupported, required } from '#api/meta/field-error.ts'
import { ApiError, badRequest, conflict, notFoundError } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { decodeKind } from '#apiserver/endpoints/decode.ts'
import type { Answer, ApiRequest } from '#apiserver/endpoints/exchange.ts'
import { writerOf } from '#apiserver/endpoints/write.ts'
import { writeOptions } from '#apiserver/registry/options.ts'
import { otherUid } from '#apiserver/registry/other-uid.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { Ref } from '#apiserver/storage/keys.ts'
import { setPodCondition } from './pod-conditions.ts'

const schema = bindingSchema as unknown as z.ZodType<Binding>
const expected = { group: '', version: 'v1', kind: 'Binding', schema }
const subject = { group: '', plural: 'pods/binding', kind: 'Binding' }

/** `name` is the pod's; empty where the path does not name it. */
export async function bind(registry: Registry, request: ApiRequest, name: string): Promise<Answer> {
  const options = writeOptions(request.info.query, 'CreateOptions')
  const binding = decodeKind(request, expected, { validation: options.fieldValidation, warn: request.warn })
  const podName = binding.metadata.name ?? ''
  if (name !== '' && podName !== name) throw badRequest('name in URL does not match name in Binding object')
  if (binding.metadata.namespace && binding.metadata.namespace !== request.info.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  checkTarget(binding)
  const ref = { namespace: request.info.namespace, name: podName }
  const pods = Pods as unknown as Resource
  await registry.update(
    {
      resource: pods,
      ref,
      subresource: 'binding',
      rules: { prepare: (next) => next },
      retries: true,
      settlesFields: true,
      change: (prev) => {
        if (!prev) throw notFoundError(Pods, podName)
        if (name !== '') checkUid(ref, prev, binding)
        return bound(prev as Pod, binding, registry.now())
      },
    },
    writerOf(pods, request, options.dryRun),
  )
  return { status: 201, object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } }
}

/** The bindings resource, which names no pod in its path, does not look at it. */
function checkUid(ref: Ref, { metadata }: KubeObject, { metadata: { uid } }: Binding): void {
  if (uid && uid !== metadata.uid) throw otherUid(Pods as unknown as Resource, ref, { claimed: uid, stored: metadata.uid })
}

function checkTarget(binding: Binding): void {
  const { kind, name } = binding.target
  const errors = [
    ...(kind && kind !== 'Node' && kind !== 'Minion' ? [notSupported('target.kind', kind, ['Node', '<empty>'])] : []),
    ...(name ? [] : [required('target.name')]),
  ]
  if (errors.length === 0) return
  // Upstream answers with the bare causes here, as an error that it did not expect.
  const texts = errors.map((e) => `${e.field}: ${e.message}`)
  throw new ApiError(500, '', texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`)
}

function bound(pod: Pod, binding: Binding, now: Date): Pod {
  const name = pod.metadata.name ?? ''
  const { resourceVersion, annotations, labels } = binding.metadata
  if (resourceVersion && resourceVersion !== pod.metadata.resourceVersion)
    throw conflict(
      subject,
      name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${pod.metadata.resourceVersion}`,
    )
  if (pod.metadata.deletionTimestamp !== undefined)
    throw conflict(subject, name, `pod ${name} is being deleted, cannot be assigned to a host`)
  if (pod.spec.nodeName) throw conflict(subject, name, `pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`)
  if ((pod.spec.schedulingGates?.length ?? 0) > 0) throw conflict(subject, name, `pod ${name} has non-empty .spec.schedulingGates`)
  pod.spec.nodeName = binding.target.name ?? ''
  if (pod.status) delete pod.status.nominatedNodeName
  if (annotations && Object.keys(annotations).length > 0) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations }
  if (labels && Object.keys(labels).length > 0) pod.metadata.labels = { ...pod.metadata.labels, ...labels }
  setPodCondition(pod, { type: 'PodScheduled', status: 'True' }, now)
  return pod
}
