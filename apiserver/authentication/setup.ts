/** Puts the ways to prove an identity together, as the server is configured. */
import type { Cache } from '#apiserver/cache/cache.ts'
import { TokenObjects } from '#apiserver/registry/token-objects.ts'
import { type Authenticate, createAuthenticator, type TokenReviewer } from './authenticator.ts'
import { bootstrapTokens } from './bootstrap-tokens.ts'
import { peerReader } from './client-certificate.ts'
import type { FrontProxyHeaders } from './front-proxy.ts'
import { ServiceAccountTokens } from './service-account-tokens.ts'
import { staticTokens } from './static-tokens.ts'
import type { TokenKeys } from './token-keys.ts'
import { tokenUnion } from './token-union.ts'

export interface AuthenticationOptions {
  tokenKeys: TokenKeys
  issuers: readonly string[]
  audiences: readonly string[]
  /** Requests without credentials: all pass, none, or those for certain paths. */
  allowAnonymous: boolean | ((path: string) => boolean)
  /** Who may speak for others, and in which headers. */
  frontProxy?: FrontProxy
  /** Text of a token file. */
  staticTokens?: string
  /** Take the tokens with which nodes join. */
  bootstrapTokens?: boolean
  tls?: { clientCa?: string }
}

export interface FrontProxy {
  /** PEM of the CA that signs the certificates of front proxies. */
  ca: string
  /** Their common names; any where empty. */
  names: readonly string[]
  headers: FrontProxyHeaders
}

export function authenticationOf(options: AuthenticationOptions, cache: Cache): { authenticate: Authenticate; tokens: TokenReviewer } {
  const { audiences, frontProxy, allowAnonymous } = options
  const tokens = tokensOf(options, cache)
  const peer = peerReader({
    clientCa: options.tls?.clientCa,
    frontProxyCa: frontProxy?.ca,
    frontProxyNames: frontProxy?.names ?? [],
  })
  const headers = frontProxy ? { frontProxy: frontProxy.headers } : {}
  return { tokens, authenticate: createAuthenticator({ tokens, audiences, allowAnonymous, ...headers, peer, now: () => new Date() }) }
}

function tokensOf(options: AuthenticationOptions, cache: Cache): TokenReviewer {
  const { tokenKeys: keys, issuers, audiences } = options
  const objects = new TokenObjects(cache)
  return tokenUnion([
    ...(options.staticTokens === undefined ? [] : [staticTokens(options.staticTokens, audiences)]),
    new ServiceAccountTokens({ keys, issuers, audiences, objects }),
    ...(options.bootstrapTokens ? [bootstrapTokens(objects, audiences)] : []),
  ])
}
