/** Joins the ways to prove an identity: front proxy, certificate, bearer token; bad ones are 401, none is system:anonymous. */
import { unauthorized } from '#api/meta/status.ts'
import type { Peer, RawRequest } from './client-certificate.ts'
import { type FrontProxyHeaders, proxiedUser } from './front-proxy.ts'
import { anonymous, type User } from './user.ts'

/** Somebody, and the audiences that token and question share; or why not. An empty error: this is no token that it knows. */
export type Reviewed = { user: User; audiences: readonly string[] } | { error: string }

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

export type Authenticate = (raw: RawRequest) => Promise<User>

const webSocketBearer = 'base64url.bearer.authorization.k8s.io.'

export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const { frontProxy, tokens, audiences, allowAnonymous } = options
  return async (raw) => {
    const peer = options.peer(raw)
    const isExpired = peer.validToMs !== undefined && options.now().getTime() > peer.validToMs
    if (frontProxy && peer.isFrontProxy && !isExpired) {
      const user = proxiedUser(raw.rawHeaders, frontProxy)
      if (user) return user
    }
    if (peer.user && !isExpired) return peer.user
    const token = bearerOf(raw)
    if (token !== undefined) {
      const reviewed = await tokens.review(token, audiences, options.now())
      if ('user' in reviewed) return reviewed.user
      throw unauthorized()
    }
    const mayPass = typeof allowAnonymous === 'boolean' ? allowAnonymous : allowAnonymous(pathOf(raw))
    if (peer.isBad || isExpired || !mayPass) throw unauthorized()
    return anonymous
  }
}

const pathOf = (raw: RawRequest): string => (raw.url ?? '').replace(/\?.*$/s, '')

function bearerOf(raw: RawRequest): string | undefined {
  const header = raw.headers.authorization
  if (header !== undefined) {
    const [scheme = '', token = ''] = header.trim().split(/ +/)
    if (scheme.toLowerCase() === 'bearer' && token !== '') return token
  }
  return webSocketToken(raw.headers['sec-websocket-protocol'])
}

/** Browsers cannot set headers on WebSockets: the token comes as a sub-protocol. */
function webSocketToken(header: string | undefined): string | undefined {
  const word = header
    ?.split(',')
    .map((s) => s.trim())
    .find((s) => s.startsWith(webSocketBearer))
  return word === undefined ? undefined : Buffer.from(word.slice(webSocketBearer.length), 'base64url').toString('utf8')
}
