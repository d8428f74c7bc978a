/**
 * Clients that act as a controller's own service account (--use-service-account-credentials): the account is made where it is missing, its
 * tokens are asked for with the credentials of the kubeconfig and renewed before they end. All share one pool of connections.
 */
import { ServiceAccounts } from '#api/core/service-account.ts'
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject } from '#api/resource.ts'
import type { RestConfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { HttpTransport, type Transport, type TransportRequest } from '#client/transport.ts'

const namespace = 'kube-system'
const lifetimeSeconds = 3600
/** A token is renewed when this share of its life is left. */
const leeway = 0.1

type Tokens = (signal: AbortSignal | undefined) => Promise<string>

/** Makes clients by account name. `owner` may make accounts and their tokens; `monotonicMs` tells the time. */
export function accountClients(owner: Client, rest: RestConfig, monotonicMs: () => number): (account: string) => Client {
  const { cert: _cert, key: _key, token: _token, tokenFile: _file, username: _name, password: _password, ...bare } = rest
  const transport = new HttpTransport({ ...bare, userAgent: rest.userAgent ?? 'kube-controller-manager' })
  const known = new Map<string, Client>()
  return (account) => {
    const client = known.get(account) ?? new Client(new AccountTransport(transport, () => new AccountTokens(owner, account, monotonicMs)))
    known.set(account, client)
    return client
  }
}

class AccountTokens {
  readonly #owner: Client
  readonly #account: string
  readonly #monotonicMs: () => number
  #current: { answer: Promise<string>; renewAtMs: number } | undefined

  constructor(owner: Client, account: string, monotonicMs: () => number) {
    this.#owner = owner
    this.#account = account
    this.#monotonicMs = monotonicMs
  }

  get: Tokens = (signal) => {
    const now = this.#monotonicMs()
    if (this.#current && now < this.#current.renewAtMs) return this.#current.answer
    const answer = this.#request(signal)
    const current = { answer, renewAtMs: now + lifetimeSeconds * 1000 * (1 - leeway) }
    this.#current = current
    answer.catch(() => {
      if (this.#current === current) this.#current = undefined
    })
    return answer
  }

  forget(): void {
    this.#current = undefined
  }

  async #request(signal: AbortSignal | undefined): Promise<string> {
    const ref = { namespace, name: this.#account }
    const ask = (): Promise<unknown> =>
      this.#owner.post(ServiceAccounts, ref, 'token', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: [], expirationSeconds: lifetimeSeconds },
      })
    const answer = await ask().catch(async (error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 404) throw error
      await this.#owner.create(ServiceAccounts, { metadata: ref }, signal ? { signal } : {}).catch(unlessExists)
      return await ask()
    })
    return (answer as KubeObject & { status: { token: string } }).status.token
  }
}

function unlessExists(error: unknown): void {
  if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error
}

/** Adds the account's token; one that is refused is replaced once. */
class AccountTransport implements Transport {
  readonly #inner: Transport
  readonly #tokens: AccountTokens

  constructor(inner: Transport, tokens: () => AccountTokens) {
    this.#inner = inner
    this.#tokens = tokens()
  }

  request(request: TransportRequest) {
    return this.#withToken(request, (signed) => this.#inner.request(signed))
  }

  stream(request: TransportRequest) {
    return this.#withToken(request, (signed) => this.#inner.stream(signed))
  }

  /** The connections are those of all accounts: they end with the process. */
  close(): void {
    this.#tokens.forget()
  }

  async #withToken<T extends { status: number }>(request: TransportRequest, send: (request: TransportRequest) => Promise<T>): Promise<T> {
    const signed = async (): Promise<TransportRequest> => {
      const token = await this.#tokens.get(request.signal)
      return { ...request, headers: { ...request.headers, Authorization: `Bearer ${token}` } }
    }
    const answer = await send(await signed())
    if (answer.status !== 401) return answer
    this.#tokens.forget()
    return await send(await signed())
  }
}
