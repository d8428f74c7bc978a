import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApiError } from '#api/meta/status.ts'
import { type Accepted, type Authenticate, type AuthenticatorOptions, createAuthenticator } from './authenticator.ts'
import { type BootstrapSecret, bootstrapTokens } from './bootstrap-tokens.ts'
import type { Peer, RawRequest } from './client-certificate.ts'
import { proxiedUser } from './front-proxy.ts'
import { staticTokens } from './static-tokens.ts'
import { tokenUnion } from './token-union.ts'
import { anonymous, type User } from './user.ts'

const now = new Date('2026-01-01T12:00:00Z')
const headers = { username: ['X-Remote-User'], uid: ['X-Remote-Uid'], groups: ['X-Remote-Group'], extraPrefixes: ['X-Remote-Extra-'] }
const jane: User = { name: 'jane', groups: ['system:authenticated'] }
const tokens = tokenUnion([staticTokens('secret,robot,7,"a,b"\n', ['api'])])

function requestOf(...rawHeaders: string[]): RawRequest {
  const given: Record<string, string> = {}
  for (let i = 0; i < rawHeaders.length; i += 2) given[(rawHeaders[i] ?? '').toLowerCase()] = rawHeaders[i + 1] ?? ''
  return { headers: given, rawHeaders, url: '/livez?verbose' } as unknown as RawRequest
}
const nobody: Peer = { isFrontProxy: false, isBad: false }

async function who(peer: Partial<Peer>, rawHeaders: string[], more: Partial<AuthenticatorOptions> = {}): Promise<string> {
  const options = {
    tokens,
    audiences: ['api'],
    allowAnonymous: true,
    frontProxy: headers,
    peer: () => ({ ...nobody, ...peer }),
    now: () => now,
  }
  try {
    const { name, groups } = await createAuthenticator({ ...options, ...more })(requestOf(...rawHeaders))
    return `${name} [${groups.join(' ')}]`
  } catch (error) {
    assert.ok(error instanceof ApiError)
    return String(error.code)
  }
}

describe('who sends a request', () => {
  const proxied = ['X-Remote-User', 'root', 'X-Remote-Group', 'system:masters']
  const table: readonly [string, Partial<Peer>, string[], string][] = [
    ['a certificate', { user: jane }, [], 'jane [system:authenticated]'],
    ['a certificate goes before a token', { user: jane }, ['Authorization', 'Bearer secret'], 'jane [system:authenticated]'],
    ['a token', {}, ['Authorization', 'Bearer secret'], 'robot [a b system:authenticated]'],
    ['a token, however the scheme is written', {}, ['authorization', 'bearer   secret'], 'robot [a b system:authenticated]'],
    ['a wrong token', {}, ['Authorization', 'Bearer wrong'], '401'],
    ['another scheme', {}, ['Authorization', 'Basic c2VjcmV0'], 'system:anonymous [system:unauthenticated]'],
    ['a bad certificate', { isBad: true }, [], '401'],
    ['a bad certificate with a token', { isBad: true }, ['Authorization', 'Bearer secret'], 'robot [a b system:authenticated]'],
    ['a certificate that ended meanwhile', { user: jane, validToMs: now.getTime() - 1 }, [], '401'],
    ['headers of a front proxy', { isFrontProxy: true, isBad: true }, proxied, 'root [system:masters system:authenticated]'],
    ['headers of anybody', {}, proxied, 'system:anonymous [system:unauthenticated]'],
    ['headers of a client', { user: jane }, proxied, 'jane [system:authenticated]'],
    ['a front proxy for nobody', { isFrontProxy: true, isBad: true }, [], '401'],
    ['a front proxy whose certificate ended', { isFrontProxy: true, isBad: true, validToMs: 0 }, proxied, '401'],
  ]
  for (const [name, peer, given, wanted] of table) test(name, async () => assert.equal(await who(peer, given), wanted))

  test('nobody, where nobody may', async () => {
    assert.equal(await who({}, [], { allowAnonymous: false }), '401')
    assert.equal(await who({}, [], { allowAnonymous: (path) => path === '/livez' }), 'system:anonymous [system:unauthenticated]')
    assert.equal(await who({}, [], { allowAnonymous: (path) => path === '/readyz' }), '401')
  })
})

