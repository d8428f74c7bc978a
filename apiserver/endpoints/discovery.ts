/**
 * Discovery: the lists of versions, groups and resources, and everything in one list. Each answer is made when it is first asked for, in
 * the form that is asked for, and kept as bytes.
 */
import { createHash } from 'node:crypto'
import { compareVersions } from '#api/version-order.ts'
import { groupPriority, versionPriority } from '#apiserver/aggregation/priorities.ts'
import type { RemoteVersion } from '#apiserver/aggregation/remote-apis.ts'
import { acceptedDiscovery, acceptedPlain } from '#apiserver/filters/negotiation.ts'
import { protobufOf } from '#apiserver/protobuf/kinds.ts'
import type { ResourceEntry } from './catalog.ts'
import { aggregatedGroup, resourcesOf } from './discovery-lists.ts'
import type { Answer, ApiRequest } from './exchange.ts'
import { noSuchResource } from './resource-routes.ts'

const aggregatedParameters = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

export class Discovery {
  readonly #byGroup: ReadonlyMap<string, ReadonlyMap<string, readonly ResourceEntry[]>>
  /** Lists as JSON, by path. */
  readonly #json = new Map<string, Buffer>()
  readonly #protobuf = new Map<string, { bytes: Buffer; contentType: string }>()
  readonly #etags = new WeakMap<Buffer, string>()
  readonly #serverAddress: string
  readonly #remote: readonly RemoteVersion[]

  /** `remote`: what other servers serve. */
  constructor(catalog: readonly ResourceEntry[], serverAddress: string, remote: readonly RemoteVersion[] = []) {
    this.#serverAddress = serverAddress
    this.#remote = remote
    this.#byGroup = byGroupOf(catalog, remote)
  }

  /** Answers /api, /apis and below down to the group version; undefined for other paths. Throws 404 for versions that are not there, 406. */
  answer(request: ApiRequest): Answer | undefined {
    const [, root, first, second, ...more] = request.info.path.replace(/\/$/, '').split('/')
    if (more.length > 0) return undefined
    if (root === 'api' && second === undefined) return this.#core(request, first)
    if (root === 'apis') return this.#groups(request, first, second)
    return undefined
  }

