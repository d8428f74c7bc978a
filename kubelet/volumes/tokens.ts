/** Service-account tokens bound to pods, asked for once and renewed at four fifths of their life, or after a day. */
import type { TokenRequest } from '#api/authentication/token-request.ts'
import type { Pod } from '#api/core/pod.ts'
import { ServiceAccounts } from '#api/core/service-account.ts'
import type { Resource } from '#api/resource.ts'
import type { Client } from '#client/rest.ts'

export interface TokenAsk {
  /** Empty for the API server's own. */
  audience: string
  expirationSeconds: number
}

export interface TokenSource {
  token(pod: Pod, ask: TokenAsk): Promise<string>
}

interface Held {
  token: string
  expiresAt: number
  renewAt: number
}

const dayMs = 24 * 3_600_000

export class TokenManager implements TokenSource {
  readonly #client: Client
  readonly #now: () => Date
  /** uid → audience/seconds → token */
  readonly #held = new Map<string, Map<string, Held>>()

  constructor(client: Client, now: () => Date) {
    this.#client = client
    this.#now = now
  }

  /** A token that has time left; the one at hand where renewing it fails before it expires. */
  async token(pod: Pod, ask: TokenAsk): Promise<string> {
    const uid = pod.metadata.uid ?? ''
    const key = `${ask.expirationSeconds}/${ask.audience}`
    const held = this.#held.get(uid)?.get(key)
    const now = this.#now().getTime()
    if (held && now < held.renewAt) return held.token
    try {
      const fresh = await this.#request(pod, ask)
      const ofPod = this.#held.get(uid) ?? new Map<string, Held>()
      this.#held.set(uid, ofPod.set(key, fresh))
      return fresh.token
    } catch (error) {
      if (held && now < held.expiresAt) {
        held.renewAt = now + 60_000
        return held.token
      }
      throw error
    }
  }

  /** Pods whose tokens are due to be renewed. */
  due(): string[] {
    const now = this.#now().getTime()
    return [...this.#held].filter(([, ofPod]) => [...ofPod.values()].some((held) => held.renewAt <= now)).map(([uid]) => uid)
  }

  forget(uid: string): void {
    this.#held.delete(uid)
  }

  async #request(pod: Pod, ask: TokenAsk): Promise<Held> {
    const { namespace, name, uid } = pod.metadata
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: ask.audience === '' ? [] : [ask.audience],
        expirationSeconds: ask.expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    }
    const account = pod.spec?.serviceAccountName || 'default'
    const made = await this.#client.post<TokenRequest>(ServiceAccounts as unknown as Resource, { namespace, name: account }, 'token', body)
    const now = this.#now().getTime()
    const expiresAt = Date.parse(made.status?.expirationTimestamp ?? '') || now + ask.expirationSeconds * 1000
    return { token: made.status?.token ?? '', expiresAt, renewAt: Math.min(now + 0.8 * (expiresAt - now), now + dayMs) }
  }
}
