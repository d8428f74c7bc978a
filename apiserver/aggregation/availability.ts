/** What is known of another server, as a condition (pure; upstream: kube-aggregator, controllers/status/remote). */
import type { APIServiceCondition } from '#api/apiregistration/api-service.ts'

export type Finding = { ok: true } | { ok: false; reason: string; message: string }

/** The conditions with what was found; undefined where they say so already. The time of a status that did not change stays. */
export function conditionsAfter(
  conditions: readonly APIServiceCondition[] | undefined,
  finding: Finding,
  now: string,
): APIServiceCondition[] | undefined {
  const known = conditions?.find(({ type }) => type === 'Available')
  const next: APIServiceCondition = finding.ok
    ? { type: 'Available', status: 'True', reason: 'Passed', message: 'all checks passed' }
    : { type: 'Available', status: 'False', reason: finding.reason, message: finding.message }
  const isSame = known?.status === next.status && known.reason === next.reason && known.message === next.message
  if (isSame) return undefined
  const lastTransitionTime = known?.status === next.status && known.lastTransitionTime !== undefined ? known.lastTransitionTime : now
  return [...(conditions ?? []).filter(({ type }) => type !== 'Available'), { ...next, lastTransitionTime }]
}
