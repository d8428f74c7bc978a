import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anonymousOf } from './configuration.ts'

const file = (more: object): object => ({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', ...more })

test('who passes without credentials', () => {
  assert.equal(anonymousOf(file({})), undefined)
  assert.equal(anonymousOf(file({ anonymous: { enabled: false } })), false)
  assert.equal(anonymousOf(file({ anonymous: { enabled: true } })), true)
  const only = anonymousOf(file({ anonymous: { enabled: true, conditions: [{ path: '/livez' }] } }))
  assert.ok(typeof only === 'function')
  assert.deepEqual(['/livez', '/livez/', '/livez/ping', '/api', '//livez'].map(only), [true, false, false, false, false])
})
test('what is wrong is told', () => {
  assert.throws(() => anonymousOf({}), /apiVersion/)
  assert.throws(() => anonymousOf(file({ jwt: [{}] })), /jwt: authenticators of foreign tokens are not supported/)
  assert.throws(() => anonymousOf(file({ anonymous: { enabled: false, conditions: [{ path: '/' }] } })), /enabled should be set to true/)
  assert.throws(() => anonymousOf(file({ anonymus: {} })), /the file/)
})
