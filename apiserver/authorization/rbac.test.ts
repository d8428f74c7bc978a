import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PolicyRule } from '#api/rbac/role.ts'
import type { Subject } from '#api/rbac/role-binding.ts'
import type { User } from '#apiserver/authentication/user.ts'
import { requestInfoOf } from '#apiserver/filters/request-info.ts'
import { mastersAuthorizer, refusal, union } from './authorizer.ts'
import { nodeAuthorizer } from './node-authorizer.ts'
import { bootstrapPolicy } from './policy/bootstrap-policy.ts'
import { RbacAuthorizer } from './rbac.ts'
import { attributesOf } from './request-attributes.ts'
import type { RoleObjects } from './role-index.ts'

const relations = {
  related: async (node: string, resource: string, { name }: { name: string }) =>
    node === 'n1' && ['secrets', 'pods'].includes(resource) && name === 'mine',
}
const rbacOf = (objects: RoleObjects): RbacAuthorizer => new RbacAuthorizer({ version: () => 1, read: () => objects })
const authorizer = union([mastersAuthorizer, nodeAuthorizer(relations), rbacOf(bootstrapPolicy)])

const who: Readonly<Record<string, User>> = {
  admin: { name: 'admin', groups: ['system:masters', 'system:authenticated'] },
  anonymous: { name: 'system:anonymous', groups: ['system:unauthenticated'] },
  scheduler: { name: 'system:kube-scheduler', groups: ['system:authenticated'] },
  manager: { name: 'system:kube-controller-manager', groups: ['system:authenticated'] },
  proxy: { name: 'system:kube-proxy', groups: ['system:authenticated'] },
  node: { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] },
  impostor: { name: 'system:node:n1', groups: ['system:authenticated'] },
  robot: { name: 'system:serviceaccount:a:b', groups: ['system:serviceaccounts', 'system:authenticated'] },
  replicas: { name: 'system:serviceaccount:kube-system:replicaset-controller', groups: ['system:serviceaccounts', 'system:authenticated'] },
  tricky: { name: 'constructor', groups: ['__proto__', 'system:authenticated'] },
}
const ns = '/api/v1/namespaces/a'

