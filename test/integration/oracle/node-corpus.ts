/** What a kubelet tries, one step after the other: objects of its pods and of others, its node, leases, mirror pods, tokens. */
import { type Asked, namespace } from './authorization-corpus.ts'

type Fields = Record<string, unknown>

const core = `/api/v1/namespaces/${namespace}`
const [own, other] = [`${namespace}-n1`, `${namespace}-n2`]
const me = { user: `system:node:${own}`, groups: ['system:nodes'] }
const merge = 'application/merge-patch+json'
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const csiNodes = '/apis/storage.k8s.io/v1/csinodes'

const ask = (name: string, method: string, path: string, body?: unknown): Asked => ({
  name,
  method,
  path,
  as: me,
  ...(body === undefined ? {} : { body }),
  ...(method === 'PATCH' ? { contentType: merge } : {}),
})
const admin = (method: string, path: string, body?: unknown): Asked => ({
  name: 'admin',
  method,
  path,
  ...(body === undefined ? {} : { body }),
})

const pod = (name: string, nodeName: string, more: Fields = {}): Fields => ({
  metadata: { name },
  spec: { nodeName, containers: [{ name: 'c', image: 'i' }], automountServiceAccountToken: false, serviceAccountName: 'robot', ...more },
})
const volumes = [
  { name: 's', secret: { secretName: 'mine' } },
  { name: 'c', configMap: { name: 'mine' } },
  { name: 'p', persistentVolumeClaim: { claimName: 'mine' } },
  { name: 't', projected: { sources: [{ serviceAccountToken: { path: 't', audience: 'vault' } }, { secret: { name: 'projected' } }] } },
]
const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'by-env', key: 'k' } } }]

/** As the administrator. */
export const nodeSetUp: readonly Asked[] = [
  admin('POST', '/api/v1/nodes', { metadata: { name: own, labels: { a: 'b' } }, spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }),
  admin('POST', '/api/v1/nodes', { metadata: { name: other } }),
  ...['mine', 'projected', 'by-env', 'foreign'].map((name) => admin('POST', `${core}/secrets`, { metadata: { name } })),
  ...['mine', 'foreign'].map((name) => admin('POST', `${core}/configmaps`, { metadata: { name } })),
  admin('POST', `${core}/serviceaccounts`, { metadata: { name: 'stranger' } }),
  admin('POST', `${core}/pods`, pod('mine', own, { volumes, containers: [{ name: 'c', image: 'i', env }] })),
  admin('POST', `${core}/pods`, pod('foreign', other)),
]
export const nodeTearDown: readonly Asked[] = [
  admin('DELETE', `/api/v1/nodes/${own}`),
  admin('DELETE', `/api/v1/nodes/${other}`),
  admin('DELETE', `${leases}/${own}`),
  admin('DELETE', `${csiNodes}/${own}`),
  admin('DELETE', `${core}/pods?gracePeriodSeconds=0`),
]

/** What the node authorizer alone decides. */
export const nodeReads: readonly Asked[] = [
  ...['mine', 'projected', 'by-env', 'foreign', 'none'].map((name) => ask(`secret ${name}`, 'GET', `${core}/secrets/${name}`)),
  ...['mine', 'foreign'].map((name) => ask(`config map ${name}`, 'GET', `${core}/configmaps/${name}`)),
  ask('all secrets', 'GET', `${core}/secrets`),
  ask('one of all secrets', 'GET', `${core}/secrets?fieldSelector=metadata.name%3Dforeign`),
  ask('secrets everywhere', 'GET', '/api/v1/secrets'),
  ask('secret of another namespace', 'GET', '/api/v1/namespaces/default/secrets/mine'),
  ask('change of a secret', 'PATCH', `${core}/secrets/mine`, {}),
  ask('own account', 'GET', `${core}/serviceaccounts/robot`),
  ask('another account', 'GET', `${core}/serviceaccounts/stranger`),
  ask('all accounts', 'GET', `${core}/serviceaccounts`),
  ask('own claim', 'GET', `${core}/persistentvolumeclaims/mine`),
  ask('all claims', 'GET', `${core}/persistentvolumeclaims`),
  ask('a volume', 'GET', '/api/v1/persistentvolumes/none'),
  ask('an attachment', 'GET', '/apis/storage.k8s.io/v1/volumeattachments/none'),
  ask('a resource claim', 'GET', `/apis/resource.k8s.io/v1/namespaces/${namespace}/resourceclaims/none`),
  ask('all resource slices', 'GET', '/apis/resource.k8s.io/v1/resourceslices'),
  ask('own pod', 'GET', `${core}/pods/mine`),
  ask('another pod', 'GET', `${core}/pods/foreign`),
  ask('all pods', 'GET', '/api/v1/pods'),
  ask('pods of another node', 'GET', `/api/v1/pods?fieldSelector=spec.nodeName%3D${other}`),
  ask('log of a pod', 'GET', `${core}/pods/mine/log`),
  ask('another node', 'GET', `/api/v1/nodes/${other}`),
  ask('proxy of a node', 'GET', `/api/v1/nodes/${own}/proxy/`),
  ask('a path of metrics', 'GET', '/metrics'),
  ask('roles', 'GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles'),
]

const status = (name: string, body: Fields): Asked =>
  ask(`status of ${name}: ${JSON.stringify(body)}`, 'PATCH', `${core}/pods/${name}/status`, body)

