// Tokens that nobody issued, or not to this server: none of them is anybody, and the reasons are upstream's.
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, test } from 'node:test'
import type { BoundObject, TokenSecret } from './bound-objects.ts'
import { ServiceAccountTokens } from './service-account-tokens.ts'
import { TokenIssuer } from './token-issuer.ts'
import { tokenKeysOf } from './token-keys.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const keys = tokenKeysOf(pem, [])
const issuer = 'https://cluster.test'
const now = new Date('2026-01-01T12:00:00Z')
const seconds = now.getTime() / 1000
const base64 = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

const payload = {
  iss: issuer,
  sub: 'system:serviceaccount:ns:sa',
  aud: ['api'],
  exp: seconds + 600,
  nbf: seconds,
  iat: seconds,
  'kubernetes.io': { namespace: 'ns', serviceaccount: { name: 'sa', uid: 'u1' } },
}
const there: Record<string, BoundObject> = { serviceaccounts: { uid: 'u1' }, nodes: { uid: 'u3' } }
const reviewer = (secret?: TokenSecret) =>
  new ServiceAccountTokens({
    keys,
    issuers: [issuer],
    audiences: ['api'],
    objects: { peek: (kind) => there[kind], find: async (kind) => there[kind], tokenSecret: async () => secret },
  })

type Header = { alg: string; kid?: string | undefined }
const { keyId: kid } = keys.signing
function token(claims: object = payload, header: Header = { alg: 'RS256', kid }): string {
  const head = `${base64(header)}.${base64(claims)}`
  return `${head}.${sign('RSA-SHA256', Buffer.from(head), pair.privateKey).toString('base64url')}`
}
async function outcome(text: string, secret?: TokenSecret): Promise<string> {
  const reviewed = await reviewer(secret).review(text, ['api'], now)
  return 'user' in reviewed ? reviewed.user.name : reviewed.error
}

describe('forged tokens', () => {
  test('the real one is good', async () => {
    assert.equal(await outcome(token()), 'system:serviceaccount:ns:sa')
    const issued = { claims: payload['kubernetes.io'], audiences: ['api'], lifetimeSeconds: 600, id: 'j', now }
    assert.equal(await outcome(await new TokenIssuer(issuer, keys).issue(issued)), 'system:serviceaccount:ns:sa')
    assert.equal(await outcome(token(payload, { alg: 'RS256' })), 'system:serviceaccount:ns:sa')
  })

  const spki = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const hmac = (): string => {
    const head = `${base64({ alg: 'HS256', kid })}.${base64(payload)}`
    return `${head}.${createHmac('sha256', spki).update(head).digest('base64url')}`
  }
  const [head, , signature] = token().split('.')
  const bound = payload['kubernetes.io']
  const noKeys = 'invalid signature, no keys found'
  const badSignature = 'go-jose/go-jose: error in cryptographic primitive'
  const table: readonly [string, string, string][] = [
    ['without a signature', `${base64({ alg: 'none' })}.${base64(payload)}.`, badSignature],
    ['without an algorithm', token(payload, {} as Header), badSignature],
    ['signed with the public key as a password', hmac(), badSignature],
    ['with the algorithm of another key', token(payload, { alg: 'ES256', kid }), badSignature],
    ['with a key that is not there', token(payload, { alg: 'RS256', kid: 'x' }), noKeys],
    ['with other claims', `${head}.${base64({ ...payload, sub: 'system:serviceaccount:ns:admin' })}.${signature}`, badSignature],
    ['of another issuer', token({ ...payload, iss: 'https://other.test' }), ''],
    ['without issuer', token({ ...payload, iss: undefined }), ''],
    ['no token', 'abc', ''],
    ['no token, with dots', 'a.b.c', ''],
    ['five parts', 'a.b.c.d.e', ''],
    ['for others', token({ ...payload, aud: ['vault'] }), 'token audiences ["vault"] is invalid for the target audiences ["api"]'],
    ['expired', token({ ...payload, exp: seconds - 61 }), 'service account token has expired'],
    ['without end', token({ ...payload, exp: undefined }), 'the token names no service account'],
    ['not valid yet', token({ ...payload, nbf: seconds + 61 }), 'service account token is not valid yet'],
    ['of tomorrow', token({ ...payload, iat: seconds + 61 }), 'service account token is issued in the future'],
    [
      'of a subject that is not its account',
      token({ ...payload, sub: 'system:serviceaccount:ns:admin' }),
      'the token names no service account',
    ],
    [
      'of an account made anew',
      token({ ...payload, 'kubernetes.io': { ...bound, serviceaccount: { name: 'sa', uid: 'u9' } } }),
      'service account UID (u1) does not match claim (u9)',
    ],
    [
      'bound to a pod that is gone',
      token({ ...payload, 'kubernetes.io': { ...bound, pod: { name: 'p', uid: 'u2' } } }),
      'service account token has been invalidated',
    ],
    [
      'bound to a secret that is gone',
      token({ ...payload, 'kubernetes.io': { ...bound, secret: { name: 's', uid: 'u2' } } }),
      'service account token has been invalidated',
    ],
    [
      'bound to a node made anew',
      token({ ...payload, 'kubernetes.io': { ...bound, node: { name: 'n', uid: 'u9' } } }),
      'node UID (u3) does not match service account node ref claim (u9)',
    ],
  ]
  for (const [name, text, wanted] of table) test(name, async () => assert.equal(await outcome(text), wanted))

  const old = {
    iss: 'kubernetes/serviceaccount',
    sub: 'system:serviceaccount:ns:sa',
    'kubernetes.io/serviceaccount/namespace': 'ns',
    'kubernetes.io/serviceaccount/secret.name': 's',
    'kubernetes.io/serviceaccount/service-account.name': 'sa',
    'kubernetes.io/serviceaccount/service-account.uid': 'u1',
  }
  test('tokens of old are good as long as their secret holds them', async () => {
    const text = token(old)
    const secret: TokenSecret = { token: text, isDeleted: false, labels: {} }
    assert.equal(await outcome(text, secret), 'system:serviceaccount:ns:sa')
    assert.equal(await outcome(text), 'Token has been invalidated')
    assert.equal(await outcome(text, { ...secret, isDeleted: true }), 'Token has been invalidated')
    assert.equal(await outcome(text, { ...secret, token: 'x' }), "Token does not match server's copy")
    assert.match(await outcome(text, { ...secret, labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } }), /marked invalid/)
    const other = token({ ...old, 'kubernetes.io/serviceaccount/service-account.uid': 'u9' })
    assert.equal(await outcome(other, { ...secret, token: other }), 'ServiceAccount UID (u1) does not match claim (u9)')
    assert.equal(await outcome(token({ ...old, sub: 'system:serviceaccount:ns:x' }), secret), 'sub claim is invalid')
  })
})
