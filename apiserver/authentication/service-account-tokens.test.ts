import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { BoundObject } from './bound-objects.ts'
import { ServiceAccountTokens } from './service-account-tokens.ts'
import { TokenIssuer, type TokenWish } from './token-issuer.ts'
import { tokenKeysOf } from './token-keys.ts'

const keys = () =>
  tokenKeysOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), [])
const issuer = 'https://cluster.test'
const now = new Date('2026-01-01T12:00:00Z')
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000)
const wish: TokenWish = {
  claims: { namespace: 'ns', serviceaccount: { name: 'sa', uid: 'u1' }, pod: { name: 'p', uid: 'u2' } },
  audiences: ['api'],
  lifetimeSeconds: 600,
  id: 'j',
  now,
}

test('tokens hold for their time, their audience, their issuer and what they are bound to', async () => {
  const ours = keys()
  const token = await new TokenIssuer(issuer, ours).issue(wish)
  const foreign = await new TokenIssuer(issuer, keys()).issue(wish)
  const elsewhere = await new TokenIssuer('https://other.test', ours).issue(wish)
  const there: Record<string, BoundObject> = { serviceaccounts: { uid: 'u1' }, pods: { uid: 'u2' } }
  const table: readonly [string, string, Date, Record<string, BoundObject>, string[], boolean][] = [
    ['good', token, now, there, ['api'], true],
    ['expired', token, later(700), there, ['api'], false],
    ['not yet valid', token, later(-90), there, ['api'], false],
    ['another audience', token, now, there, ['vault'], false],
    ['a foreign key', foreign, now, there, ['api'], false],
    ['another issuer', elsewhere, now, there, ['api'], false],
    ['pod gone', token, now, { serviceaccounts: { uid: 'u1' } }, ['api'], false],
    ['pod of the same name', token, now, { ...there, pods: { uid: 'u9' } }, ['api'], false],
    ['account gone', token, now, { pods: { uid: 'u2' } }, ['api'], false],
    ['account made anew', token, now, { ...there, serviceaccounts: { uid: 'u9' } }, ['api'], false],
    ['pod ended long ago', token, now, { ...there, pods: { uid: 'u2', deletedAtMs: later(-120).getTime() } }, ['api'], false],
    ['pod that is ending', token, now, { ...there, pods: { uid: 'u2', deletedAtMs: later(-5).getTime() } }, ['api'], true],
  ]
  for (const [name, text, at, found, audiences, isGood] of table) {
    const tokens = new ServiceAccountTokens({
      keys: ours,
      issuers: [issuer],
      audiences,
      objects: { peek: (kind) => found[kind], find: async (kind) => found[kind], tokenSecret: async () => undefined },
    })
    assert.equal((await tokens.authenticate(text, at)) !== undefined, isGood, name)
  }
})

test('a token that was proven once ends with its time and its account all the same', async () => {
  const ours = keys()
  const token = await new TokenIssuer(issuer, ours).issue(wish)
  const account = { uid: 'u1' }
  let pod: BoundObject | undefined = { uid: 'u2' }
  const objects = {
    peek: (kind: string) => (kind === 'pods' ? pod : account),
    find: async (kind: string) => (kind === 'pods' ? pod : account),
    tokenSecret: async () => undefined,
  }
  const tokens = new ServiceAccountTokens({ keys: ours, issuers: [issuer], audiences: ['api'], objects })
  assert.ok(await tokens.authenticate(token, now))
  assert.equal(await tokens.authenticate(token, later(700)), undefined)
  pod = undefined
  assert.equal(await tokens.authenticate(token, now), undefined)
})
