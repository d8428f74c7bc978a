/**
 * ResourceQuota: what a request would use must fit all quotas of its namespace, and is added to their status before the object is written.
 *
 * Requests of one namespace wait for each other: those that came while a status was being written are judged together and written at once.
 * A request that fails afterwards stays charged until the quota controller counts again (as upstream).
 */
import { type ResourceQuota, ResourceQuotas } from '#api/core/resource-quota.ts'
import { internalError } from '#api/meta/status.ts'
import { charge } from '#api/quota/charge.ts'
import type { QuotaEvaluator, QuotaRequest } from '#api/quota/evaluator.ts'
import { evaluatorOf } from '#api/quota/evaluators.ts'
import { groupResourceOf, type Resource } from '#api/resource.ts'
import type { Store, Write } from '#apiserver/cache/store.ts'
import { isEvent } from '#apiserver/registry/kinds.ts'
import { type AdmissionPlugin, type AdmissionRequest, refuse } from './admission.ts'

interface Waiting {
  request: AdmissionRequest
  evaluator: QuotaEvaluator
  asked: QuotaRequest
  resolve(): void
  reject(error: unknown): void
}

/** Upstream's: three more tries where somebody else wrote the status. */
const attempts = 4

export function resourceQuota(store: Store): AdmissionPlugin {
  const queues = new Map<string, Waiting[]>()
  const enqueue = (namespace: string, waiting: Omit<Waiting, 'resolve' | 'reject'>): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const entry = { ...waiting, resolve, reject }
    const queue = queues.get(namespace)
    if (queue !== undefined) queue.push(entry)
    else {
      queues.set(namespace, [entry])
      void drain(store, queues, namespace)
    }
    return promise
  }
  return {
    name: 'ResourceQuota',
    validate(request) {
      // nobody shall lack room to tell of a quota (upstream leaves both groups of events out)
      if (isEvent(request.resource)) return
      const asked = quotaRequestOf(request)
      if (asked === undefined) return
      const evaluator = evaluatorOf(groupResourceOf(request.resource))
      if (!evaluator.handles(asked) || !store.holds(ResourceQuotas as unknown as Resource, request.namespace)) return
      return enqueue(request.namespace, { request, evaluator, asked })
    },
  }
}

function quotaRequestOf({ operation, namespace, object, old, subresource, now }: AdmissionRequest): QuotaRequest | undefined {
  if (namespace === '' || object === undefined || (operation !== 'create' && operation !== 'update')) return undefined
  return { operation, subresource, object, old, now }
}

async function drain(store: Store, queues: Map<string, Waiting[]>, namespace: string): Promise<void> {
  for (;;) {
    const batch = queues.get(namespace) ?? []
    if (batch.length === 0) break
    queues.set(namespace, [])
    try {
      await judge(store, namespace, batch)
    } catch (error) {
      for (const waiting of batch) waiting.reject(error)
    }
  }
  queues.delete(namespace)
}

async function judge(store: Store, namespace: string, batch: readonly Waiting[]): Promise<void> {
  let open = batch
  for (let attempt = 1; open.length > 0; attempt++) {
    const found = await store.list(ResourceQuotas, namespace, attempt === 1 ? 'cached' : 'consistent')
    let quotas: readonly ResourceQuota[] = found.map(({ object }) => object)
    const passed: Waiting[] = []
    for (const waiting of open) {
      const outcome = charge(quotas, waiting.evaluator, waiting.asked)
      if (!outcome.allowed) waiting.reject(refuse(waiting.request, outcome.why))
      else {
        passed.push(waiting)
        if (!waiting.request.dryRun) quotas = outcome.quotas
      }
    }
    const writes = found.flatMap(({ object, revision }, i): Write[] => {
      const next = quotas[i]
      return next === undefined || next === object
        ? []
        : [{ verb: 'update', resource: ResourceQuotas as unknown as Resource, object: next, revision }]
    })
    if (writes.length === 0 || (await store.commit(writes)).committed) {
      for (const waiting of passed) waiting.resolve()
      return
    }
    if (attempt === attempts) throw internalError('resource quota evaluation: the status of the quotas changed too often')
    open = passed
  }
}
