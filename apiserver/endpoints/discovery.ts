/** Discovery, old form (APIVersions, APIGroupList, APIResourceList) and aggregated form, made once at start from the catalog. */
import { createHash } from 'node:crypto'
import type { ResourceEntry } from './catalog.ts'
import type { Answer, ApiRequest } from './exchange.ts'
import { noSuchResource } from './resource-routes.ts'

/** Upstream's order of groups; others follow by name. */
const groupOrder = [
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
]

const aggregatedAccept = /as=APIGroupDiscoveryList/

interface Prepared {
  bytes: Buffer
  etag: string
}

export class Discovery {
  readonly #byGroup = new Map<string, Map<string, ResourceEntry[]>>()
  readonly #aggregated = new Map<string, Prepared>()
  readonly #serverAddress: string

  constructor(catalog: readonly ResourceEntry[], serverAddress: string) {
    this.#serverAddress = serverAddress
    for (const entry of catalog) {
      const versions = this.#byGroup.get(entry.group) ?? new Map<string, ResourceEntry[]>()
      this.#byGroup.set(entry.group, versions)
      versions.set(entry.version, [...(versions.get(entry.version) ?? []), entry])
    }
  }

  /** Answers /api, /apis and below down to the group version; undefined for other paths. Throws 404 for versions that are not there. */
  answer(request: ApiRequest): Answer | undefined {
    const [, root, first, second, ...more] = request.info.path.replace(/\/$/, '').split('/')
    if (more.length > 0) return undefined
    if (root === 'api') return this.#core(request, first, second)
    if (root === 'apis') return this.#groups(request, first, second)
    return undefined
  }

  #core(request: ApiRequest, version: string | undefined, more: string | undefined): Answer | undefined {
    if (more !== undefined) return undefined
    if (version !== undefined) return this.#resourceList('', version)
    const aggregated = this.#aggregatedAnswer(request, [''])
    if (aggregated) return aggregated
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: this.#serverAddress }]
    return { status: 200, object: { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs } }
  }

  #groups(request: ApiRequest, group: string | undefined, version: string | undefined): Answer | undefined {
    const names = this.groupNames()
    if (group === undefined) {
      const aggregated = this.#aggregatedAnswer(request, names)
      if (aggregated) return aggregated
      return { status: 200, object: { kind: 'APIGroupList', apiVersion: 'v1', groups: names.map((name) => this.#group(name)) } }
    }
    if (!names.includes(group)) return undefined
    if (version !== undefined) return this.#resourceList(group, version)
    return { status: 200, object: { kind: 'APIGroup', apiVersion: 'v1', ...this.#group(group) } }
  }

  /** Named groups in upstream's order. */
  groupNames(): string[] {
    const rank = (name: string): number => (groupOrder.includes(name) ? groupOrder.indexOf(name) : groupOrder.length)
    return [...this.#byGroup.keys()].filter((name) => name !== '').sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  }

  /** `v1`, `apps/v1`, … */
  groupVersions(): { group: string; version: string }[] {
    return [...this.#byGroup].flatMap(([group, versions]) => [...versions.keys()].map((version) => ({ group, version })))
  }

  #group(name: string): object {
    const versions = [...(this.#byGroup.get(name)?.keys() ?? [])].map((version) => ({ groupVersion: `${name}/${version}`, version }))
    return { name, versions, preferredVersion: versions[0] }
  }

  #resourceList(group: string, version: string): Answer {
    const entries = this.#byGroup.get(group)?.get(version)
    if (!entries) throw noSuchResource()
    const groupVersion = group === '' ? version : `${group}/${version}`
    const head = group === '' ? { kind: 'APIResourceList' } : { kind: 'APIResourceList', apiVersion: 'v1' }
    return { status: 200, object: { ...head, groupVersion, resources: entries.flatMap(resourcesOf) } }
  }

  #aggregatedAnswer(request: ApiRequest, groups: readonly string[]): Answer | undefined {
    const version = aggregatedVersion(request.headers.accept)
    if (version === undefined) return undefined
    const prepared = this.#prepared(version, groups)
    const headers = { etag: `"${prepared.etag}"`, 'cache-control': 'public', vary: 'Accept' }
    if (request.headers['if-none-match'] === headers.etag) return { status: 304, headers }
    const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
    return { status: 200, bytes: prepared.bytes, contentType, headers }
  }

  #prepared(version: string, groups: readonly string[]): Prepared {
    const key = `${version} ${groups.join()}`
    const known = this.#aggregated.get(key)
    if (known) return known
    const items = groups.map((name) => aggregatedGroup(name, this.#byGroup.get(name) ?? new Map()))
    const list = { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }
    const bytes = Buffer.from(JSON.stringify(list))
    const made = { bytes, etag: createHash('sha512').update(bytes).digest('hex').toUpperCase() }
    this.#aggregated.set(key, made)
    return made
  }
}

/** v2 or v2beta1, whichever the client names first; undefined if it asks for the old form (or names no version that we know). */
function aggregatedVersion(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const range of (accept ?? '').split(',')) {
    if (/^\s*application\/json\s*(;\s*q=|$)/.test(range)) return undefined
    if (!aggregatedAccept.test(range) || !range.includes('g=apidiscovery.k8s.io') || !/^\s*application\/json/.test(range)) continue
    const version = /v=(v2beta1|v2)\b/.exec(range)?.[1]
    if (version === 'v2' || version === 'v2beta1') return version
  }
  return undefined
}

function resourcesOf(entry: ResourceEntry): object[] {
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

function aggregatedGroup(name: string, versions: ReadonlyMap<string, readonly ResourceEntry[]>): object {
  return {
    metadata: name === '' ? {} : { name },
    versions: [...versions].map(([version, entries]) => ({ version, resources: entries.map(aggregatedResource), freshness: 'Current' })),
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
