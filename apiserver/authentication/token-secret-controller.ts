/** Fills secrets of the type kubernetes.io/service-account-token, and ends those whose account is gone. The key that signs is this server's. */
import { type ConfigMap, ConfigMaps } from '#api/core/config-map.ts'
import { type Secret, Secrets } from '#api/core/secret.ts'
import { type ServiceAccount, ServiceAccounts } from '#api/core/service-account.ts'
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { Writer } from '#apiserver/registry/write-context.ts'
import type { Logger } from '#component/logging.ts'
import type { TokenIssuer } from './token-issuer.ts'
import { accountNameOf, filledSecret, tokenSecretType } from './token-secrets.ts'

export interface TokenSecretDeps {
  cache: Cache
  registry: Registry
  issuer: TokenIssuer
  log: Logger
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

const secrets = Secrets as unknown as Resource
const accounts = ServiceAccounts as unknown as Resource
const rootCaName = 'kube-root-ca.crt'
const configMaps = ConfigMaps as unknown as Resource
const retryMs = 1_000
const user = { name: 'system:apiserver', groups: ['system:masters'] }

export class TokenSecretController {
  readonly #deps: TokenSecretDeps
  /** `namespace/name` of secrets. */
  readonly #queue = new Set<string>()
  #wake: () => void = () => undefined

  constructor(deps: TokenSecretDeps) {
    this.#deps = deps
  }

  async run(signal: AbortSignal): Promise<void> {
    const { cache, log, sleep } = this.#deps
    const stops = [
      cache.observe(secrets, (change) => this.#enqueue(change?.now?.namespace, change?.now?.name, change === undefined)),
      cache.observe(accounts, (change) => this.#enqueue((change?.now ?? change?.was)?.namespace, undefined, change === undefined)),
      cache.observe(configMaps, (change) => {
        if (change?.now?.name === rootCaName) this.#enqueue(change.now.namespace, undefined, false)
      }),
    ]
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    if (cache.isReady) this.#enqueue(undefined, undefined, true)
    while (!signal.aborted) {
      const [key] = this.#queue
      if (key === undefined) {
        await this.#work()
        continue
      }
      this.#queue.delete(key)
      try {
        await this.#sync(key)
      } catch (error) {
        log.warn({ secret: key, error }, 'a secret does not hold its token yet, trying again')
        void sleep(retryMs, signal).then(
          () => this.#add(key),
          () => undefined,
        )
      }
    }
    for (const stop of stops) stop()
  }

  #work(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #add(key: string): void {
    this.#queue.add(key)
    this.#wake()
  }

  /** One secret, those of a namespace, or all. */
  #enqueue(namespace: string | undefined, name: string | undefined, all: boolean): void {
    if (!all && namespace === undefined) return
    const of = this.#deps.cache.of(secrets)
    const typeOf = of.fieldReader('type')
    const entries =
      name !== undefined && namespace !== undefined ? [of.get(of.keyOf(namespace, name))] : of.range(all ? undefined : namespace)
    for (const entry of entries) if (entry && typeOf?.(entry) === tokenSecretType) this.#add(`${entry.namespace}/${entry.name}`)
  }

  async #sync(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/')
    const { registry, issuer } = this.#deps
    const secret = (await registry.store.current(Secrets, { namespace, name }, 'consistent'))?.object
    if (!secret || secret.type !== tokenSecretType || secret.metadata.deletionTimestamp !== undefined) return
    const accountName = accountNameOf(secret)
    const account = accountName === '' ? undefined : await this.#account(namespace, accountName)
    const rootCa = (await registry.store.current<ConfigMap>(ConfigMaps, { namespace, name: rootCaName }, 'cached'))?.object.data?.['ca.crt']
    const token = account ? await issuer.issueForSecret({ namespace, secret: name, ...account }) : ''
    const next = filledSecret(secret, { account, rootCa, token })
    if (next === undefined) return
    const writer: Writer = { user, dryRun: false, namespace, warn: () => undefined }
    const write = next === 'delete' ? this.#delete(secret, writer) : this.#update(next, writer)
    await write.catch((error: unknown) => {
      // Somebody was quicker: the change that they made brings the secret here again.
      if (!(error instanceof ApiError) || (error.code !== 404 && error.code !== 409)) throw error
    })
  }

  async #account(namespace: string, name: string): Promise<{ name: string; uid: string } | undefined> {
    const found = (await this.#deps.registry.store.current<ServiceAccount>(ServiceAccounts, { namespace, name }, 'consistent'))?.object
    return found && { name, uid: found.metadata.uid ?? '' }
  }

  async #delete({ metadata }: Secret, writer: Writer): Promise<void> {
    const ref = { namespace: metadata.namespace, name: metadata.name ?? '' }
    const options = { preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion } }
    await this.#deps.registry.delete(secrets, ref, options as never, writer)
  }

  async #update(next: Secret, writer: Writer): Promise<void> {
    const ref = { namespace: next.metadata.namespace, name: next.metadata.name ?? '' }
    const change = (): KubeObject => structuredClone(next)
    await this.#deps.registry.update({ resource: secrets, ref, subresource: '', retries: false, change }, writer)
  }
}
