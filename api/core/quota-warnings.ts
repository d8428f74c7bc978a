/** Texts about quotas whose requests are above their limits (upstream: pkg/registry/core/resourcequota). */
import { compareQuantities } from '#api/meta/quantity.ts'
import type { ResourceQuota } from './resource-quota.ts'

const resources = ['cpu', 'memory', 'storage', 'ephemeral-storage']
const withoutPrefix = new Set(['cpu', 'memory'])

export function quotaWarnings({ spec: { hard = {} } }: ResourceQuota, prev: ResourceQuota | undefined): string[] {
  if (prev) return []
  return resources.flatMap((name) => {
    const prefixed = `requests.${name}`
    const asked = hard[prefixed] === undefined && withoutPrefix.has(name) ? name : prefixed
    const [request, limit] = [hard[asked], hard[`limits.${name}`]]
    if (request === undefined || limit === undefined || compareQuantities(request, limit) <= 0) return []
    return [`ResourceQuota ${asked} (${request}) should be less than limits.${name} (${limit})`]
  })
}
