/** Reads what is in a namespace: every kind that discovery shows and that can be deleted, metadata only. */
import { ApiError } from '#api/meta/status.ts'
import type { DiscoveredResource, Discovery } from '#client/discovery.ts'
import type { Client } from '#client/rest.ts'

export interface ContentOfKind {
  type: DiscoveredResource
  objects: { name: string; deleting: boolean; finalizers: readonly string[] }[]
  /** Why the kind could not be listed. */
  error?: string
}
export interface NamespaceContent {
  kinds: ContentOfKind[]
  failures: Discovery['failures']
}

const atATime = 8

/** What the server serves; of at most that age. */
export type ReadDiscovery = (signal: AbortSignal, maxAgeMs?: number) => Promise<Discovery>

export function namespaceContentReader(client: Client, discovery: ReadDiscovery) {
  const read = async (types: readonly DiscoveredResource[], namespace: string, signal: AbortSignal): Promise<ContentOfKind[]> => {
    const kinds: ContentOfKind[] = []
    for (let i = 0; i < types.length; i += atATime) {
      kinds.push(...(await Promise.all(types.slice(i, i + atATime).map((type) => contentOf(client, type, namespace, signal)))))
    }
    return kinds
  }
  return async (namespace: string, signal: AbortSignal): Promise<NamespaceContent> => {
    const known = await discovery(signal)
    const types = known.resources.filter(isContent)
    const kinds = await read(types, namespace, signal)
    if (known.failures.length > 0 || kinds.some(({ objects, error }) => objects.length > 0 || error !== undefined))
      return { kinds, failures: known.failures }
    // Nobody looks again once it is given up for empty: a kind that came a moment ago may have objects in it.
    const newest = await discovery(signal, 0)
    const isNew = (type: DiscoveredResource): boolean => !types.some(({ group, plural }) => group === type.group && plural === type.plural)
    const added = await read(newest.resources.filter(isContent).filter(isNew), namespace, signal)
    return { kinds: [...kinds, ...added], failures: newest.failures }
  }
}

const isContent = (type: DiscoveredResource): boolean =>
  type.scope === 'Namespaced' && type.preferred && type.verbs.includes('delete') && type.verbs.includes('list')

async function contentOf(client: Client, type: DiscoveredResource, namespace: string, signal: AbortSignal): Promise<ContentOfKind> {
  try {
    const { items } = await client.list(type, { namespace, signal, metadataOnly: true })
    const objects = items.map(({ metadata }) => ({
      name: metadata.name ?? '',
      deleting: metadata.deletionTimestamp !== undefined,
      finalizers: metadata.finalizers ?? [],
    }))
    return { type, objects }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    // Served in discovery but not in fact: nothing of it can be there.
    if (error.code === 404 || error.code === 405) return { type, objects: [] }
    return { type, objects: [], error: error.message }
  }
}
