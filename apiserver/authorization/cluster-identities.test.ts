import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { User } from '#apiserver/authentication/user.ts'
import { requestInfoOf } from '#apiserver/filters/request-info.ts'
import { refusal } from './authorizer.ts'
import { clusterIdentityAuthorizer } from './cluster-identities.ts'

const authorizer = clusterIdentityAuthorizer({
  refers: async (node, resource, { name }) => node === 'n1' && resource === 'secrets' && name === 'mine',
})
const who: Readonly<Record<string, User>> = {
  admin: { name: 'admin', groups: ['system:masters', 'system:authenticated'] },
  anonymous: { name: 'system:anonymous', groups: ['system:unauthenticated'] },
  scheduler: { name: 'system:kube-scheduler', groups: ['system:authenticated'] },
  manager: { name: 'system:kube-controller-manager', groups: ['system:authenticated'] },
  proxy: { name: 'system:kube-proxy', groups: ['system:authenticated'] },
  node: { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] },
  impostor: { name: 'system:node:n1', groups: ['system:authenticated'] },
  robot: { name: 'system:serviceaccount:a:b', groups: ['system:serviceaccounts', 'system:authenticated'] },
  tricky: { name: 'constructor', groups: ['__proto__', 'system:authenticated'] },
}
const ns = '/api/v1/namespaces/a'

describe('cluster identities', () => {
  const table: readonly [string, string, string, boolean][] = [
    ['admin', 'DELETE', `${ns}/secrets`, true],
    ['anonymous', 'GET', '/livez', true],
    ['anonymous', 'GET', '/readyz/etcd', true],
    ['anonymous', 'GET', '/version', true],
    ['anonymous', 'GET', '/api', false],
    ['anonymous', 'GET', '/metrics', false],
    ['anonymous', 'GET', `${ns}/pods`, false],
    ['scheduler', 'GET', '/api/v1/pods?watch=1', true],
    ['scheduler', 'POST', `${ns}/pods/p/binding`, true],
    ['scheduler', 'POST', `${ns}/pods`, false],
    ['scheduler', 'GET', `${ns}/secrets`, false],
    ['manager', 'GET', `${ns}/pods/p/exec`, false],
    ['manager', 'GET', '/api/v1/nodes/n/proxy/', false],
    ['scheduler', 'GET', `${ns}/pods/p/exec`, false],
    ['manager', 'POST', `${ns}/pods`, true],
    ['manager', 'PUT', '/api/v1/namespaces/a/finalize', true],
    ['manager', 'PATCH', '/apis/apps/v1/namespaces/a/deployments/d/status', true],
    ['proxy', 'GET', '/apis/discovery.k8s.io/v1/endpointslices?watch=1', true],
    ['proxy', 'GET', `${ns}/secrets/x`, false],
    ['node', 'PUT', '/api/v1/nodes/n1/status', true],
    ['node', 'GET', '/api/v1/nodes/n2', false],
    ['node', 'GET', `${ns}/secrets/mine`, true],
    ['node', 'GET', `${ns}/secrets/other`, false],
    ['node', 'GET', `${ns}/secrets`, false],
    ['node', 'DELETE', `${ns}/configmaps/x`, false],
    ['impostor', 'PUT', '/api/v1/nodes/n1/status', false],
    ['robot', 'GET', '/apis', true],
    ['robot', 'GET', '/openid/v1/jwks', true],
    ['robot', 'GET', `${ns}/pods`, false],
    ['tricky', 'GET', `${ns}/pods`, false],
  ]
  for (const [name, method, url, allowed] of table)
    test(`${name} ${method} ${url}`, async () => {
      const user = who[name]
      assert.ok(user)
      assert.equal((await authorizer.authorize(user, requestInfoOf(method, url))).allowed, allowed)
    })

  test('the sentence of a refusal', () => {
    const user = who['robot'] as User
    assert.equal(
      refusal(user, requestInfoOf('GET', `${ns}/pods/p/log`)),
      'User "system:serviceaccount:a:b" cannot get resource "pods/log" in API group "" in the namespace "a"',
    )
    assert.equal(
      refusal(user, requestInfoOf('GET', '/api/v1/nodes')),
      'User "system:serviceaccount:a:b" cannot list resource "nodes" in API group "" at the cluster scope',
    )
    assert.equal(refusal(user, requestInfoOf('GET', '/metrics')), 'User "system:serviceaccount:a:b" cannot get path "/metrics"')
  })
})
