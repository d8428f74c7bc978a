import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Secret } from '#api/core/secret.ts'
import { accountNameOf, filledSecret, tokenSecretType } from './token-secrets.ts'

const nameKey = 'kubernetes.io/service-account.name'
const uidKey = 'kubernetes.io/service-account.uid'
const account = { name: 'builder', uid: 'u1' }
const encoded = (text: string): string => Buffer.from(text).toString('base64')

const secretWith = (annotations: Record<string, string>, data?: Record<string, string>): Secret =>
  ({
    metadata: { namespace: 'default', name: 's', annotations: { [nameKey]: 'builder', ...annotations } },
    type: tokenSecretType,
    ...(data ? { data } : {}),
  }) as unknown as Secret

const full = { token: encoded('t'), namespace: encoded('default'), 'ca.crt': encoded('ca') }

test('an empty secret gets everything', () => {
  const filled = filledSecret(secretWith({}), { account, rootCa: 'ca', token: 't' })
  assert.deepEqual(filled, secretWith({ [uidKey]: 'u1' }, full))
})
test('what the secret holds already stays, but for the authorities', () => {
  const mine = { token: encoded('mine'), namespace: encoded('x'), 'ca.crt': encoded('old'), more: 'bQ==' }
  const filled = filledSecret(secretWith({}, mine), { account, rootCa: 'ca', token: 't' })
  assert.deepEqual(filled, secretWith({ [uidKey]: 'u1' }, { ...mine, 'ca.crt': encoded('ca') }))
})
test('a complete secret is left alone', () => {
  assert.equal(filledSecret(secretWith({ [uidKey]: 'u1' }, full), { account, rootCa: 'ca', token: 'another' }), undefined)
  assert.equal(filledSecret(secretWith({ [uidKey]: 'u1' }, full), { account, rootCa: undefined, token: 'another' }), undefined)
})
test('a secret without its account goes', () => {
  const facts = { rootCa: 'ca', token: 't' }
  assert.equal(filledSecret(secretWith({ [uidKey]: 'u1' }, full), { ...facts, account: undefined }), 'delete')
  assert.equal(filledSecret(secretWith({ [uidKey]: 'u0' }, full), { ...facts, account }), 'delete')
})
test('the account that a secret names', () => {
  assert.equal(accountNameOf(secretWith({})), 'builder')
  assert.equal(accountNameOf({ metadata: { name: 's' } } as Secret), '')
})
