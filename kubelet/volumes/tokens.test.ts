import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Client } from '#client/rest.ts'
import { pod } from '#kubelet/pods/pod-fixtures.ts'
import { TokenManager } from './tokens.ts'

const hour = 3_600_000
const day = 24 * hour

function rig() {
  const asked: unknown[] = []
  const state = { now: Date.parse('2026-11-21T12:00:00Z'), refuse: false }
  const post = async (_type: unknown, _ref: unknown, _subresource: string, body: { spec: { expirationSeconds: number } }) => {
    if (state.refuse) throw new Error('refused')
    asked.push(body.spec)
    return {
      status: {
        token: `token-${asked.length}`,
        expirationTimestamp: new Date(state.now + body.spec.expirationSeconds * 1000).toISOString(),
      },
    }
  }
  const tokens = new TokenManager({ post } as unknown as Client, () => new Date(state.now))
  const ask = (expirationSeconds: number, audience = '') => tokens.token(pod(), { audience, expirationSeconds })
  return { asked, state, tokens, ask }
}

test('a token is bound to its pod, asked for once, and renewed at four fifths of its life', async () => {
  const { asked, state, tokens, ask } = rig()
  assert.deepEqual([await ask(3600), await ask(3600), await ask(3600, 'vault')], ['token-1', 'token-1', 'token-2'])
  const bound = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'uid-1' }
  assert.deepEqual(asked, [
    { audiences: [], expirationSeconds: 3600, boundObjectRef: bound },
    { audiences: ['vault'], expirationSeconds: 3600, boundObjectRef: bound },
  ])
  state.now += 0.8 * hour - 1
  assert.deepEqual([tokens.due(), await ask(3600)], [[], 'token-1'])
  state.now += 1
  assert.deepEqual([tokens.due(), await ask(3600)], [['uid-1'], 'token-3'])
})

test('however long it lives, it is a day old at most', async () => {
  const { state, ask } = rig()
  await ask(365 * 86_400)
  state.now += day
  assert.equal(await ask(365 * 86_400), 'token-2')
})

test('while renewing fails, the one at hand serves to its end', async () => {
  const { state, ask } = rig()
  await ask(3600)
  state.refuse = true
  state.now += 0.9 * hour
  assert.equal(await ask(3600), 'token-1')
  state.now += 0.2 * hour
  await assert.rejects(ask(3600), /refused/)
})
