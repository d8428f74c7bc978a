/** Who is at the other end of a TLS connection: a client (CN is the user, every O a group), a front proxy, both or neither (upstream: request/x509). */
import { X509Certificate } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { uidOf } from './certificate-uid.ts'
import { type User, withAuthenticated } from './user.ts'

/** The part of a request that tells who sent it. */
export interface RawRequest {
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly socket: Socket | undefined
}

export interface Peer {
  /** Of a certificate that the client CA signed. */
  user?: User
  /** The front-proxy CA signed its certificate, and its name is one of those allowed. */
  isFrontProxy: boolean
  /** It has a certificate that proves nothing. */
  isBad: boolean
  /** When its certificate ends. */
  validToMs?: number
}

export interface PeerOptions {
  /** PEM; certificates of users must come from it. */
  clientCa: string | undefined
  /** PEM; those of front proxies must come from it. */
  frontProxyCa: string | undefined
  /** Common names of front proxies; any where empty. */
  frontProxyNames: readonly string[]
}

const nobody: Peer = { isFrontProxy: false, isBad: false }
const bad: Peer = { isFrontProxy: false, isBad: true }
/** No chain is longer. */
const longestChain = 8

/** One reading per connection: a certificate does not change during its life. */
export function peerReader(options: PeerOptions): (raw: RawRequest) => Peer {
  const known = new WeakMap<object, Peer>()
  const authorities = { client: rootsOf(options.clientCa), frontProxy: rootsOf(options.frontProxyCa) }
  return ({ socket }) => {
    if (!socket) return nobody
    const seen = known.get(socket)
    if (seen) return seen
    const peer = peerOf(socket as TLSSocket, authorities, options.frontProxyNames)
    known.set(socket, peer)
    return peer
  }
}

interface Authorities {
  client: readonly X509Certificate[]
  frontProxy: readonly X509Certificate[]
}

/** TLS has verified the certificate against all authorities together, its times and purposes too; here it is found out whose it is. */
function peerOf(socket: TLSSocket, authorities: Authorities, frontProxyNames: readonly string[]): Peer {
  if (typeof socket.getPeerX509Certificate !== 'function') return nobody
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) return nobody
  if (!socket.authorized) return bad
  const subject = certificate.toLegacyObject().subject as unknown as Record<string, string | string[] | undefined>
  const [name = ''] = listOf(subject['CN'])
  const uid = readUid(certificate)
  const isClient = uid.ok && comesFrom(certificate, authorities.client) && name !== ''
  const isNamed = frontProxyNames.length === 0 || frontProxyNames.includes(name)
  const isFrontProxy = isNamed && comesFrom(certificate, authorities.frontProxy)
  const id = `X509SHA256=${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`
  const extra = { 'authentication.kubernetes.io/credential-id': [id] }
  return {
    ...(isClient ? { user: withAuthenticated({ name, groups: listOf(subject['O']), extra, ...(uid.uid ? { uid: uid.uid } : {}) }) } : {}),
    isFrontProxy,
    isBad: !isClient,
    validToMs: Date.parse(certificate.validTo),
  }
}

/** A uid that cannot be read spoils the certificate. */
function readUid(certificate: X509Certificate): { ok: boolean; uid?: string | undefined } {
  try {
    return { ok: true, uid: uidOf(certificate.raw) }
  } catch {
    return { ok: false }
  }
}

/** Follows the signatures up to one of the roots. */
function comesFrom(leaf: X509Certificate, roots: readonly X509Certificate[]): boolean {
  let current: X509Certificate | undefined = leaf
  for (let length = 0; current && length < longestChain; length++) {
    const certificate: X509Certificate = current
    if (roots.some((root) => signed(root, certificate))) return true
    const next: X509Certificate | undefined = certificate.issuerCertificate
    current = next?.ca && next.fingerprint256 !== certificate.fingerprint256 && signed(next, certificate) ? next : undefined
  }
  return false
}

const signed = (issuer: X509Certificate, certificate: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)

const rootsOf = (pem: string | undefined): X509Certificate[] =>
  (pem?.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map((block) => new X509Certificate(block))

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [value])
