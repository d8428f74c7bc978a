/** Requests whose answers are compared with upstream's: one story in a namespace of its own, then what is wrong with requests. */

export interface Step {
  name: string
  method: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: unknown
  /** Sent as it is. */
  text?: string
  /** No credentials. */
  anonymous?: true
}

const ns = '/api/v1/namespaces/http-story'
const apps = '/apis/apps/v1/namespaces/http-story'
const json = { 'content-type': 'application/json' }
const merge = { 'content-type': 'application/merge-patch+json' }
const strategic = { 'content-type': 'application/strategic-merge-patch+json' }
const jsonPatch = { 'content-type': 'application/json-patch+json' }

const configMap = (name: string, data: object = { a: 'b' }): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
const pod = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'main', image: 'app' }], ...more },
})
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'main', image: 'app' }] } },
  },
}

const get = (name: string, path: string, headers?: Readonly<Record<string, string>>): Step => ({
  name,
  method: 'GET',
  path,
  ...(headers ? { headers } : {}),
})
const post = (name: string, path: string, body: unknown): Step => ({ name, method: 'POST', path, headers: json, body })
const put = (name: string, path: string, body: unknown): Step => ({ name, method: 'PUT', path, headers: json, body })
const patch = (name: string, path: string, body: unknown, headers = merge): Step => ({ name, method: 'PATCH', path, headers, body })
const remove = (name: string, path: string, body?: unknown): Step => ({
  name,
  method: 'DELETE',
  path,
  ...(body === undefined ? {} : { headers: json, body }),
})

export const setUp: readonly Step[] = [
  post('namespace', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'http-story' } }),
  post('account', `${ns}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }),
]

const objects: readonly Step[] = [
  post('create', `${ns}/configmaps`, configMap('one')),
  post('create again', `${ns}/configmaps`, configMap('one')),
  post('create dry', `${ns}/configmaps?dryRun=All`, configMap('dry')),
  get('dry is not there', `${ns}/configmaps/dry`),
  post('bad dryRun', `${ns}/configmaps?dryRun=Some`, configMap('dry')),
  post('bad fieldValidation', `${ns}/configmaps?fieldValidation=Some`, configMap('dry')),
  post('no name', `${ns}/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap' }),
  post('bad name', `${ns}/configmaps`, configMap('Not_good')),
  post('other namespace', `${ns}/configmaps`, { ...configMap('x'), metadata: { name: 'x', namespace: 'default' } }),
  post('other kind', `${ns}/configmaps`, pod('x')),
  post('unknown kind', `${ns}/configmaps`, { apiVersion: 'v9', kind: 'Nothing', metadata: { name: 'x' } }),
  post('wrong type', `${ns}/configmaps`, configMap('x', { a: 1 })),
  post('unknown field warns', `${ns}/configmaps`, { ...configMap('warned'), foo: 1 }),
  post('unknown field strict', `${ns}/configmaps?fieldValidation=Strict`, { ...configMap('strict'), foo: 1 }),
  post('unknown field ignored', `${ns}/configmaps?fieldValidation=Ignore`, { ...configMap('ignored'), foo: 1 }),
  { name: 'empty body', method: 'POST', path: `${ns}/configmaps`, headers: json },
  { name: 'broken body', method: 'POST', path: `${ns}/configmaps`, headers: json, text: '{"a":' },
  { name: 'body of no type', method: 'POST', path: `${ns}/configmaps`, headers: { 'content-type': 'text/plain' }, text: 'hello' },
  {
    name: 'yaml',
    method: 'POST',
    path: `${ns}/configmaps`,
    headers: { 'content-type': 'application/yaml' },
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "b"\n',
  },
  post('absent namespace', '/api/v1/namespaces/absent/configmaps', configMap('x')),
  put('update', `${ns}/configmaps/one`, configMap('one', { a: 'c' })),
  put('update of another name', `${ns}/configmaps/one`, configMap('two')),
  put('update of an absent one', `${ns}/configmaps/absent`, configMap('absent')),
  put('update of an old version', `${ns}/configmaps/one`, { ...configMap('one'), metadata: { name: 'one', resourceVersion: '1' } }),
  put('update of another uid', `${ns}/configmaps/one`, {
    ...configMap('one'),
    metadata: { name: 'one', uid: 'b0e4f0f7-0000-0000-0000-000000000000' },
  }),
  patch('merge patch', `${ns}/configmaps/one`, { data: { b: 'c', a: null } }),
  patch('strategic patch', `${ns}/configmaps/one`, { metadata: { labels: { x: 'y' } } }, strategic),
  patch('json patch', `${ns}/configmaps/one`, [{ op: 'add', path: '/data/z', value: 'z' }], jsonPatch),
  patch('json patch that fails', `${ns}/configmaps/one`, [{ op: 'test', path: '/data/z', value: 'q' }], jsonPatch),
  patch('patch of an absent one', `${ns}/configmaps/absent`, { data: {} }),
  patch('patch of no type', `${ns}/configmaps/one`, {}, { 'content-type': 'application/json' }),
  patch('patch of the name', `${ns}/configmaps/one`, { metadata: { name: 'two' } }),
  patch('patch of the uid', `${ns}/configmaps/one`, { metadata: { uid: 'x' } }),
  { name: 'broken patch', method: 'PATCH', path: `${ns}/configmaps/one`, headers: merge, text: '{' },
  get('get', `${ns}/configmaps/one`),
  get('get pretty', `${ns}/configmaps/one?pretty=true`),
  get('get table', `${ns}/configmaps/one`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }),
  get('get metadata', `${ns}/configmaps/one`, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }),
  get('list by name', `${ns}/configmaps?fieldSelector=metadata.name%3Done`),
  get('list by label', `${ns}/configmaps?labelSelector=x%3Dy`),
  get('bad label selector', `${ns}/configmaps?labelSelector=x%3D%3D%3Dy`),
  get('bad field selector', `${ns}/configmaps?fieldSelector=data.a%3Done`),
  remove('delete with another uid', `${ns}/configmaps/one`, { preconditions: { uid: 'b0e4f0f7-0000-0000-0000-000000000000' } }),
  remove('delete with a bad policy', `${ns}/configmaps/one?propagationPolicy=Sometimes`),
  remove('delete with both policies', `${ns}/configmaps/one`, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    orphanDependents: true,
    propagationPolicy: 'Orphan',
  }),
  remove('delete dry', `${ns}/configmaps/one?dryRun=All`),
  remove('delete orphaning', `${ns}/configmaps/one?propagationPolicy=Orphan`),
  patch('last finalizer goes', `${ns}/configmaps/one`, { metadata: { finalizers: null } }),
  get('gone', `${ns}/configmaps/one`),
  remove('delete an absent one', `${ns}/configmaps/one`),
  remove('delete', `${ns}/configmaps/yaml`),
]

