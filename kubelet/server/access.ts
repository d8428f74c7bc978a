/**
 * Who may use the kubelet's API: by client certificate, or by a token that the API server knows (TokenReview); and what for, as the API server
 * says (SubjectAccessReview). Answers are remembered for a while. Texts and order are upstream's.
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Logger } from '#component/logging.ts'
import { type Asked, askedOf, type Identity, identityOf } from './authorization.ts'

export interface AccessPolicy {
  /** Requests without any proof are system:anonymous. */
  anonymous: boolean
  /** For how long the verdict on a token holds; undefined where tokens are not taken. */
  tokenTtlMs: number | undefined
  /** For how long a verdict holds; undefined where everybody who is known may do everything. */
  verdictTtlMs: { allowed: number; denied: number } | undefined
}

/** What the API server is asked; rejects where it does not answer. */
export interface Reviews {
  token(token: string): Promise<Identity | undefined>
  access(identity: Identity, asked: { verb: string; subresource: string; path: string }): Promise<boolean>
}

export interface Refusal {
  code: 401 | 403 | 500
  body: string
}

const unauthorized: Refusal = { code: 401, body: 'Unauthorized' }
const mostRemembered = 1000

export class Access {
  readonly #policy: AccessPolicy
  readonly #reviews: Reviews
  readonly #log: Logger
  readonly #tokens: Remembered<Identity | undefined>
  readonly #verdicts: Remembered<boolean>

  constructor(policy: AccessPolicy, reviews: Reviews, { log, now }: { log: Logger; now(): Date }) {
    this.#policy = policy
    this.#reviews = reviews
    this.#log = log
    this.#tokens = new Remembered(now)
    this.#verdicts = new Remembered(now)
  }

  /** Undefined when the request may go on. */
  async refusal(request: IncomingMessage): Promise<Refusal | undefined> {
    const identity = await this.#identity(request)
    return identity === undefined ? unauthorized : await this.#refusalOf(identity, askedOf(request.method ?? 'GET', pathOf(request)))
  }

  async #identity(request: IncomingMessage): Promise<Identity | undefined> {
    const certified = identityOf(request)
    if (certified !== undefined) return known(certified)
    const { authorization } = request.headers
    const token = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
    if (token !== undefined && this.#policy.tokenTtlMs !== undefined) return await this.#byToken(token, this.#policy.tokenTtlMs)
    return this.#policy.anonymous ? { name: 'system:anonymous', groups: ['system:unauthenticated'] } : undefined
  }

  async #byToken(token: string, ttlMs: number): Promise<Identity | undefined> {
    const key = createHash('sha256').update(token).digest('base64')
    try {
      const identity = await this.#tokens.get(
        key,
        () => this.#reviews.token(token),
        () => ttlMs,
      )
      return identity && known(identity)
    } catch (error) {
      this.#log.warn({ error }, 'cannot have a token reviewed')
      return undefined
    }
  }

  async #refusalOf(identity: Identity, asked: Asked): Promise<Refusal | undefined> {
    const { verdictTtlMs } = this.#policy
    // Whatever the API server would be asked about its masters, it says yes.
    if (verdictTtlMs === undefined || identity.groups.includes('system:masters')) return undefined
    const { verb, subresources, path } = asked
    for (const subresource of subresources) {
      const question = { verb, subresource, path }
      try {
        const key = JSON.stringify([identity, question])
        const ask = () => this.#reviews.access(identity, question)
        if (await this.#verdicts.get(key, ask, (allowed) => (allowed ? verdictTtlMs.allowed : verdictTtlMs.denied))) return undefined
      } catch (error) {
        this.#log.warn({ error }, 'cannot have an access reviewed')
        return { code: 500, body: `Authorization error (user=${identity.name}, verb=${verb}, resource=nodes, subresource=${subresource})` }
      }
    }
    return {
      code: 403,
      body: `Forbidden (user=${identity.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}])\n`,
    }
  }
}

/** Cut by hand: the URL class throws for targets that a client may well send, such as `//`. */
export const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0] ?? '/'

const known = (identity: Identity): Identity =>
  identity.groups.includes('system:authenticated') ? identity : { ...identity, groups: [...identity.groups, 'system:authenticated'] }

/** Answers for a time each, the oldest leaving first. What is being asked is asked once. */
class Remembered<T> {
  readonly #now: () => Date
  readonly #answers = new Map<string, { answer: Promise<T>; until: number }>()

  constructor(now: () => Date) {
    this.#now = now
  }

  async get(key: string, ask: () => Promise<T>, ttlMs: (answer: T) => number): Promise<T> {
    const before = this.#answers.get(key)
    if (before !== undefined && before.until > this.#now().getTime()) return await before.answer
    this.#answers.delete(key)
    const entry = { answer: ask(), until: Number.POSITIVE_INFINITY }
    this.#answers.set(key, entry)
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > mostRemembered && oldest !== undefined) this.#answers.delete(oldest)
    try {
      const answer = await entry.answer
      entry.until = this.#now().getTime() + ttlMs(answer)
      return answer
    } catch (error) {
      if (this.#answers.get(key) === entry) this.#answers.delete(key)
      throw error
    }
  }
}