const pods: readonly Asked[] = [
  status('mine', { status: { phase: 'Running' } }),
  status('foreign', { status: { phase: 'Running' } }),
  status('mine', { metadata: { labels: { a: 'b' } } }),
  status('mine', { status: { resourceClaimStatuses: [{ name: 'x', resourceClaimName: 'y' }] } }),
  ask('change of a pod', 'PATCH', `${core}/pods/mine`, { metadata: { labels: { a: 'b' } } }),
  ask('debugging of a pod', 'PATCH', `${core}/pods/mine/ephemeralcontainers`, {}),
  ask('eviction of another pod', 'POST', `${core}/pods/foreign/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'foreign' },
  }),
  ask('eviction of no pod', 'POST', `${core}/pods/none/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'none' },
  }),
  ask('end of another pod', 'DELETE', `${core}/pods/foreign`),
  ask('binding of a pod', 'POST', `${core}/pods/foreign/binding`, { target: { kind: 'Node', name: own } }),
]

const owner = { apiVersion: 'v1', kind: 'Node', name: own, uid: 'x', controller: true }
const mirror = (name: string, metadata: Fields, spec: Fields = {}): Asked =>
  ask(`mirror: ${name}`, 'POST', `${core}/pods`, {
    metadata: { name: 'mirror', annotations: { 'kubernetes.io/config.mirror': 'x' }, ...metadata },
    spec: { nodeName: own, containers: [{ name: 'c', image: 'i' }], ...spec },
  })

const mirrors: readonly Asked[] = [
  ask('a pod of its own', 'POST', `${core}/pods`, pod('x', own)),
  mirror('on another node', {}, { nodeName: other }),
  mirror('without owner', {}),
  mirror('with two owners', { ownerReferences: [owner, { ...owner, name: other, controller: false }] }),
  mirror('of another owner', { ownerReferences: [{ ...owner, name: other }] }),
  mirror('without controller', { ownerReferences: [{ ...owner, controller: false }] }),
  mirror('that blocks', { ownerReferences: [{ ...owner, blockOwnerDeletion: true }] }),
  mirror('with an account', { ownerReferences: [owner] }, { serviceAccountName: 'robot' }),
  mirror('with a secret', { ownerReferences: [owner] }, { volumes: [{ name: 's', secret: { secretName: 'foreign' } }] }),
]

const nodePath = `/api/v1/nodes/${own}`
const nodes: readonly Asked[] = [
  ask('another node', 'PATCH', `/api/v1/nodes/${other}`, { metadata: { labels: { a: 'c' } } }),
  ask('a node of another name', 'POST', '/api/v1/nodes', { metadata: { name: `${namespace}-n3` } }),
  ask('status of another node', 'PATCH', `/api/v1/nodes/${other}/status`, {}),
  ask('end of the own node', 'DELETE', nodePath),
  ask('taints', 'PATCH', nodePath, { spec: { taints: null } }),
  ask('taints by status', 'PATCH', `${nodePath}/status`, { spec: { taints: null } }),
  ask('owners', 'PATCH', nodePath, { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: other, uid: 'x' }] } }),
  ask('a config source', 'PATCH', nodePath, {
    spec: { configSource: { configMap: { name: 'x', namespace: 'y', kubeletConfigKey: 'z' } } },
  }),
  ...[
    'node-restriction.kubernetes.io/x',
    'kubernetes.io/role',
    'node-role.kubernetes.io/control-plane',
    'x.k8s.io/y',
    'free',
    'kubelet.kubernetes.io/x',
  ].map((label) => ask(`label ${label}`, 'PATCH', nodePath, { metadata: { labels: { [label]: 'x' } } })),
]

const others: readonly Asked[] = [
  ask('a lease of another', 'POST', leases, { metadata: { name: other } }),
  ask('a lease elsewhere', 'POST', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, { metadata: { name: own } }),
  ask('the own lease', 'POST', leases, { metadata: { name: own } }),
  ask('the lease of another', 'GET', `${leases}/${other}`),
  ask('all leases', 'GET', leases),
  ask('a CSINode of another', 'POST', csiNodes, { metadata: { name: other }, spec: { drivers: [] } }),
  ask('the own CSINode', 'POST', csiNodes, { metadata: { name: own }, spec: { drivers: [] } }),
  ask('a slice of another', 'POST', '/apis/resource.k8s.io/v1/resourceslices', {
    metadata: { name: namespace },
    spec: { nodeName: other, driver: 'd.example.com', pool: { name: 'p', generation: 1, resourceSliceCount: 1 } },
  }),
  ask('a review', 'POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    spec: { user: 'x', nonResourceAttributes: { verb: 'get', path: '/x' } },
  }),
  ask('status of a claim', 'PATCH', `${core}/persistentvolumeclaims/mine/status`, {}),
]

const token = (name: string, account: string, spec: Fields): Asked =>
  ask(`token: ${name}`, 'POST', `${core}/serviceaccounts/${account}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec,
  })
const bound = (name: string, more: Fields = {}): Fields => ({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, ...more } })

const tokens: readonly Asked[] = [
  token('bound to nothing', 'robot', {}),
  token('of another account', 'stranger', bound('mine', { uid: 'x' })),
  token('without uid', 'robot', bound('mine')),
  token('of another uid', 'robot', bound('mine', { uid: 'x' })),
  token('of no pod', 'robot', bound('none', { uid: 'x' })),
]

/** What NodeRestriction decides; the first would be let pass without it. */
export const nodeRestricted: readonly Asked[] = [...nodes, ...pods, ...mirrors, ...others, ...tokens]

/** With the uid of the pod, which differs from server to server. */
export const tokensOfPod = (uid: string): readonly Asked[] => [
  token('for the server', 'robot', bound('mine', { uid })),
  token('for an audience of the pod', 'robot', { audiences: ['vault'], ...bound('mine', { uid }) }),
  token('for another audience', 'robot', { audiences: ['other'], ...bound('mine', { uid }) }),
  token('for two audiences', 'robot', { audiences: ['vault', 'other'], ...bound('mine', { uid }) }),
]
