/** The kinds that this server serves at this moment: the built-in ones, and custom ones that come and go while it runs. */
import { apiVersionOf, type Resource } from '#api/resource.ts'
import type { GroupVersion } from '#api/scheme.ts'

interface Index {
  all: readonly Resource[]
  byPlural: ReadonlyMap<string, Resource>
  byKind: ReadonlyMap<string, Resource>
  groupVersions: readonly GroupVersion[]
}

export class ServedKinds {
  readonly #builtIn: readonly Resource[]
  /** By the name of the definition that they come from, in the order in which they came. */
  readonly #custom = new Map<string, readonly Resource[]>()
  readonly #listeners = new Set<() => void>()
  #index: Index

  constructor(builtIn: readonly Resource[]) {
    this.#builtIn = builtIn
    this.#index = indexOf(builtIn)
  }

  /** Built-in kinds first; one entry for each version. The same array until something changes. */
  all(): readonly Resource[] {
    return this.#index.all
  }

  find = (group: string, version: string, plural: string): Resource | undefined =>
    this.#index.byPlural.get(`${apiVersionOf({ group, version })}/${plural}`)

  kind = (apiVersion: string, kind: string): Resource | undefined => this.#index.byKind.get(`${apiVersion}/${kind}`)

  /** Group versions in the order of their first kind. */
  groupVersions(): readonly GroupVersion[] {
    return this.#index.groupVersions
  }

  /** Whether a kind comes from a definition that a user made. */
  isCustom(resource: Resource): boolean {
    return this.#custom.size > 0 && !this.#builtIn.includes(resource)
  }

  /** Whether a group has only custom kinds. */
  isCustomGroup(group: string): boolean {
    return (
      this.#custom.size > 0 &&
      !this.#builtIn.some((resource) => resource.group === group) &&
      this.all().some((resource) => resource.group === group)
    )
  }

  /** Called after every change, at once. Returns what ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The kinds of one definition, all its served versions; none takes them away. */
  setCustom(definition: string, resources: readonly Resource[]): void {
    if (resources.length > 0) this.#custom.set(definition, resources)
    else if (!this.#custom.delete(definition)) return
    this.#index = indexOf([...this.#builtIn, ...[...this.#custom.values()].flat()])
    for (const listener of this.#listeners) listener()
  }
}

function indexOf(all: readonly Resource[]): Index {
  const members = Map.groupBy(all, apiVersionOf)
  return {
    all,
    byPlural: new Map(all.map((resource) => [`${apiVersionOf(resource)}/${resource.plural}`, resource])),
    byKind: new Map(all.map((resource) => [`${apiVersionOf(resource)}/${resource.kind}`, resource])),
    groupVersions: [...members.values()].map((resources) => ({
      group: resources[0]?.group ?? '',
      version: resources[0]?.version ?? '',
      resources,
    })),
  }
}
