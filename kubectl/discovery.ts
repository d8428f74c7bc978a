/** What the server serves: aggregated discovery in two requests, or group by group from servers that know only the old form. */
import type { ResourceType } from '#client/resource-path.ts'
import { type Client, errorOf } from '#client/rest.ts'
import { UsageError } from './command.ts'

export interface ApiResource extends ResourceType {
  singular: string
  shortNames: readonly string[]
  categories: readonly string[]
  verbs: readonly string[]
  subresources: readonly string[]
  /** Position of the group and of the version in the server's order of preference. */
  preferred: boolean
}

interface AggregatedResource {
  resource: string
  responseKind?: { group?: string; version?: string; kind: string }
  scope: 'Namespaced' | 'Cluster'
  singularResource?: string
  shortNames?: string[]
  categories?: string[]
  verbs?: string[]
  subresources?: { subresource: string }[]
}
interface AggregatedGroup {
  metadata?: { name?: string }
  versions?: { version: string; resources?: AggregatedResource[] }[]
}
interface OldResource {
  name: string
  kind: string
  namespaced: boolean
  singularName?: string
  shortNames?: string[]
  categories?: string[]
  verbs?: string[]
}

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

export class Discovery {
  readonly resources: readonly ApiResource[]

  constructor(resources: readonly ApiResource[]) {
    this.resources = resources
  }

  static async read(client: Client): Promise<Discovery> {
    const [core, groups] = await Promise.all([readRoot(client, '/api'), readRoot(client, '/apis')])
    return new Discovery([...core, ...groups])
  }

  /** Finds `po`, `pods`, `Pod`, `deployments.apps`, `deployments.v1.apps`. Throws upstream's sentence where nothing has that name. */
  find(word: string): ApiResource {
    const lower = word.toLowerCase()
    const [name = '', ...rest] = lower.split('.')
    const candidates = this.resources.filter((r) => names(r).includes(rest.length === 0 ? lower : name))
    const matching = rest.length === 0 ? candidates : candidates.filter((r) => qualifies(r, rest.join('.')))
    const found = matching.find((r) => r.preferred) ?? matching[0]
    if (!found) throw new UsageError(`the server doesn't have a resource type "${word}"${this.#suggestion(lower)}`)
    return found
  }

  /** The type of an object in a manifest. */
  ofKind(apiVersion: string, kind: string): ApiResource {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
    const found = this.resources.find((r) => r.kind === kind && r.group === group && r.version === version)
    if (!found)
      throw new UsageError(
        `resource mapping not found: no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`,
      )
    return found
  }

  /** Members of a category such as `all`, in a stable order. */
  category(name: string): readonly ApiResource[] {
    return this.resources.filter((r) => r.preferred && r.categories.includes(name))
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

async function readRoot(client: Client, root: '/api' | '/apis'): Promise<readonly ApiResource[]> {
  const body = (await getJson(client, root, aggregatedType)) as { kind?: string; items?: AggregatedGroup[] }
  if (body.kind === 'APIGroupDiscoveryList') return (body.items ?? []).flatMap(ofGroup)
  return root === '/api' ? readOld(client, '', { version: 'v1', preferred: true }) : readOldGroups(client, body)
}

async function getJson(client: Client, path: string, accept = 'application/json'): Promise<unknown> {
  const response = await client.raw('GET', path, { headers: { Accept: accept } })
  if (response.status >= 400) throw errorOf(response.status, response.body)
  return JSON.parse(response.body.toString('utf8'))
}

function ofGroup(group: AggregatedGroup): ApiResource[] {
  const name = group.metadata?.name ?? ''
  return (group.versions ?? []).flatMap(({ version, resources }, at) =>
    (resources ?? []).map((r) => ({
      group: name,
      version,
      kind: r.responseKind?.kind ?? r.resource,
      plural: r.resource,
      scope: r.scope,
      singular: r.singularResource ?? '',
      shortNames: r.shortNames ?? [],
      categories: r.categories ?? [],
      verbs: r.verbs ?? [],
      subresources: (r.subresources ?? []).map((s) => s.subresource),
      preferred: at === 0,
    })),
  )
}

async function readOldGroups(client: Client, body: unknown): Promise<readonly ApiResource[]> {
  const { groups = [] } = body as { groups?: { name: string; versions: { version: string }[]; preferredVersion?: { version: string } }[] }
  const lists = groups.flatMap((group) =>
    group.versions.map(({ version }) => readOld(client, group.name, { version, preferred: version === group.preferredVersion?.version })),
  )
  return (await Promise.all(lists)).flat()
}

async function readOld(client: Client, group: string, at: { version: string; preferred: boolean }): Promise<readonly ApiResource[]> {
  const path = group === '' ? `/api/${at.version}` : `/apis/${group}/${at.version}`
  const { resources = [] } = (await getJson(client, path)) as { resources?: OldResource[] }
  return resources
    .filter((r) => !r.name.includes('/'))
    .map((r) => ({
      group,
      version: at.version,
      kind: r.kind,
      plural: r.name,
      scope: r.namespaced ? 'Namespaced' : 'Cluster',
      singular: r.singularName ?? '',
      shortNames: r.shortNames ?? [],
      categories: r.categories ?? [],
      verbs: r.verbs ?? [],
      subresources: resources.filter((s) => s.name.startsWith(`${r.name}/`)).map((s) => s.name.slice(r.name.length + 1)),
      preferred: at.preferred,
    }))
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
