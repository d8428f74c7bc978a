/** The roles and bindings that every cluster has, as upstream v1.35 makes them (pure). */
import { nilList } from '#api/nil-list.ts'
import type { ClusterRole } from '#api/rbac/cluster-role.ts'
import type { ClusterRoleBinding } from '#api/rbac/cluster-role-binding.ts'
import { rbacGroup } from '#api/rbac/defaults.ts'
import type { PolicyRule, Role } from '#api/rbac/role.ts'
import type { RoleBinding, Subject } from '#api/rbac/role-binding.ts'
import { controllerRules } from './controller-roles.ts'
import { events, on, read } from './rule.ts'
import { systemRules } from './system-roles.ts'
import { aggregatedRules } from './user-roles.ts'

export interface BootstrapPolicy {
  clusterRoles: readonly ClusterRole[]
  clusterRoleBindings: readonly ClusterRoleBinding[]
  roles: readonly Role[]
  roleBindings: readonly RoleBinding[]
}

const apiVersion = `${rbacGroup}/v1`
const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }
const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const aggregateTo = (role: string) => `rbac.authorization.k8s.io/aggregate-to-${role}`

const clusterRole = (name: string, rules: readonly PolicyRule[], into?: string): ClusterRole => ({
  apiVersion,
  kind: 'ClusterRole',
  metadata: { name, labels: { ...labels, ...(into ? { [aggregateTo(into)]: 'true' } : {}) }, annotations },
  rules: rules.length === 0 ? (nilList() as PolicyRule[]) : [...rules],
})

/** Its rules are gathered by the controller manager. */
const aggregated = (name: string, into?: string): ClusterRole => ({
  ...clusterRole(name, [], into),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregateTo(name)]: 'true' } }] },
})

const clusterRoles: readonly ClusterRole[] = [
  aggregated('admin'),
  aggregated('edit', 'admin'),
  aggregated('view', 'edit'),
  ...Object.entries(aggregatedRules).map(([name, rules]) => clusterRole(name, rules, name.slice('system:aggregate-to-'.length))),
  ...Object.entries(systemRules).map(([name, rules]) => clusterRole(name, rules)),
  ...Object.entries(controllerRules).map(([name, rules]) => clusterRole(`system:controller:${name}`, rules)),
]

const group = (name: string): Subject => ({ apiGroup: rbacGroup, kind: 'Group', name })
const user = (name: string): Subject => ({ apiGroup: rbacGroup, kind: 'User', name })
const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })

const clusterBinding = (name: string, subjects: readonly Subject[]): ClusterRoleBinding => ({
  apiVersion,
  kind: 'ClusterRoleBinding',
  metadata: { name, labels, annotations },
  ...(subjects.length > 0 ? { subjects: [...subjects] } : {}),
  roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name },
})

const authenticated = group('system:authenticated')
const clusterRoleBindings: readonly ClusterRoleBinding[] = [
  clusterBinding('cluster-admin', [group('system:masters')]),
  clusterBinding('system:monitoring', [group('system:monitoring')]),
  clusterBinding('system:discovery', [authenticated]),
  clusterBinding('system:basic-user', [authenticated]),
  clusterBinding('system:public-info-viewer', [authenticated, group('system:unauthenticated')]),
  clusterBinding('system:service-account-issuer-discovery', [group('system:serviceaccounts')]),
  clusterBinding('system:node-proxier', [user('system:kube-proxy')]),
  clusterBinding('system:kube-controller-manager', [user('system:kube-controller-manager')]),
  clusterBinding('system:kube-dns', [account('kube-dns')]),
  clusterBinding('system:kube-scheduler', [user('system:kube-scheduler')]),
  clusterBinding('system:volume-scheduler', [user('system:kube-scheduler')]),
  // Nodes are judged by the node authorizer.
  clusterBinding('system:node', []),
  ...Object.keys(controllerRules).map((name) => clusterBinding(`system:controller:${name}`, [account(name)])),
]

const inNamespace = (namespace: string) => ({
  role: (name: string, rules: readonly PolicyRule[]): Role => ({
    apiVersion,
    kind: 'Role',
    metadata: { name, namespace, labels, annotations },
    rules: [...rules],
  }),
  binding: (name: string, role: string, subjects: readonly Subject[]): RoleBinding => ({
    apiVersion,
    kind: 'RoleBinding',
    metadata: { name, namespace, labels, annotations },
    subjects: [...subjects],
    roleRef: { apiGroup: rbacGroup, kind: 'Role', name: role },
  }),
})

const [system, open] = [inNamespace('kube-system'), inNamespace('kube-public')]
const election = [
  on('coordination.k8s.io', 'leases', 'create get list update watch'),
  on('coordination.k8s.io', 'leasecandidates', 'create get list update watch'),
]
const [manager, scheduler, signer] = ['kube-controller-manager', 'kube-scheduler', 'system:controller:bootstrap-signer']
const authenticationReader = 'extension-apiserver-authentication-reader'

const roles: readonly Role[] = [
  system.role(authenticationReader, [on('core', 'configmaps', read, 'extension-apiserver-authentication')]),
  system.role(signer, [on('core', 'secrets', read)]),
  system.role('system:controller:cloud-provider', [on('core', 'configmaps', 'create get list watch')]),
  system.role('system:controller:token-cleaner', [on('core', 'secrets', 'delete get list watch'), events]),
  system.role(`system::leader-locking-${manager}`, election),
  system.role(`system::leader-locking-${scheduler}`, election),
  open.role(signer, [on('core', 'configmaps', read), on('core', 'configmaps', 'update', 'cluster-info'), events]),
]

const roleBindings: readonly RoleBinding[] = [
  system.binding(`system::${authenticationReader}`, authenticationReader, [user(`system:${manager}`), user(`system:${scheduler}`)]),
  system.binding(signer, signer, [account('bootstrap-signer')]),
  system.binding('system:controller:cloud-provider', 'system:controller:cloud-provider', [account('cloud-provider')]),
  system.binding('system:controller:token-cleaner', 'system:controller:token-cleaner', [account('token-cleaner')]),
  system.binding(`system::leader-locking-${manager}`, `system::leader-locking-${manager}`, [
    user(`system:${manager}`),
    account(manager),
    account('leader-election-controller'),
  ]),
  system.binding(`system::leader-locking-${scheduler}`, `system::leader-locking-${scheduler}`, [
    user(`system:${scheduler}`),
    account(scheduler),
  ]),
  open.binding(signer, signer, [account('bootstrap-signer')]),
]

export const bootstrapPolicy: BootstrapPolicy = { clusterRoles, clusterRoleBindings, roles, roleBindings }
