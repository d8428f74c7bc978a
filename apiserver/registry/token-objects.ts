/** What tokens depend on, read from the cache: accounts, pods, secrets, nodes; each version of an object is read once. */
import { Nodes } from '#api/core/node.ts'
import { Pods } from '#api/core/pod.ts'
import { type Secret, Secrets } from '#api/core/secret.ts'
import { ServiceAccounts } from '#api/core/service-account.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import type { BootstrapSecret, BootstrapSecrets } from '#apiserver/authentication/bootstrap-tokens.ts'
import type { BoundKind, BoundObject, BoundObjects, TokenSecret } from '#apiserver/authentication/bound-objects.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { type Entry, objectOf } from '#apiserver/cache/entry.ts'

const kinds = { serviceaccounts: ServiceAccounts, pods: Pods, secrets: Secrets, nodes: Nodes } as unknown as Record<BoundKind, Resource>

export class TokenObjects implements BoundObjects, BootstrapSecrets {
  readonly #cache: Cache
  readonly #known = new WeakMap<Entry, BoundObject>()

  constructor(cache: Cache) {
    this.#cache = cache
  }

  peek(kind: BoundKind, namespace: string, name: string): BoundObject | undefined {
    const of = this.#cache.of(kinds[kind])
    const entry = of.get(of.keyOf(namespace, name))
    return entry && this.#boundOf(kind, entry)
  }

  async find(kind: BoundKind, namespace: string, name: string): Promise<BoundObject | undefined> {
    const entry = await this.#entry(kinds[kind], namespace, name)
    return entry && this.#boundOf(kind, entry)
  }

  #boundOf(kind: BoundKind, entry: Entry): BoundObject {
    const known = this.#known.get(entry)
    if (known) return known
    const object = boundOf(kind, objectOf(entry))
    this.#known.set(entry, object)
    return object
  }

  async tokenSecret(namespace: string, name: string): Promise<TokenSecret | undefined> {
    const secret = await this.#secret(namespace, name)
    if (!secret) return undefined
    const { labels = {}, deletionTimestamp } = secret.metadata
    return { token: decodedData(secret)['token'] ?? '', isDeleted: deletionTimestamp !== undefined, labels }
  }

  async bootstrapSecret(name: string): Promise<BootstrapSecret | undefined> {
    const secret = await this.#secret('kube-system', name)
    if (!secret) return undefined
    return { type: secret.type ?? '', data: decodedData(secret), isDeleted: secret.metadata.deletionTimestamp !== undefined }
  }

  async #secret(namespace: string, name: string): Promise<Secret | undefined> {
    const entry = await this.#entry(kinds.secrets, namespace, name)
    return entry && (objectOf(entry) as Secret)
  }

  /** An absence is believed only of the newest state. */
  async #entry(resource: Resource, namespace: string, name: string): Promise<Entry | undefined> {
    const isNamespaced = resource.scope === 'Namespaced'
    if (name === '' || (isNamespaced && namespace === '')) return undefined
    const of = this.#cache.of(resource)
    const key = of.keyOf(isNamespaced ? namespace : '', name)
    this.#cache.assertReady()
    const known = of.get(key)
    if (known) return known
    await this.#cache.fresh()
    return of.get(key)
  }
}

function boundOf(kind: BoundKind, { metadata }: KubeObject): BoundObject {
  const { uid = '', deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata
  if (deletionTimestamp === undefined) return { uid }
  return { uid, deletedAtMs: Date.parse(deletionTimestamp) - (kind === 'pods' ? 0 : deletionGracePeriodSeconds * 1000) }
}

function decodedData(secret: Secret): Record<string, string> {
  const data = Object.create(null) as Record<string, string>
  for (const [key, value] of Object.entries(secret.data ?? {})) data[key] = Buffer.from(value, 'base64').toString('utf8')
  return data
}
