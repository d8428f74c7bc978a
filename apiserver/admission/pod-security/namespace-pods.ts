/** What a namespace that raises its level hears about the pods it already has. */
import type { Pod } from '#api/core/pod.ts'
import { controllerOf } from '#api/meta/owner.ts'
import { reasonsText, violationsOf } from './evaluate.ts'
import { type LevelVersion, policyText } from './policy.ts'

/** As upstream: one request does not judge more pods. */
const maxPods = 3000

/** Warnings in upstream's words: one per set of reasons, named after the first pod by name. */
export function namespaceWarnings(namespace: string, enforce: LevelVersion, pods: readonly Pod[]): readonly string[] {
  const judged = onePerControllerFirst(pods).slice(0, maxPods)
  const byReason = new Map<string, { first: string; count: number }>()
  for (const { metadata, spec } of judged) {
    const reasons = reasonsText(violationsOf({ annotations: metadata.annotations ?? {}, spec }, enforce))
    if (reasons === '') continue
    const name = metadata.name ?? ''
    const known = byReason.get(reasons)
    byReason.set(reasons, { first: known === undefined || name < known.first ? name : known.first, count: (known?.count ?? 0) + 1 })
  }
  const warnings: string[] = []
  if (judged.length < pods.length)
    warnings.push(`new PodSecurity enforce level only checked against the first ${judged.length} of ${pods.length} existing pods`)
  if (byReason.size > 0)
    warnings.push(`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${policyText(enforce)}"`)
  const lines = [...byReason].map(([reasons, { first, count }]) => `${first}${othersText(count - 1)}: ${reasons}`)
  return [...warnings, ...lines.sort()]
}

const othersText = (others: number): string => (others === 0 ? '' : ` (and ${others} other ${others === 1 ? 'pod' : 'pods'})`)

/** Replicas are alike: one of each controller comes before the second of any. */
function onePerControllerFirst(pods: readonly Pod[]): readonly Pod[] {
  const seen = new Set<string>()
  const replicas: Pod[] = []
  const first = pods.filter((pod) => {
    const owner = controllerOf(pod)
    if (owner === undefined) return true
    if (seen.has(owner.uid)) {
      replicas.push(pod)
      return false
    }
    seen.add(owner.uid)
    return true
  })
  return [...first, ...replicas]
}
