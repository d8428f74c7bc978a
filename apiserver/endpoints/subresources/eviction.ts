/** pods/eviction: a deletion that says why and that disruption budgets can hold back. */
import type { z } from 'zod'
import { type Pod, Pods } from '#api/core/pod.ts'
import type { DeleteOptions } from '#api/meta/options.ts'
import { ApiError, badRequest, notFoundError } from '#api/meta/status.ts'
import { budgetInProgress, budgetsOf, goesUnready, ignoresBudgets, mustBeUnchanged, takeDisruption } from '#api/policy/disruption.ts'
import { type Eviction, evictionSchema } from '#api/policy/eviction.ts'
import { type PodDisruptionBudget, PodDisruptionBudgets } from '#api/policy/pod-disruption-budget.ts'
import type { KubeObject, Resource, SubresourceRules } from '#api/resource.ts'
import type { Admission } from '#apiserver/admission/admission.ts'
import { decodeKind } from '#apiserver/endpoints/decode.ts'
import type { Answer, ApiRequest } from '#apiserver/endpoints/exchange.ts'
import { writerOf } from '#apiserver/endpoints/write.ts'
import { checkDeleteOptions, isDryRun, writeOptions } from '#apiserver/registry/options.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { Writer } from '#apiserver/registry/write-context.ts'
import { setPodCondition } from './pod-conditions.ts'

const schema = evictionSchema as unknown as z.ZodType<Eviction>

export async function evict(deps: { registry: Registry; admission: Admission }, request: ApiRequest): Promise<Answer> {
  const { registry } = deps
  const options = writeOptions(request.info.query, 'CreateOptions')
  const eviction = decodeKind(request, evictionKind(), { validation: options.fieldValidation, warn: request.warn })
  const { name, namespace } = request.info
  if (eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
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
  const target: Target = { pods, ref: { namespace, name }, request, asked, writer }
  return await evictAllowed(registry, target)
}

interface Target {
  pods: Resource
  ref: { namespace: string; name: string }
  request: ApiRequest
  asked: DeleteOptions
  writer: Writer
}

/** Throws ApiError: 403, 404, 409, 429. */
async function evictAllowed(registry: Registry, target: Target): Promise<Answer> {
  const { ref } = target
  for (let attempt = 1; ; attempt++) {
    const pod = (await registry.store.current(Pods, ref, 'consistent'))?.object
    if (!pod) throw notFoundError(Pods, ref.name)
    if (!ignoresBudgets(pod)) return await evictGuarded(registry, target, pod)
    const unset = target.asked.preconditions?.resourceVersion === undefined
    try {
      await remove(registry, target, unset && mustBeUnchanged(pod) ? pod.metadata.resourceVersion : undefined)
      return success
    } catch (error) {
      // the pod changed meanwhile: it may be one that a budget guards now
      if (!isConflict(error) || !unset || attempt >= attempts) throw error
    }
  }
}

/** A pod that disrupts something by going. */
async function evictGuarded(registry: Registry, target: Target, pod: Pod): Promise<Answer> {
  const { ref, asked } = target
  const all = await registry.store.list(PodDisruptionBudgets, ref.namespace, 'consistent')
  const budgets = budgetsOf(
    pod,
    all.map(({ object }) => object),
  )
  if (budgets.length > 1) return severalBudgets
  const [budget] = budgets
  const unready = budget !== undefined && goesUnready(pod, budget)
  if (budget && !unready) await take(registry, target, budget)
  try {
    await remove(registry, target, unready ? pod.metadata.resourceVersion : undefined)
  } catch (error) {
    if (unready && isConflict(error) && asked.preconditions?.resourceVersion === undefined) {
      throw budgetInProgress(budget.metadata.name ?? '')
    }
    throw error
  }
  return success
}

/** Notes in the budget that the pod is told to go. Throws 429 where it must stay. */
async function take(registry: Registry, { ref, request, writer }: Target, budget: PodDisruptionBudget): Promise<void> {
  const { name = '' } = budget.metadata
  if (writer.dryRun) {
    takeDisruption(budget, ref.name, registry.now())
    return
  }
  const resource = PodDisruptionBudgets as unknown as Resource
  const rules = PodDisruptionBudgets.subresources?.['status'] as unknown as SubresourceRules<KubeObject>
  await registry.update(
    {
      resource,
      ref: { namespace: ref.namespace, name },
      subresource: 'status',
      rules,
      retries: true,
      change: (prev) => {
        if (!prev) throw notFoundError(PodDisruptionBudgets, name)
        return takeDisruption(prev as PodDisruptionBudget, ref.name, registry.now())
      },
    },
    ownWriter(resource, request),
  )
}

/** Marks the pod and deletes it; `version`: only while it is the one that was looked at. */
async function remove(registry: Registry, target: Target, version: string | undefined): Promise<void> {
  const { pods, ref, asked, writer } = target
  const wanted = version === undefined ? asked.preconditions : { ...asked.preconditions, resourceVersion: version }
  const options: DeleteOptions = { ...asked, ...(wanted ? { preconditions: wanted } : {}) }
  const marked = writer.dryRun ? undefined : await mark(registry, { ...target, asked: options })
  const preconditions = marked && wanted?.resourceVersion ? { ...wanted, resourceVersion: marked } : wanted
  await registry.delete(pods, ref, { ...asked, ...(preconditions ? { preconditions } : {}) }, writer)
}

const attempts = 20
const isConflict = (error: unknown): boolean => error instanceof ApiError && error.code === 409
const success: Answer = { status: 201, object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } }
/** The one failure without a reason. */
const severalBudgets: Answer = {
  status: 500,
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    code: 500,
  },
}

/** The server itself writes, not the client: admission has judged the eviction already. */
const ownWriter = (resource: Resource, request: ApiRequest): Writer => ({
  ...writerOf(resource, request, false),
  user: { name: 'system:apiserver', groups: ['system:masters'] },
})

const evictionKind = () => ({ group: 'policy', version: 'v1', kind: 'Eviction', schema })

/** Writes the condition DisruptionTarget; returns the pod's resourceVersion after it. */
async function mark(registry: Registry, { pods, ref, request, asked }: Target): Promise<string | undefined> {
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
    ownWriter(pods, request),
  )
  return saved.object.metadata.resourceVersion
}
