/** Entries of the catalog as discovery writes them: the old lists and the aggregated form (pure). */
import type { ResourceEntry } from './catalog.ts'

/** Lines of an APIResourceList: a resource, then its subresources. */
export function resourcesOf(entry: ResourceEntry): object[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories, storageVersionHash } = entry
  const main = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames ? { shortNames } : {}),
    ...(categories ? { categories } : {}),
    ...(storageVersionHash ? { storageVersionHash } : {}),
  }
  const subs = entry.subresources.map((sub) => ({
    name: `${plural}/${sub.name}`,
    singularName: '',
    namespaced,
    ...(sub.group === undefined ? {} : { group: sub.group, version: sub.version }),
    kind: sub.kind,
    verbs: sub.verbs,
  }))
  return [main, ...subs]
}

/** A group in an APIGroupDiscoveryList; `versions` in the order of preference, `stale` those whose server could not be asked lately. */
export function aggregatedGroup(
  name: string,
  versions: ReadonlyMap<string, readonly ResourceEntry[]>,
  stale: ReadonlySet<string> = new Set(),
): object {
  return {
    metadata: name === '' ? {} : { name },
    versions: [...versions].map(([version, entries]) => ({
      version,
      ...(entries.length > 0 ? { resources: entries.map(aggregatedResource) } : {}),
      freshness: stale.has(version) ? 'Stale' : 'Current',
    })),
  }
}

function aggregatedResource(entry: ResourceEntry): object {
  const { plural, singular, namespaced, verbs, shortNames, categories } = entry
  const subresources = entry.subresources.map((sub) => ({
    subresource: sub.name,
    responseKind: { group: sub.group ?? '', version: sub.version ?? '', kind: sub.kind },
    verbs: sub.verbs,
  }))
  return {
    resource: plural,
    // An empty group and version stand for the list's own, as upstream writes them.
    responseKind: { group: '', version: '', kind: entry.kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames ? { shortNames } : {}),
    ...(categories ? { categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  }
}