  #core(request: ApiRequest, version: string | undefined): Answer {
    if (version !== undefined) return this.#resourceList(request, '', version)
    const { mediaType, aggregated } = acceptedDiscovery(request.headers.accept, true)
    if (aggregated) return this.#aggregated(request, mediaType === 'protobuf', [''])
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: this.#serverAddress }]
    return this.#kept('/api', mediaType, () => ({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs }))
  }

  #groups(request: ApiRequest, group: string | undefined, version: string | undefined): Answer | undefined {
    if (group === undefined) {
      const names = this.groupNames()
      const { mediaType, aggregated } = acceptedDiscovery(request.headers.accept, false)
      if (aggregated) return this.#aggregated(request, mediaType === 'protobuf', names)
      return this.#kept('/apis', mediaType, () => ({
        kind: 'APIGroupList',
        apiVersion: 'v1',
        groups: names.map((name) => this.#group(name)),
      }))
    }
    if (group === '' || !this.#byGroup.has(group)) return undefined
    if (version !== undefined) return this.#resourceList(request, group, version)
    const { mediaType } = acceptedPlain(request.headers.accept, false)
    return this.#kept(`/apis/${group}`, mediaType, () => ({ kind: 'APIGroup', apiVersion: 'v1', ...this.#group(group) }))
  }

  /** Named groups in upstream's order. */
  groupNames(): string[] {
    const priority = (name: string): number =>
      Math.max(...this.#remote.filter(({ group }) => group === name).map((remote) => remote.groupPriority), groupPriority(name))
    const ranked = [...this.#byGroup.keys()].filter((name) => name !== '').map((name) => ({ name, priority: priority(name) }))
    return ranked.sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1)).map(({ name }) => name)
  }

  hasGroup(name: string): boolean {
    return this.#byGroup.has(name)
  }

  /** `v1`, `apps/v1`, … */
  groupVersions(): { group: string; version: string }[] {
    return [...this.#byGroup].flatMap(([group, versions]) => [...versions.keys()].map((version) => ({ group, version })))
  }

  #group(name: string): object {
    const versions = [...(this.#byGroup.get(name)?.keys() ?? [])].map((version) => ({ groupVersion: `${name}/${version}`, version }))
    return { name, versions, preferredVersion: versions[0] }
  }

  /** Versions of other servers that could not be asked. */
  #staleVersions(name: string): ReadonlySet<string> {
    return new Set(this.#remote.filter(({ group, isStale }) => isStale && group === name).map(({ version }) => version))
  }

  #resourceList(request: ApiRequest, group: string, version: string): Answer {
    const entries = this.#byGroup.get(group)?.get(version)
    if (!entries) throw noSuchResource()
    const { mediaType } = acceptedPlain(request.headers.accept, true)
    const groupVersion = group === '' ? version : `${group}/${version}`
    const head = group === '' ? { kind: 'APIResourceList' } : { kind: 'APIResourceList', apiVersion: 'v1' }
    return this.#kept(request.info.path, mediaType, () => ({ ...head, groupVersion, resources: entries.flatMap(resourcesOf) }))
  }

  #aggregated(request: ApiRequest, isProtobuf: boolean, groups: readonly string[]): Answer {
    const bytes = this.#bytes(`aggregated ${groups[0]}`, () => ({
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items: groups.map((name) => aggregatedGroup(name, this.#byGroup.get(name) ?? new Map(), this.#staleVersions(name))),
    }))
    const etag = this.#etags.get(bytes) ?? createHash('sha512').update(bytes).digest('hex').toUpperCase()
    this.#etags.set(bytes, etag)
    const headers = { etag: `"${etag}"`, 'cache-control': 'public', vary: 'Accept' }
    if (request.headers['if-none-match'] === headers.etag) return { status: 304, headers }
    const encoded = isProtobuf ? this.#encoded(`aggregated ${groups[0]}`, bytes) : { bytes, contentType: 'application/json' }
    return { status: 200, bytes: encoded.bytes, contentType: `${encoded.contentType};${aggregatedParameters}`, headers }
  }

  /** JSON bytes may still be indented or become YAML. */
  #kept(path: string, mediaType: string, make: () => object): Answer {
    const bytes = this.#bytes(path, make)
    return mediaType === 'protobuf' ? { status: 200, ...this.#encoded(path, bytes) } : { status: 200, bytes }
  }

  #bytes(path: string, make: () => object): Buffer {
    const bytes = this.#json.get(path) ?? Buffer.from(`${JSON.stringify(make())}\n`)
    this.#json.set(path, bytes)
    return bytes
  }

  #encoded(path: string, json: Buffer): { bytes: Buffer; contentType: string } {
    const encoded = this.#protobuf.get(path) ?? protobufOf(JSON.parse(json.toString()))
    if (encoded === undefined) throw new Error(`${path} has no protobuf form`)
    this.#protobuf.set(path, encoded)
    return encoded
  }
}

type Versions = ReadonlyMap<string, readonly ResourceEntry[]>

/** Versions in the order of preference: by what the API services of other servers say, then by name. */
function byGroupOf(catalog: readonly ResourceEntry[], remote: readonly RemoteVersion[]): ReadonlyMap<string, Versions> {
  const found = new Map<string, Map<string, readonly ResourceEntry[]>>()
  for (const [group, entries] of Map.groupBy(catalog, (entry) => entry.group))
    found.set(
      group,
      Map.groupBy(entries, (entry) => entry.version),
    )
  for (const { group, version, entries } of remote) found.set(group, (found.get(group) ?? new Map()).set(version, entries))
  const priority = (group: string, version: string): number =>
    remote.find((other) => other.group === group && other.version === version)?.versionPriority ?? versionPriority(group, version)
  const hasRemote = (group: string): boolean => remote.some((other) => other.group === group)
  return new Map(
    [...found].map(([group, versions]) => {
      const ranked = [...versions].sort(
        ([a], [b]) => (hasRemote(group) ? priority(group, b) - priority(group, a) : 0) || compareVersions(b, a),
      )
      return [group, new Map(ranked)]
    }),
  )
}
