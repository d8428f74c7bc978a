/** Joins the ways to prove an identity: certificate, then bearer token; bad ones are 401, none is system:anonymous. */
import { unauthorized } from '#api/meta/status.ts'
import { type CertificateIdentity, certificateIdentity, type RawRequest } from './client-certificate.ts'
import { anonymous, type User } from './user.ts'

export interface TokenAuthenticator {
  /** The user of a valid token, undefined for one that is not valid. */
  authenticate(token: string, now: Date): Promise<User | undefined>
}

export interface AuthenticatorOptions {
  tokens: TokenAuthenticator
  /** Let requests without credentials pass as system:anonymous. */
  allowAnonymous: boolean
  now(): Date
  /** For tests that have no TLS connection. */
  certificate?: (raw: RawRequest) => CertificateIdentity
}

export type Authenticate = (raw: RawRequest) => Promise<User>

const webSocketBearer = 'base64url.bearer.authorization.k8s.io.'

export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const certificate = options.certificate ?? certificateIdentity
  return async (raw) => {
    const identity = certificate(raw)
    if (identity.kind === 'user') return identity.user
    const token = bearerOf(raw)
    if (token !== undefined) {
      const user = await options.tokens.authenticate(token, options.now())
      if (user) return user
      throw unauthorized()
    }
    if (identity.kind === 'bad' || !options.allowAnonymous) throw unauthorized()
    return anonymous
  }
}

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
