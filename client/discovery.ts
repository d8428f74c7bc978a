/** What a server serves: all kinds by discovery, in one request each for /api and /apis (aggregated), or group by group from older servers. */
import { ApiError } from '#api/meta/status.ts'
import type { ResourceType } from './resource-path.ts'
import { type Client, errorOf, type RequestOptions } from './rest.ts'

export interface DiscoveredResource extends ResourceType {
  singular: string
  shortNames: readonly string[]
  categories: readonly string[]
  verbs: readonly string[]
  subresources: readonly string[]
  /** Its version is the one to use: the group's preferred one, or the first of the others where that does not have the resource. */
  preferred: boolean
}
type Found = Omit<DiscoveredResource, 'preferred'>
/** Resources in their groups' order of preference. */
interface Part {
  resources: Found[]
  failures: Discovery['failures']
}
export interface Discovery {
  resources: DiscoveredResource[]
  /** Group versions that could not be read, each with the reason (an aggregated server that is down). */
  failures: { groupVersion: string; message: string }[]
}

interface AggregatedGroup {
  metadata?: { name?: string }
  versions?: { version: string; freshness?: string; resources?: AggregatedResource[] }[]
}
interface AggregatedResource {
  resource: string
  responseKind?: { kind?: string; group?: string; version?: string }
  scope?: string
  singularResource?: string
  shortNames?: string[]
  categories?: string[]
  verbs?: string[]
  subresources?: { subresource: string }[]
}
interface LegacyResource {
  name: string
  singularName?: string
  namespaced: boolean
  kind: string
  group?: string
  version?: string
  shortNames?: string[]
  categories?: string[]
  verbs: string[]
}

const accept = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',')

export async function discover(client: Client, options: RequestOptions = {}): Promise<Discovery> {
  const parts = await Promise.all(['/api', '/apis'].map((root) => discoverRoot(client, root, options)))
  return { resources: withPreferred(parts.flatMap((p) => p.resources)), failures: parts.flatMap((p) => p.failures) }
}

function withPreferred(resources: readonly Found[]): DiscoveredResource[] {
  const seen = new Set<string>()
  return resources.map((resource) => {
    const key = `${resource.group}/${resource.plural}`
    const preferred = !seen.has(key)
    seen.add(key)
    return { ...resource, preferred }
  })
}

async function getJson(client: Client, path: string, options: RequestOptions): Promise<unknown> {
  const response = await client.raw('GET', path, { headers: { Accept: accept }, ...options })
  if (response.status >= 400) throw errorOf(response.status, response.body)
  return JSON.parse(response.body.toString('utf8'))
}

async function discoverRoot(client: Client, root: string, options: RequestOptions): Promise<Part> {
  const answer = (await getJson(client, root, options)) as { kind?: string; items?: AggregatedGroup[] }
  if (answer.kind === 'APIGroupDiscoveryList') return fromAggregated(answer.items ?? [])
  return legacy(client, root, answer as LegacyRoot, options)
}

function fromAggregated(groups: readonly AggregatedGroup[]): Part {
  const found: Part = { resources: [], failures: [] }
  for (const { metadata, versions = [] } of groups) {
    const group = metadata?.name ?? ''
    for (const { version, freshness, resources = [] } of versions) {
      if (freshness === 'Stale') {
        found.failures.push({ groupVersion: group ? `${group}/${version}` : version, message: 'stale GroupVersion discovery' })
      }
      for (const r of resources) {
        found.resources.push({
          group,
          version,
          kind: r.responseKind?.kind ?? '',
          plural: r.resource,
          scope: r.scope === 'Cluster' ? 'Cluster' : 'Namespaced',
          singular: r.singularResource ?? '',
          shortNames: r.shortNames ?? [],
          categories: r.categories ?? [],
          verbs: r.verbs ?? [],
          subresources: (r.subresources ?? []).map((s) => s.subresource),
        })
      }
    }
  }
  return found
}

interface LegacyRoot {
  versions?: string[]
  groups?: { name: string; versions: { groupVersion: string; version: string }[]; preferredVersion?: { version: string } }[]
}

async function legacy(client: Client, root: string, answer: LegacyRoot, options: RequestOptions): Promise<Part> {
  const wanted = [
    ...(answer.versions ?? []).map((version) => ({ group: '', version })),
    ...(answer.groups ?? []).flatMap(({ name, versions, preferredVersion }) => {
      const isPreferred = ({ version }: { version: string }): boolean => version === preferredVersion?.version
      const ranked = [...versions.filter(isPreferred), ...versions.filter((other) => !isPreferred(other))]
      return ranked.map(({ version }) => ({ group: name, version }))
    }),
  ]
  const found: Part = { resources: [], failures: [] }
  const lists = await Promise.allSettled(
    wanted.map(({ group, version }) => getJson(client, `${root}${group ? `/${group}` : ''}/${version}`, options)),
  )
  for (const [i, { group, version }] of wanted.entries()) {
    const list = lists[i]
    if (list?.status === 'fulfilled') {
      found.resources.push(...fromList({ group, version }, (list.value as { resources?: LegacyResource[] }).resources ?? []))
    } else if (list) {
      if (!(list.reason instanceof ApiError)) throw list.reason
      found.failures.push({ groupVersion: group ? `${group}/${version}` : version, message: list.reason.message })
    }
  }
  return found
}

function fromList(at: { group: string; version: string }, list: readonly LegacyResource[]): Found[] {
  return list
    .filter(({ name }) => !name.includes('/'))
    .map((r) => ({
      ...at,
      kind: r.kind,
      plural: r.name,
      scope: r.namespaced ? 'Namespaced' : 'Cluster',
      singular: r.singularName ?? '',
      shortNames: r.shortNames ?? [],
      categories: r.categories ?? [],
      verbs: r.verbs,
      subresources: list.filter(({ name }) => name.startsWith(`${r.name}/`)).map(({ name }) => name.slice(r.name.length + 1)),
    }))
}