const workloads: readonly Step[] = [
  post('pod', `${ns}/pods`, pod('p')),
  post('pod of an absent account', `${ns}/pods`, pod('q', { serviceAccountName: 'absent' })),
  post('pod of an absent class', `${ns}/pods`, pod('q', { priorityClassName: 'absent' })),
  post('pod that is not valid', `${ns}/pods`, pod('q', { restartPolicy: 'Sometimes' })),
  get('log of a pod without a node', `${ns}/pods/p/log`),
  get('log of an unknown container', `${ns}/pods/p/log?container=other`),
  get('log with a bad tail', `${ns}/pods/p/log?tailLines=-1`),
  get('exec without upgrade', `${ns}/pods/p/exec?command=ls`),
  post('binding without a target', `${ns}/pods/p/binding`, { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: {} }),
  post('binding', `${ns}/pods/p/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'p' },
    target: { kind: 'Node', name: 'nowhere' },
  }),
  post('binding again', `${ns}/pods/p/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'p' },
    target: { kind: 'Node', name: 'other' },
  }),
  post('binding of an absent pod', `${ns}/pods/absent/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'absent' },
    target: { kind: 'Node', name: 'other' },
  }),
  patch('pod status', `${ns}/pods/p/status`, { status: { phase: 'Running' }, spec: { nodeName: 'x' } }, strategic),
  remove('graceful', `${ns}/pods/p?gracePeriodSeconds=30`),
  remove('shorter', `${ns}/pods/p?gracePeriodSeconds=10`),
  remove('longer', `${ns}/pods/p?gracePeriodSeconds=20`),
  post('eviction of one in deletion', `${ns}/pods/p/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } }),
  remove('at once', `${ns}/pods/p?gracePeriodSeconds=0`),
  post('deployment', `${apps}/deployments`, deployment),
  get('scale', `${apps}/deployments/web/scale`),
  patch('scale patch', `${apps}/deployments/web/scale`, { spec: { replicas: 5 } }),
  patch('scale below zero', `${apps}/deployments/web/scale`, { spec: { replicas: -1 } }),
  patch('status', `${apps}/deployments/web/status`, { status: { replicas: 3, observedGeneration: 1 } }),
  patch('selector is immutable', `${apps}/deployments/web`, { spec: { selector: { matchLabels: { c: 'd' } } } }),
  remove('delete in the foreground', `${apps}/deployments/web?propagationPolicy=Foreground`),
  patch('no new finalizer', `${apps}/deployments/web`, { metadata: { finalizers: ['foregroundDeletion', 'a.b/c'] } }),
  patch('the last finalizer', `${apps}/deployments/web`, { metadata: { finalizers: null } }),
  post('token', `${ns}/serviceaccounts/default/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 60 },
  }),
  post('token of an absent account', `${ns}/serviceaccounts/absent/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  }),
  put('lease by update', '/apis/coordination.k8s.io/v1/namespaces/http-story/leases/l', {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'l' },
    spec: { holderIdentity: 'x' },
  }),
  remove('all config maps', `${ns}/configmaps?labelSelector=none`),
]

