/** Joins the ways to prove an identity: front proxy, certificate, bearer token; bad ones are 401, none is system:anonymous. */
import { unauthorized } from '#api/meta/status.ts'
import type { Peer, RawRequest } from './client-certificate.ts'
import { type FrontProxyHeaders, proxiedUser } from './front-proxy.ts'
import { anonymous, type User } from './user.ts'

/** Somebody, and the audiences that token and question share; or why not. An empty error: this is no token that it knows. */
export type Reviewed = Accepted | { error: string }

export interface Accepted {
  user: User
  audiences: readonly string[]
  /** Whether another review at this moment would come to the same; absent where only the review itself can tell. */
  holds?(now: Date): boolean
}

export interface TokenReviewer {
  review(token: string, audiences: readonly string[], now: Date): Promise<Reviewed>
}

export interface AuthenticatorOptions {
  tokens: TokenReviewer
  /** Audiences of this server. */
  audiences: readonly string[]
  /** Let requests without credentials pass as system:anonymous: all, none, or those for certain paths. */
  allowAnonymous: boolean | ((path: string) => boolean)
  /** Headers by which a front proxy says whom it stands for. */
  frontProxy?: FrontProxyHeaders
  /** Who is at the other end of the connection. */
  peer(raw: RawRequest): Peer
  now(): Date
}

/** At once where nothing has to be waited for. Throws 401, or rejects with it. */
export type Authenticate = (raw: RawRequest) => User | Promise<User>

/**
 * What a connection showed the last time: a client sends the same header with every request. Kept for each connection alone, so that the time of an
 * answer tells nobody how much of a stranger's token they guessed.
 */
interface Shown {
  header: string
  accepted: Accepted
}

const webSocketBearer = 'base64url.bearer.authorization.k8s.io.'

export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const { frontProxy, allowAnonymous } = options
  const shown = new WeakMap<object, Shown>()
  return (raw) => {
    const peer = options.peer(raw)
    const isExpired = peer.validToMs !== undefined && options.now().getTime() > peer.validToMs
    if (frontProxy && peer.isFrontProxy && !isExpired) {
      const user = proxiedUser(raw.rawHeaders, frontProxy)
      if (user) return user
    }
    if (peer.user && !isExpired) return peer.user
    const { authorization: header } = raw.headers
    if (header !== undefined) {
      const connection = raw.socket
      const known = connection && shown.get(connection)
      if (known?.header === header && known.accepted.holds?.(options.now())) return known.accepted.user
      const token = bearerOf(header)
      const remember = (accepted: Accepted): unknown => accepted.holds && connection && shown.set(connection, { header, accepted })
      if (token !== undefined) return ofToken(token, options, remember)
    }
    const token = webSocketToken(raw.headers['sec-websocket-protocol'])
    if (token !== undefined) return ofToken(token, options)
    const mayPass = typeof allowAnonymous === 'boolean' ? allowAnonymous : allowAnonymous(pathOf(raw))
    if (peer.isBad || isExpired || !mayPass) throw unauthorized()
    return anonymous
  }
}

async function ofToken(
  token: string,
  { tokens, audiences, now }: AuthenticatorOptions,
  remember?: (accepted: Accepted) => unknown,
): Promise<User> {
  const reviewed = await tokens.review(token, audiences, now())
  if (!('user' in reviewed)) throw unauthorized()
  remember?.(reviewed)
  return reviewed.user
}

const pathOf = (raw: RawRequest): string => (raw.url ?? '').replace(/\?.*$/s, '')

function bearerOf(header: string): string | undefined {
  const [scheme = '', token = ''] = header.trim().split(/ +/)
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined
}

/** Browsers cannot set headers on WebSockets: the token comes as a sub-protocol. */
function webSocketToken(header: string | undefined): string | undefined {
  const word = header
    ?.split(',')
    .map((s) => s.trim())
    .find((s) => s.startsWith(webSocketBearer))
  return word === undefined ? undefined : Buffer.from(word.slice(webSocketBearer.length), 'base64url').toString('utf8')
}
