/** Carries out one plan: a typed record of what each verb does, batches with slow start, stop at the first failure. */
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject } from '#api/resource.ts'
import { type Ref, type ResourceType, refOf } from '#client/resource-path.ts'
import type { Client } from '#client/rest.ts'
import { Evictions } from './evictions.ts'
import type { Action, Batch, Plan, Verb } from './plan.ts'

/** What was written: for deletions the object's reference and uid. */
export type Outcome =
  | { written: KubeObject; type: ResourceType }
  | { deleted: { metadata: { namespace?: string | undefined; name: string; uid?: string } }; type: ResourceType }
  | { skipped: string }

export interface ApplyContext {
  client: Client
  /** Once it aborts nothing more is begun. */
  stop: AbortSignal
  /** Breaks off what is under way; later than `stop`, or nobody knows what was written (`outlasting`). */
  signal: AbortSignal
  /** Throws where this process may no longer write (it lost its lease). Asked before each write. */
  guard?: () => void
  /** What each verb does; `executors` unless given. */
  executors?: Executors
  done(action: Action, outcome: Outcome): void
  failed(action: Action, error: unknown): void
}

/** When to begin nothing more, and when to break off writes under way. */
export interface Until {
  stop: AbortSignal
  writing: AbortSignal
}

export type Executors = { [V in Verb]: (action: Action & { verb: V }, context: ApplyContext) => Promise<Outcome> }

const put =
  (subresource?: string) =>
  async (action: { type: ResourceType; object: KubeObject }, { client, signal }: ApplyContext): Promise<Outcome> => ({
    written: await client.update(action.type, action.object, { signal, ...(subresource ? { subresource } : {}) }),
    type: action.type,
  })

export const executors: Executors = {
  create: async ({ type, object }, { client, signal }) => ({ written: await client.create(type, object, { signal }), type }),
  update: put(),
  updateStatus: put('status'),
  finalize: put('finalize'),
  updateScale: async ({ type, ref, replicas, preconditions }, { client, signal }) => {
    const { namespace, name } = ref
    const scale = {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { ...(namespace ? { namespace } : {}), name, ...preconditions },
      spec: { replicas },
    }
    return { written: await client.update(type, scale, { signal, subresource: 'scale' }), type }
  },
  patch: async ({ type, ref, patch, subresource }, { client, signal }) => ({
    written: await client.patch(type, ref, patch, { signal, ...(subresource ? { subresource } : {}) }),
    type,
  }),
  delete: async ({ type, ref, preconditions, gracePeriodSeconds, propagationPolicy }, { client, signal }) => {
    const options = {
      signal,
      ...(preconditions ? { preconditions } : {}),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(propagationPolicy ? { propagationPolicy } : {}),
    }
    await client.delete(type, ref, options)
    return { deleted: { metadata: { ...ref, ...(preconditions?.uid ? { uid: preconditions.uid } : {}) } }, type }
  },
  evict: async ({ ref, preconditions, gracePeriodSeconds }, { client }) => {
    await client.post(Evictions.pods, ref, 'eviction', Evictions.body(ref, preconditions, gracePeriodSeconds))
    return { deleted: { metadata: { ...ref, ...(preconditions?.uid ? { uid: preconditions.uid } : {}) } }, type: Evictions.pods }
  },
  deleteCollection: async ({ type, namespace, labelSelector, fieldSelector }, { client, signal }) => {
    const where = {
      signal,
      propagationPolicy: 'Background' as const,
      ...(labelSelector ? { labelSelector } : {}),
      ...(fieldSelector ? { fieldSelector } : {}),
    }
    await client.deleteCollection(type, { namespace, ...where })
    return { skipped: 'nothing to wait for' }
  },
}

/** Throws the first failure after what ran beside it has ended. */
export async function applyPlan(plan: Plan, context: ApplyContext): Promise<void> {
  for (const step of plan.actions) {
    if ('parallel' in step) await applyBatch(step, context)
    else await applyOne(step, context)
  }
}

async function applyBatch(batch: Batch, context: ApplyContext): Promise<void> {
  let start = 0
  for (let size = 1; start < batch.parallel.length; size *= 2) {
    const slice = batch.parallel.slice(start, start + size)
    start += slice.length
    const results = await Promise.allSettled(slice.map((action) => applyOne(action, context)))
    const failure = results.find((r) => r.status === 'rejected')
    if (failure) throw failure.reason
  }
}

async function applyOne(action: Action, context: ApplyContext): Promise<void> {
  context.stop.throwIfAborted()
  context.guard?.()
  try {
    const execute = (context.executors ?? executors)[action.verb] as (action: Action, context: ApplyContext) => Promise<Outcome>
    context.done(action, await execute(action, context))
  } catch (error) {
    const harmless = harmlessFailure(action, error)
    if (harmless !== undefined) {
      context.done(action, { skipped: harmless })
      return
    }
    if (!context.stop.aborted) context.failed(action, error)
    throw error
  }
}

/**
 * A signal for writes that aborts some time after `stop`: a write that was sent may be committed after its sender is gone, and a successor that
 * has listed by then would not see it and do the same again. So writes under way are waited for, as long as the server answers.
 */
export function outlasting(stop: AbortSignal, graceMs = 5000): AbortSignal {
  const late = new AbortController()
  const arm = (): void => void setTimeout(() => late.abort(stop.reason), graceMs).unref()
  if (stop.aborted) arm()
  else stop.addEventListener('abort', arm, { once: true })
  return late.signal
}

/** Failures after which the world is as the action wanted it, or never will be. */
function harmlessFailure(action: Action, error: unknown): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  if (error.code === 404 && (action.verb === 'delete' || action.verb === 'evict')) return 'it is gone already'
  const terminating = error.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating')
  if (action.verb === 'create' && terminating) return 'its namespace is being terminated'
  return undefined
}

export function targetOf(action: Action): { type: ResourceType | undefined; ref: Ref } {
  switch (action.verb) {
    case 'create':
    case 'update':
    case 'updateStatus':
    case 'finalize':
      return { type: action.type, ref: refOf(action.object) }
    case 'deleteCollection':
      return { type: action.type, ref: { namespace: action.namespace, name: '' } }
    case 'evict':
      return { type: Evictions.pods, ref: action.ref }
    case 'updateScale':
    case 'patch':
    case 'delete':
      return { type: action.type, ref: action.ref }
  }
}