describe('a connection that sends the same header again', () => {
  let reviews = 0
  let isGood = true
  const user: User = { name: 'robot', groups: [] }
  const reviewer = {
    async review(token: string) {
      reviews++
      return token === 'good' && isGood ? { user, audiences: ['api'], holds: () => isGood } : { error: '' }
    },
  }
  const authenticate: Authenticate = createAuthenticator({
    tokens: reviewer,
    audiences: ['api'],
    allowAnonymous: true,
    peer: () => nobody,
    now: () => now,
  })
  const [here, there] = [{}, {}] as [NonNullable<RawRequest['socket']>, NonNullable<RawRequest['socket']>]
  const on = (socket: typeof here, ...rawHeaders: string[]): RawRequest => ({ ...requestOf(...rawHeaders), socket })
  const refused = (given: RawRequest) => assert.rejects(async () => await authenticate(given), { code: 401 })

  test('is known at once as long as the review would come to the same', async () => {
    assert.equal(await authenticate(on(here, 'Authorization', 'Bearer good')), user)
    assert.equal(authenticate(on(here, 'Authorization', 'Bearer good')), user)
    assert.equal(reviews, 1)
    assert.equal(await authenticate(on(there, 'Authorization', 'Bearer good')), user)
    assert.equal(reviews, 2)
    isGood = false
    await refused(on(here, 'Authorization', 'Bearer good'))
    isGood = true
  })
  test('is nobody else for it', async () => {
    await refused(on(here, 'Authorization', 'Bearer bad'))
    assert.equal(await authenticate(on(here)), anonymous)
  })
  test('is not taken for what it showed in another way', async () => {
    const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from('good').toString('base64url')}`
    assert.equal(await authenticate(on(there, 'Authorization', 'Basic x', 'Sec-WebSocket-Protocol', protocol)), user)
    assert.equal(await authenticate(on(there, 'Authorization', 'Basic x')), anonymous)
  })
})

test('what a front proxy says', () => {
  const raw = ['x-remote-user', 'JÃ¶rg', 'X-Remote-Group', 'a', 'x-remote-group', 'b', 'X-Remote-Extra-K%2fX', 'v', 'X-Remote-Uid', '7']
  const user = proxiedUser([...raw, 'X-Remote-Extra-__proto__', 'w'], headers)
  assert.equal(user?.name, 'Jörg')
  assert.deepEqual(user?.groups, ['a', 'b', 'system:authenticated'])
  assert.equal(user?.uid, '7')
  assert.deepEqual(Object.entries(user?.extra ?? {}), [
    ['k/x', ['v']],
    ['__proto__', ['w']],
  ])
})

describe('static tokens', () => {
  test('quoted fields, empty lines and empty tokens', async () => {
    const reviewer = staticTokens('a,x,1\n\n,nobody,2\n"b""c",y,3,"g,h"\r\n', ['api'])
    const { user, audiences } = (await reviewer.review('b"c', ['api', 'other'], now)) as Accepted
    assert.deepEqual(user, { name: 'y', uid: '3', groups: ['g', 'h', 'system:authenticated'] })
    assert.deepEqual(audiences, ['api'])
    assert.deepEqual(await reviewer.review('', ['api'], now), { error: '' })
    assert.deepEqual(await reviewer.review('a', ['other'], now), { error: '' })
    assert.deepEqual(await reviewer.review('__proto__', ['api'], now), { error: '' })
  })
  test('lines that are wrong', () => {
    assert.throws(() => staticTokens('a,b\n', []), /must have at least 3 columns \(token, user name, user uid\), found 2/)
    assert.throws(() => staticTokens('a,"b,c\n', []), /quotation mark/)
  })
})

describe('bootstrap tokens', () => {
  const token = 'abcdef.0123456789abcdef'
  const data = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' }
  const good: BootstrapSecret = { type: 'bootstrap.kubernetes.io/token', data, isDeleted: false }
  const review = async (secret: BootstrapSecret | undefined, given = token): Promise<string> => {
    const secrets = { bootstrapSecret: async (name: string) => (name === 'bootstrap-token-abcdef' ? secret : undefined) }
    const reviewed = await bootstrapTokens(secrets, ['api']).review(given, ['api'], now)
    return 'user' in reviewed ? `${reviewed.user.name} [${reviewed.user.groups.join(' ')}]` : 'nobody'
  }
  const withData = (more: Record<string, string>): BootstrapSecret => ({ ...good, data: { ...data, ...more } })
  const table: readonly [string, BootstrapSecret | undefined, string, string][] = [
    ['good', good, token, 'system:bootstrap:abcdef [system:bootstrappers system:authenticated]'],
    [
      'with groups',
      withData({ 'auth-extra-groups': 'system:bootstrappers:a' }),
      token,
      'system:bootstrap:abcdef [system:bootstrappers system:bootstrappers:a system:authenticated]',
    ],
    ['with groups that are not for it', withData({ 'auth-extra-groups': 'system:masters' }), token, 'nobody'],
    ['of another form', good, 'ABCDEF.0123456789abcdef', 'nobody'],
    ['with another secret', good, 'abcdef.0123456789abcdee', 'nobody'],
    ['of another id', good, 'abcdeg.0123456789abcdef', 'nobody'],
    ['gone', undefined, token, 'nobody'],
    ['deleted', { ...good, isDeleted: true }, token, 'nobody'],
    ['of another type', { ...good, type: 'Opaque' }, token, 'nobody'],
    ['not for this use', withData({ 'usage-bootstrap-authentication': 'false' }), token, 'nobody'],
    ['expired', withData({ expiration: '2026-01-01T11:59:59Z' }), token, 'nobody'],
    [
      'not expired',
      withData({ expiration: '2026-01-01T12:00:01Z' }),
      token,
      'system:bootstrap:abcdef [system:bootstrappers system:authenticated]',
    ],
    ['with an end that is no time', withData({ expiration: 'never' }), token, 'nobody'],
  ]
  for (const [name, secret, given, wanted] of table) test(name, async () => assert.equal(await review(secret, given), wanted))
})
