/** Counts the objects of kinds in a namespace without reading them: a list of one item tells how many follow. */
import { ApiError } from '#api/meta/status.ts'
import { groupResourceOf } from '#api/resource.ts'
import type { Discovery } from '#client/discovery.ts'
import type { Client } from '#client/rest.ts'
import type { ReadCounts } from './resource-quota.ts'

export function objectCounter(client: Client, discovery: (signal: AbortSignal) => Promise<Discovery>): ReadCounts {
  return async (namespace, kinds, signal) => {
    const { resources } = await discovery(signal)
    const types = resources.filter((r) => r.preferred && r.scope === 'Namespaced' && kinds.includes(groupResourceOf(r)))
    const counts = await Promise.all(
      types.map(async (type): Promise<[string, number] | undefined> => {
        try {
          const { items, metadata } = await client.list(type, { namespace, limit: 1, metadataOnly: true, signal })
          return [groupResourceOf(type), items.length + (metadata.remainingItemCount ?? 0)]
        } catch (error) {
          // A kind that went away meanwhile counts as unknown.
          if (error instanceof ApiError && error.code === 404) return undefined
          throw error
        }
      }),
    )
    return Object.fromEntries(counts.filter((count) => count !== undefined))
  }
}
