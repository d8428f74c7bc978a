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

export function namespaceContentReader(client: Client, discovery: (signal: AbortSignal) => Promise<Discovery>) {
  return async (namespace: string, signal: AbortSignal): Promise<NamespaceContent> => {
    const { resources, failures } = await discovery(signal)
    const wanted = resources.filter(
      (r) => r.scope === 'Namespaced' && r.preferred && r.verbs.includes('delete') && r.verbs.includes('list'),
    )
    const kinds: ContentOfKind[] = []
    for (let i = 0; i < wanted.length; i += atATime) {
      kinds.push(...(await Promise.all(wanted.slice(i, i + atATime).map((type) => contentOf(client, type, namespace, signal)))))
    }
    return { kinds, failures }
  }
}

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
