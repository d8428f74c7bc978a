/** Identity from a TLS client certificate: CN is the user, every O a group (upstream: request/x509, CommonNameUserConversion). */
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { type User, withAuthenticated } from './user.ts'

export type RawRequest = IncomingMessage | Http2ServerRequest

/** `none`: no certificate offered; `bad`: one that the client CA did not sign. */
export type CertificateIdentity = { kind: 'none' } | { kind: 'bad'; why: string } | { kind: 'user'; user: User }

/** One reading per connection: a certificate does not change during its life. */
const known = new WeakMap<object, CertificateIdentity>()

export function certificateIdentity(raw: RawRequest): CertificateIdentity {
  const owner = 'stream' in raw && raw.stream !== undefined ? raw.stream.session : raw.socket
  if (!owner) return { kind: 'none' }
  const seen = known.get(owner)
  if (seen) return seen
  const identity = identityOf(raw.socket as TLSSocket)
  known.set(owner, identity)
  return identity
}

function identityOf(socket: TLSSocket): CertificateIdentity {
  if (typeof socket.getPeerCertificate !== 'function') return { kind: 'none' }
  const certificate = socket.getPeerCertificate()
  if (!certificate || Object.keys(certificate).length === 0) return { kind: 'none' }
  if (!socket.authorized) return { kind: 'bad', why: String(socket.authorizationError ?? 'certificate signed by unknown authority') }
  return userOf(certificate)
}

function userOf(certificate: PeerCertificate): CertificateIdentity {
  const subject = certificate.subject as unknown as Record<string, string | string[] | undefined>
  const names = listOf(subject['CN'])
  const name = names[0] ?? ''
  if (name === '') return { kind: 'bad', why: 'the certificate has no common name' }
  return { kind: 'user', user: withAuthenticated({ name, groups: listOf(subject['O']) }) }
}

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [value])
