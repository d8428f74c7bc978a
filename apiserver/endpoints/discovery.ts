/**
 * Discovery: the lists of versions, groups and resources, and everything in one list. Each answer is made when it is first asked for, in
 * the form that is asked for, and kept as bytes.
 */
import { createHash } from 'node:crypto'
import { compareVersions } from '#api/version-order.ts'
import { acceptedDiscovery, acceptedPlain } from '#apiserver/filters/negotiation.ts'
import { protobufOf } from '#apiserver/protobuf/kinds.ts'
import type { ResourceEntry } from './catalog.ts'
import { aggregatedGroup, resourcesOf } from './discovery-lists.ts'
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
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'storagemigration.k8s.io',
]

const aggregatedParameters = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

export class Discovery {
  readonly #byGroup: ReadonlyMap<string, ReadonlyMap<string, readonly ResourceEntry[]>>
  /** Lists as JSON, by path. */
  readonly #json = new Map<string, Buffer>()
  readonly #protobuf = new Map<string, { bytes: Buffer; contentType: string }>()
  readonly #serverAddress: string

  constructor(catalog: readonly ResourceEntry[], serverAddress: string) {
    this.#serverAddress = serverAddress
    this.#byGroup = new Map(
      [...Map.groupBy(catalog, (entry) => entry.group)].map(([group, entries]) => [
        group,
        new Map([...Map.groupBy(entries, (entry) => entry.version)].sort(([a], [b]) => compareVersions(b, a))),
      ]),
    )
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
    const rank = (name: string): number => (groupOrder.includes(name) ? groupOrder.indexOf(name) : groupOrder.length)
    return [...this.#byGroup.keys()].filter((name) => name !== '').sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
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
      items: groups.map((name) => aggregatedGroup(name, this.#byGroup.get(name) ?? new Map())),
    }))
    const etag = createHash('sha512').update(bytes).digest('hex').toUpperCase()
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
