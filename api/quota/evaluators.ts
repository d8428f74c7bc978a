/** Which rules count a kind against quotas. */
import { claimQuota } from './claims.ts'
import { objectCounts, type QuotaEvaluator } from './evaluator.ts'
import { podQuota } from './pods.ts'
import { serviceQuota } from './services.ts'

const special: ReadonlyMap<string, QuotaEvaluator> = new Map([podQuota, serviceQuota, claimQuota].map((e) => [e.groupResource, e]))
const counting = new Map<string, QuotaEvaluator>()

/** Kinds without rules of their own are counted by number. `groupResource` is such as `deployments.apps`. */
export function evaluatorOf(groupResource: string): QuotaEvaluator {
  const known = special.get(groupResource) ?? counting.get(groupResource)
  if (known !== undefined) return known
  const made = objectCounts(groupResource)
  counting.set(groupResource, made)
  return made
}
