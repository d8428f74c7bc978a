import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { Access, type AccessPolicy } from './access.ts'
import type { Identity } from './authorization.ts'

const ignore = () => undefined
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => log }
const strict: AccessPolicy = { anonymous: false, tokenTtlMs: 120_000, verdictTtlMs: { allowed: 300_000, denied: 30_000 } }

const request = ({ token, cn, organizations = [] }: { token?: string; cn?: string; organizations?: string[] }): IncomingMessage =>
  ({
    method: 'GET',
    url: '/metrics?x=1',
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    socket: { authorized: cn !== undefined, getPeerCertificate: () => ({ subject: { CN: cn, O: organizations } }) },
  }) as unknown as IncomingMessage

function setting(policy: Partial<AccessPolicy> = {}) {
  const clock = { ms: 0 }
  const asked: string[] = []
  const allowed = new Set(['reader', 'system:anonymous'])
  const reviews = {
    token: async (token: string): Promise<Identity | undefined> => {
      asked.push(`token ${token}`)
      return token === 'good' ? { name: 'reader', groups: ['readers'], uid: 'u1' } : undefined
    },
    access: async ({ name, groups }: Identity, { verb, subresource, path }: { verb: string; subresource: string; path: string }) => {
      asked.push(`${name} (${groups.join(' ')}) ${verb} ${subresource} ${path}`)
      return allowed.has(name)
    },
  }
  const access = new Access({ ...strict, ...policy }, reviews, { log, now: () => new Date(clock.ms) })
  const codeOf = async (of: Parameters<typeof request>[0]) => (await access.refusal(request(of)))?.code ?? 200
  return { codeOf, asked, clock, allowed }
}

test('without any proof: nobody, or the anonymous user where that is allowed', async () => {
  assert.equal(await setting().codeOf({}), 401)
  const open = setting({ anonymous: true })
  assert.equal(await open.codeOf({}), 200)
  assert.deepEqual(open.asked, ['system:anonymous (system:unauthenticated) get metrics /metrics'])
  // A token that is none does not make its bearer anonymous.
  assert.equal(await open.codeOf({ token: 'bad' }), 401)
})

test('certificates come before tokens; masters are not asked about', async () => {
  const { codeOf, asked } = setting()
  assert.equal(await codeOf({ cn: 'admin', organizations: ['system:masters'], token: 'bad' }), 200)
  assert.deepEqual(asked, [])
  assert.equal(await codeOf({ cn: 'stranger', organizations: ['some'] }), 403)
  assert.deepEqual(asked, ['stranger (some system:authenticated) get metrics /metrics'])
})

test('where tokens are not taken they prove nothing; where all may do all nobody is asked', async () => {
  assert.equal(await setting({ tokenTtlMs: undefined }).codeOf({ token: 'good' }), 401)
  const open = setting({ verdictTtlMs: undefined })
  assert.equal(await open.codeOf({ cn: 'stranger' }), 200)
  assert.deepEqual(open.asked, [])
})

test('verdicts hold for their time, refusals for less', async () => {
  const { codeOf, asked, clock, allowed } = setting()
  assert.equal(await codeOf({ token: 'good' }), 200)
  allowed.clear()
  clock.ms = 119_999
  assert.equal(await codeOf({ token: 'good' }), 200)
  assert.equal(asked.length, 2)
  clock.ms = 300_001
  assert.equal(await codeOf({ token: 'good' }), 403)
  allowed.add('reader')
  clock.ms += 29_000
  assert.equal(await codeOf({ token: 'good' }), 403)
  clock.ms += 2000
  assert.equal(await codeOf({ token: 'good' }), 200)
})

test('many at once ask once', async () => {
  const { codeOf, asked } = setting()
  await Promise.all(Array.from({ length: 20 }, () => codeOf({ token: 'good' })))
  assert.equal(asked.length, 2)
})