const services: readonly Step[] = [
  post('headless', `${ns}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'headless' },
    spec: { clusterIP: 'None', selector: { a: 'b' } },
  }),
  post('headless without selector', `${ns}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'bare' },
    spec: { clusterIP: 'None' },
  }),
  post('external name', `${ns}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'external' },
    spec: { type: 'ExternalName', externalName: 'example.com' },
  }),
  post('address out of range', `${ns}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'far' },
    spec: { clusterIP: '192.0.2.9', ports: [{ port: 80 }] },
  }),
  post('port out of range', `${ns}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'low' },
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
  }),
  post('two stacks on one', `${ns}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'two' },
    spec: { ipFamilyPolicy: 'RequireDualStack', ports: [{ port: 80 }] },
  }),
  post('family that is not there', `${ns}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'six' },
    spec: { ipFamilies: ['IPv6'], ports: [{ port: 80 }] },
  }),
  post('node port', `${ns}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'node' },
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 31234 }] },
  }),
  post('node port taken', `${ns}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'node2' },
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 31234 }] },
  }),
  patch('to ClusterIP', `${ns}/services/node`, { spec: { type: 'ClusterIP' } }),
  patch('to NodePort', `${ns}/services/node`, { spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 31235 }] } }),
  patch('change of address', `${ns}/services/node`, { spec: { clusterIP: '10.0.0.99', clusterIPs: ['10.0.0.99'] } }),
  patch('to ExternalName', `${ns}/services/node`, { spec: { type: 'ExternalName', externalName: 'example.com', ports: null } }),
  get('proxy to nothing', `${ns}/services/headless/proxy/`),
  remove('delete a service', `${ns}/services/headless`),
]

const wrong: readonly Step[] = [
  get('unknown resource', '/api/v1/nothings'),
  get('unknown group', '/apis/nothing.example/v1/things'),
  get('unknown version', '/apis/apps/v9/deployments'),
  get('unknown path', '/nothing'),
  get('namespaced without namespace', '/api/v1/pods/x'),
  get('cluster scoped in a namespace', `${ns}/nodes`),
  get('unknown subresource', `${ns}/pods/x/nothing`),
  post('create at the cluster scope', '/api/v1/pods', pod('x')),
  put('put on a collection', `${ns}/pods`, pod('x')),
  post('post on an object', `${ns}/pods/x`, pod('x')),
  remove('delete all namespaces', '/api/v1/namespaces'),
  remove('delete default', '/api/v1/namespaces/default'),
  get('encoded slash', `${ns}/configmaps/a%2Fb`),
  get('dots', `${ns}/configmaps/..%2f..`),
  get('percent', `${ns}/configmaps/a%25b`),
  get('trailing slash', `${ns}/configmaps/`),
  get('not acceptable', `${ns}/configmaps`, { accept: 'text/html' }),
  get('proto name', `${ns}/__proto__`),
  get('impersonation of nobody', `${ns}/configmaps/constructor`),
  { ...get('anonymous', `${ns}/configmaps`), anonymous: true },
  { ...get('anonymous health', '/livez'), anonymous: true },
  { ...get('anonymous discovery', '/api'), anonymous: true },
  { ...get('bad token', '/api', { authorization: 'Bearer nonsense' }), anonymous: true },
  get('single check', '/readyz/ping'),
  get('unknown check', '/readyz/nothing'),
  get('version', '/version/'),
  get('review of self', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'),
  post('access review', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'http-story' } },
  }),
]

export const story: readonly Step[] = [...objects, ...workloads, ...services, ...wrong]
export const tearDown: readonly Step[] = [
  remove('node service', `${ns}/services/node`),
  remove('namespace', '/api/v1/namespaces/http-story'),
]