describe('identities of the cluster under the bootstrap roles', () => {
  const table: readonly [string, string, string, boolean][] = [
    ['admin', 'DELETE', `${ns}/secrets`, true],
    ['anonymous', 'GET', '/livez', true],
    ['anonymous', 'GET', '/readyz', true],
    ['anonymous', 'GET', '/readyz/etcd', false],
    ['anonymous', 'GET', '/version', true],
    ['anonymous', 'GET', '/api', false],
    ['anonymous', 'GET', '/metrics', false],
    ['anonymous', 'GET', `${ns}/pods`, false],
    ['scheduler', 'GET', '/api/v1/pods?watch=1', true],
    ['scheduler', 'POST', `${ns}/pods/p/binding`, true],
    ['scheduler', 'POST', `${ns}/pods`, false],
    ['scheduler', 'GET', `${ns}/secrets`, false],
    ['scheduler', 'GET', `${ns}/pods/p/exec`, false],
    ['manager', 'GET', `${ns}/pods/p/exec`, false],
    ['manager', 'GET', '/api/v1/nodes/n/proxy/', false],
    ['manager', 'GET', '/api/v1/secrets', true],
    ['manager', 'POST', `${ns}/pods`, false],
    ['manager', 'POST', '/api/v1/namespaces/kube-system/serviceaccounts/x/token', true],
    ['replicas', 'POST', `${ns}/pods`, true],
    ['replicas', 'DELETE', `${ns}/services/x`, false],
    ['proxy', 'GET', '/apis/discovery.k8s.io/v1/endpointslices?watch=1', true],
    ['proxy', 'GET', `${ns}/secrets/x`, false],
    ['node', 'PUT', '/api/v1/nodes/n1/status', true],
    ['node', 'GET', '/api/v1/nodes/n1', true],
    ['node', 'GET', '/api/v1/nodes/n2', false],
    ['node', 'GET', '/api/v1/nodes', false],
    ['node', 'GET', '/api/v1/nodes?fieldSelector=metadata.name%3Dn1&watch=1', true],
    ['node', 'GET', `${ns}/secrets/mine`, true],
    ['node', 'GET', `${ns}/secrets?fieldSelector=metadata.name%3Dmine&watch=1`, true],
    ['node', 'GET', `${ns}/secrets/other`, false],
    ['node', 'GET', `${ns}/secrets`, false],
    ['node', 'PUT', `${ns}/secrets/mine`, false],
    ['node', 'DELETE', `${ns}/configmaps/x`, false],
    ['node', 'GET', '/api/v1/pods', false],
    ['node', 'GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&watch=1', true],
    ['node', 'GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn2', false],
    ['node', 'GET', '/api/v1/pods?fieldSelector=spec.nodeName!%3Dn1', false],
    ['node', 'GET', `${ns}/pods/mine`, true],
    ['node', 'GET', `${ns}/pods/other`, false],
    ['node', 'GET', `${ns}/pods/mine/exec`, false],
    ['node', 'POST', `${ns}/pods/mine/exec`, false],
    ['node', 'PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1', true],
    ['node', 'PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n2', false],
    ['node', 'PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/n1', false],
    ['node', 'GET', '/apis/coordination.k8s.io/v1/leases', false],
    ['node', 'PUT', '/apis/storage.k8s.io/v1/csinodes/n1', true],
    ['node', 'PUT', '/apis/storage.k8s.io/v1/csinodes/n2', false],
    ['node', 'GET', '/apis/resource.k8s.io/v1/resourceslices', false],
    ['node', 'GET', '/apis/resource.k8s.io/v1/resourceslices?fieldSelector=spec.nodeName%3Dn1', true],
    ['node', 'GET', '/api/v1/services', true],
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
      assert.equal((await authorizer.authorize(user, attributesOf(requestInfoOf(method, url)))).allowed, allowed)
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

const group = 'rbac.authorization.k8s.io'
const apiVersion = `${group}/v1`
const jane: User = { name: 'jane', groups: ['dev', 'system:authenticated'] }

/** One role under one binding, as the whole of RBAC. */
function world(rules: PolicyRule[], subjects: Subject[], namespace = ''): RbacAuthorizer {
  const kind = namespace === '' ? 'ClusterRole' : 'Role'
  const role = { metadata: { name: 'r', namespace }, rules }
  const binding = {
    apiVersion,
    kind: `${kind}Binding`,
    metadata: { name: 'b', namespace },
    subjects,
    roleRef: { apiGroup: group, kind, name: 'r' },
  }
  const [cluster, local] = namespace === '' ? [true, false] : [false, true]
  return rbacOf({
    clusterRoles: cluster ? [role] : [],
    clusterRoleBindings: cluster ? [binding] : [],
    roles: local ? [role] : [],
    roleBindings: local ? [binding] : [],
  })
}
const dev: Subject = { kind: 'Group', apiGroup: group, name: 'dev' }
const may = async (rbac: RbacAuthorizer, user: User, method: string, url: string): Promise<boolean> =>
  (await rbac.authorize(user, attributesOf(requestInfoOf(method, url)))).allowed

describe('rules', () => {
  const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'create'] }
  const table: readonly [string, PolicyRule, string, string, boolean][] = [
    ['a resource is not its subresources', pods, 'GET', `${ns}/pods/p/log`, false],
    ['exec by GET is not read by get on pods', pods, 'GET', `${ns}/pods/p/exec`, false],
    ['exec by POST is not made by create on pods', pods, 'POST', `${ns}/pods/p/exec`, false],
    ['a star is all subresources', { ...pods, resources: ['*'] }, 'GET', `${ns}/pods/p/log`, true],
    ['pods/* is no pattern', { ...pods, resources: ['pods/*'] }, 'GET', `${ns}/pods/p/log`, false],
    ['one subresource of all', { ...pods, resources: ['*/log'] }, 'GET', `${ns}/pods/p/log`, true],
    ['one subresource of all is not the resource', { ...pods, resources: ['*/log'] }, 'GET', `${ns}/pods/p`, false],
    ['another group', pods, 'GET', '/apis/apps/v1/namespaces/a/pods/p', false],
    ['all groups', { ...pods, apiGroups: ['*'] }, 'GET', '/apis/apps/v1/namespaces/a/pods/p', true],
    ['another verb', pods, 'DELETE', `${ns}/pods/p`, false],
    ['by name', { ...pods, resourceNames: ['p'] }, 'GET', `${ns}/pods/p`, true],
    ['by another name', { ...pods, resourceNames: ['p'] }, 'GET', `${ns}/pods/q`, false],
    ['a name is not known on creation', { ...pods, resourceNames: ['p'] }, 'POST', `${ns}/pods`, false],
    ['a list of one name', { ...pods, verbs: ['list'], resourceNames: ['p'] }, 'GET', `${ns}/pods?fieldSelector=metadata.name%3Dp`, true],
    ['a list of all for one name', { ...pods, verbs: ['list'], resourceNames: ['p'] }, 'GET', `${ns}/pods`, false],
    ['deletion of many is a verb of its own', { ...pods, verbs: ['delete'] }, 'DELETE', `${ns}/pods`, false],
    ['paths', { verbs: ['get'], nonResourceURLs: ['/logs/*'] }, 'GET', '/logs/kubelet.log', true],
    ['the star stands at the end only', { verbs: ['get'], nonResourceURLs: ['/*/kubelet.log'] }, 'GET', '/logs/kubelet.log', false],
    ['a path is not what lies below it', { verbs: ['get'], nonResourceURLs: ['/logs'] }, 'GET', '/logs/kubelet.log', false],
    ['all paths are no resources', { verbs: ['*'], nonResourceURLs: ['*'] }, 'GET', `${ns}/pods`, false],
    ['all resources are no paths', { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, 'GET', '/metrics', false],
  ]
  for (const [name, rule, method, url, allowed] of table)
    test(name, async () => assert.equal(await may(world([rule], [dev]), jane, method, url), allowed))
})

describe('bindings', () => {
  const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] }
  test('a role binding reaches its namespace only', async () => {
    const rbac = world([rule], [dev], 'a')
    assert.equal(await may(rbac, jane, 'GET', `${ns}/pods/p`), true)
    assert.equal(await may(rbac, jane, 'GET', '/api/v1/namespaces/b/pods/p'), false)
    assert.equal(await may(rbac, jane, 'GET', '/api/v1/pods/p'), false)
  })
  test('a user is no group, and a name with a line feed is nobody else', async () => {
    const rbac = world([rule], [dev])
    assert.equal(await may(rbac, { name: 'dev', groups: [] }, 'GET', `${ns}/pods/p`), false)
    assert.equal(await may(rbac, jane, 'GET', `${ns}/pods/p`), true)
    assert.equal(await may(rbac, { name: 'jane\ndev\nsystem:authenticated', groups: [] }, 'GET', `${ns}/pods/p`), false)
  })
  test('a service account without a namespace is of the binding, or nobody', async () => {
    const account: Subject = { kind: 'ServiceAccount', name: 'b' }
    assert.equal(await may(world([rule], [account], 'a'), who['robot'] as User, 'GET', `${ns}/pods/p`), true)
    assert.equal(await may(world([rule], [account]), who['robot'] as User, 'GET', `${ns}/pods/p`), false)
  })
  test('the reason names the binding, and a role that is not there', async () => {
    const attributes = attributesOf(requestInfoOf('GET', `${ns}/pods/p`))
    const { reason } = await world([rule], [dev], 'a').authorize(jane, attributes)
    assert.equal(reason, 'RBAC: allowed by RoleBinding "b/a" of Role "r" to Group "dev"')
    const roleRef = { apiGroup: group, kind: 'ClusterRole', name: 'gone' }
    const binding = { apiVersion, kind: 'ClusterRoleBinding', metadata: { name: 'b' }, subjects: [dev], roleRef }
    const without = rbacOf({ clusterRoleBindings: [binding], roleBindings: [], clusterRoles: [], roles: [] })
    assert.deepEqual(await without.authorize(jane, attributes), {
      allowed: false,
      reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
    })
  })
  test('answers hold until a role changes', async () => {
    let version = 1
    let rules: PolicyRule[] = [rule]
    const roleRef = { apiGroup: group, kind: 'ClusterRole', name: 'r' }
    const binding = { apiVersion, kind: 'ClusterRoleBinding', metadata: { name: 'b' }, subjects: [dev], roleRef }
    const read = () => ({ clusterRoleBindings: [binding], roleBindings: [], clusterRoles: [{ metadata: { name: 'r' }, rules }], roles: [] })
    const rbac = new RbacAuthorizer({ version: () => version, read })
    assert.equal(await may(rbac, jane, 'GET', `${ns}/pods/p`), true)
    rules = []
    version++
    assert.equal(await may(rbac, jane, 'GET', `${ns}/pods/p`), false)
  })
})
