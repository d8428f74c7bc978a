/** pods/eviction: a deletion that says why. Disruption budgets are not known to this server yet, so that nothing holds an eviction back. */
import type { z } from 'zod'
import { type Pod, Pods } from '#api/core/pod.ts'
import type { DeleteOptions } from '#api/meta/options.ts'
import { badRequest, notFoundError } from '#api/meta/status.ts'
import { type Eviction, evictionSchema } from '#api/policy/eviction.ts'
import type { Resource } from '#api/resource.ts'
import type { Admission } from '#apiserver/admission/admission.ts'
import { decodeKind } from '#apiserver/endpoints/decode.ts'
import type { Answer, ApiRequest } from '#apiserver/endpoints/exchange.ts'
import { writerOf } from '#apiserver/endpoints/write.ts'
import { checkDeleteOptions, isDryRun, writeOptions } from '#apiserver/registry/options.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import { setPodCondition } from './pod-conditions.ts'

const schema = evictionSchema as unknown as z.ZodType<Eviction>

export async function evict(deps: { registry: Registry; admission: Admission }, request: ApiRequest): Promise<Answer> {
  const { registry } = deps
  const options = writeOptions(request.info.query, 'CreateOptions')
  const eviction = decodeKind(request, evictionKind(), { validation: options.fieldValidation, warn: request.warn })
  const { name, namespace } = request.info
  if (eviction.metadata.name && eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
  const asked: DeleteOptions = { apiVersion: 'v1', kind: 'DeleteOptions', ...eviction.deleteOptions }
  if (options.dryRun) asked.dryRun = ['All']
  checkDeleteOptions(asked)
  const pods = Pods as unknown as Resource
  const writer = writerOf(pods, request, isDryRun(asked))
  await deps.admission.validate({
    operation: 'create',
    resource: pods,
    subresource: 'eviction',
    namespace,
    name,
    user: request.user,
    dryRun: writer.dryRun,
    object: eviction as never,
    now: registry.now(),
    warn: request.warn,
  })
  const ref = { namespace, name }
  const marked = writer.dryRun ? undefined : await mark(registry, { pods, ref, request, asked })
  const preconditions =
    marked && asked.preconditions?.resourceVersion ? { ...asked.preconditions, resourceVersion: marked } : asked.preconditions
  await registry.delete(pods, ref, { ...asked, ...(preconditions ? { preconditions } : {}) }, writer)
  return { status: 201, object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } }
}

const evictionKind = () => ({ group: 'policy', version: 'v1', kind: 'Eviction', schema })

interface Mark {
  pods: Resource
  ref: { namespace: string; name: string }
  request: ApiRequest
  asked: DeleteOptions
}

/** Writes the condition DisruptionTarget; returns the pod's resourceVersion after it. */
async function mark(registry: Registry, { pods, ref, request, asked }: Mark): Promise<string | undefined> {
  const saved = await registry.update(
    {
      resource: pods,
      ref,
      subresource: 'status',
      rules: { prepare: (next) => next },
      retries: true,
      settlesFields: true,
      change: (prev) => {
        if (!prev) throw notFoundError(Pods, ref.name)
        registry.checkPreconditions(pods, prev, asked)
        const condition = {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'EvictionByEvictionAPI',
          message: 'Eviction API: evicting',
        } as const
        setPodCondition(prev as Pod, condition, registry.now())
        return prev
      },
    },
    // The server itself writes this, not the client: admission has judged the eviction already.
    { ...writerOf(pods, request, false), user: { name: 'system:apiserver', groups: ['system:masters'] } },
  )
  return saved.object.metadata.resourceVersion
}
