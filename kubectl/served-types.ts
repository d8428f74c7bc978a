/** Finds the type that a word, a kind or a category names among what the server serves. */
import { type DiscoveredResource, discover } from '#client/discovery.ts'
import type { Client } from '#client/rest.ts'
import { UsageError } from './command.ts'

export type ApiResource = DiscoveredResource

export class ServedTypes {
  readonly resources: readonly ApiResource[]
  /** Group versions that did not answer: a type that is not found may be one of theirs. */
  readonly #unread: readonly string[]

  constructor(resources: readonly ApiResource[], unread: readonly string[] = []) {
    this.resources = resources
    this.#unread = unread
  }

  static async read(client: Client): Promise<ServedTypes> {
    const { resources, failures } = await discover(client)
    return new ServedTypes(
      resources,
      failures.map(({ groupVersion, message }) => `${groupVersion}: ${message}`),
    )
  }

  /** Finds `po`, `pods`, `Pod`, `deployments.apps`, `deployments.v1.apps`. Throws upstream's sentence where nothing has that name. */
  find(word: string): ApiResource {
    const lower = word.toLowerCase()
    const [name = '', ...rest] = lower.split('.')
    const candidates = this.resources.filter((r) => names(r).includes(rest.length === 0 ? lower : name))
    const matching = rest.length === 0 ? candidates : candidates.filter((r) => qualifies(r, rest.join('.')))
    const found = matching.find((r) => r.preferred) ?? matching[0]
    if (!found) throw new UsageError(`the server doesn't have a resource type "${word}"${this.#suggestion(lower)}${this.#gaps()}`)
    return found
  }

  /** The type of an object in a manifest. */
  ofKind(apiVersion: string, kind: string): ApiResource {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
    const found = this.resources.find((r) => r.kind === kind && r.group === group && r.version === version)
    if (!found)
      throw new UsageError(
        `resource mapping not found: no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first${this.#gaps()}`,
      )
    return found
  }

  /** Members of a category such as `all`, in a stable order. */
  category(name: string): readonly ApiResource[] {
    return this.resources.filter((r) => r.preferred && r.categories.includes(name))
  }

  #gaps(): string {
    return this.#unread.length === 0
      ? ''
      : `\nsome types are not known because their servers did not answer:\n  ${this.#unread.join('\n  ')}`
  }

  #suggestion(word: string): string {
    const near = this.resources.flatMap((r) => [r.plural, ...r.shortNames]).find((name) => distance(name, word) <= 2 && word.length > 3)
    return near === undefined ? '' : ` (did you mean ${near}?)`
  }
}

const names = (r: ApiResource): string[] => [r.plural, r.singular, r.kind.toLowerCase(), ...r.shortNames]

function qualifies(r: ApiResource, suffix: string): boolean {
  return (
    suffix === r.group ||
    suffix === `${r.version}.${r.group}` ||
    (r.group === '' && suffix === r.version) ||
    (r.group !== '' && r.group.startsWith(`${suffix}.`))
  )
}

/** Edit distance, for typing mistakes. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + change))
    }
    row = next
  }
  return row[b.length] ?? 0
}
