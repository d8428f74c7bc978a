/** Whether quotas have room for a request, and what they count after it (upstream: apiserver/pkg/admission/plugin/resourcequota). */
import type { ResourceQuota } from '#api/core/resource-quota.ts'
import { isCounted, type QuotaEvaluator, type QuotaRequest } from './evaluator.ts'
import {
  addLists,
  equalLists,
  exceeding,
  growth,
  listText,
  negativeNames,
  only,
  type ResourceList,
  withoutZeros,
} from './resource-lists.ts'

export type Charge =
  /** All quotas as they stand after the request; those that do not change are the given objects. */
  | { allowed: true; quotas: readonly ResourceQuota[] }
  /** Upstream's text. */
  | { allowed: false; why: string }

const refused = (why: string): Charge => ({ allowed: false, why })

/** Only quotas whose status is known can judge: others refuse, so that nothing slips in before the first count. */
export function charge(quotas: readonly ResourceQuota[], evaluator: QuotaEvaluator, request: QuotaRequest): Charge {
  if (!evaluator.handles(request)) return { allowed: true, quotas }
  const { object, old, now } = request
  const counting = quotas.filter((quota) => isCounted(quota, evaluator, object))
  for (const quota of counting) {
    const why = unable(quota, evaluator, request)
    if (why !== undefined) return refused(why)
  }
  const usage = evaluator.usage(object, now)
  const negative = negativeNames(usage)
  if (negative.length > 0) return refused(`quota usage is negative for resource(s): ${negative.sort().join(',')}`)
  const more = old === undefined ? usage : growth(usage, evaluator.usage(old, now))
  const next: ResourceQuota[] = []
  for (const quota of quotas) {
    const wasCounted = old !== undefined && isCounted(quota, evaluator, old)
    const asked = counting.includes(quota) ? withoutZeros(wasCounted ? more : usage) : {}
    const charged = chargeOne(quota, asked, request.subresource === 'status')
    if (typeof charged === 'string') return refused(charged)
    next.push(charged)
  }
  return { allowed: true, quotas: next }
}

function unable(quota: ResourceQuota, evaluator: QuotaEvaluator, { object }: QuotaRequest): string | undefined {
  const { name } = quota.metadata
  const limited = evaluator.matchingNames(Object.keys(quota.status.hard ?? {}))
  const lacking = evaluator.missing?.(limited, object)
  if (lacking !== undefined) return `failed quota: ${name}: ${lacking}`
  const used = quota.status.used ?? {}
  if (limited.every((resource) => Object.hasOwn(used, resource))) return undefined
  return `status unknown for quota: ${name}, resources: ${[...limited].sort().join(',')}`
}

/** The quota with what is asked for added; the reason where that is too much. What a status reports is counted even then. */
function chargeOne(quota: ResourceQuota, asked: ResourceList, isReport: boolean): ResourceQuota | string {
  const { hard = {}, used = {} } = quota.status
  const wanted = only(asked, Object.keys(hard))
  if (Object.keys(wanted).length === 0) return quota
  const sum = addLists(used, wanted)
  const over = isReport ? [] : exceeding(only(sum, Object.keys(wanted)), hard)
  if (over.length > 0) {
    const [requested, has, limits] = [wanted, used, hard].map((list) => listText(only(list, over)))
    return `exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${has}, limited: ${limits}`
  }
  return equalLists(sum, used) ? quota : { ...quota, status: { ...quota.status, used: { ...sum } } }
}
