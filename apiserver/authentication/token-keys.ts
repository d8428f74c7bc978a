/** Keys of service-account tokens: their algorithm, their key id (as upstream computes it) and the JWKS that publishes them. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { exportJWK, type JWK } from 'jose'

export interface TokenKey {
  key: KeyObject
  algorithm: string
  /** base64url of SHA-256 over the public key's DER. */
  keyId: string
}

export interface TokenKeys {
  signing: TokenKey
  /** Public keys that tokens may be signed with; the signing key's among them. */
  verifying: readonly TokenKey[]
}

const curveAlgorithms: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }

function algorithmOf(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return 'RS256'
  const algorithm = key.asymmetricKeyType === 'ec' ? curveAlgorithms[key.asymmetricKeyDetails?.namedCurve ?? ''] : undefined
  if (algorithm === undefined) throw new Error(`keys of type ${key.asymmetricKeyType} cannot sign tokens (RSA and ECDSA can)`)
  return algorithm
}

function publicKeyOf(pem: string): TokenKey {
  const key = createPublicKey(pem)
  const der = key.export({ type: 'spki', format: 'der' })
  return { key, algorithm: algorithmOf(key), keyId: createHash('sha256').update(der).digest('base64url') }
}

/** `signing` is a private key in PEM, `verifying` files with one or more public (or private) keys. Throws on what is no key. */
export function tokenKeysOf(signing: string, verifying: readonly string[]): TokenKeys {
  const own = publicKeyOf(signing)
  const others = verifying.flatMap((text) => pemBlocks(text).map(publicKeyOf)).filter((k) => k.keyId !== own.keyId)
  return { signing: { ...own, key: createPrivateKey(signing) }, verifying: [own, ...others] }
}

const pemBlocks = (text: string): string[] => text.match(/-----BEGIN [^-]+-----[\s\S]+?-----END [^-]+-----/g) ?? []

/** The key set that /openid/v1/jwks serves. */
export async function jwksOf(keys: TokenKeys): Promise<{ keys: JWK[] }> {
  return {
    keys: await Promise.all(
      keys.verifying.map(async ({ key, algorithm, keyId }) => ({ use: 'sig', ...(await exportJWK(key)), kid: keyId, alg: algorithm })),
    ),
  }
}
