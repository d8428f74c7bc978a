/** Questions of access, one after the other: roles, bindings, what may be given away, acting as others, reviews, tokens. */

export interface Asked {
  name: string
  method: string
  path: string
  body?: unknown
  contentType?: string
  /** Whom the administrator acts as; nobody else by default. */
  as?: { user?: string; groups?: readonly string[]; uid?: string; extra?: Readonly<Record<string, string>> }
}

const rbac = 'rbac.authorization.k8s.io'
const rbacV1 = `${rbac}/v1`
const cluster = `/apis/${rbacV1}`
export const namespace = 'access-story'
const local = `${cluster}/namespaces/${namespace}`
const core = `/api/v1/namespaces/${namespace}`
const json = 'application/json'
const merge = 'application/merge-patch+json'

type Fields = Record<string, unknown>
type Rule = Fields

const rule = (verbs: string, apiGroups: string, resources: string, more: Fields = {}): Rule => ({
  verbs: verbs.split(' '),
  apiGroups: apiGroups.split(' ').map((g) => (g === 'core' ? '' : g)),
  resources: resources.split(' '),
  ...more,
})
const urls = (verbs: string, nonResourceURLs: string): Rule => ({ verbs: verbs.split(' '), nonResourceURLs: nonResourceURLs.split(' ') })

const role = (name: string, rules: readonly Rule[] | null, more: Fields = {}): Fields => ({
  apiVersion: rbacV1,
  kind: 'Role',
  metadata: { name },
  rules,
  ...more,
})
const clusterRole = (name: string, rules: readonly Rule[] | null, more: Fields = {}): Fields => ({
  ...role(name, rules, more),
  kind: 'ClusterRole',
})
const user = (name: string): Fields => ({ kind: 'User', name })
/** `role` is such as `Role/x`. */
const binding = (name: string, role: string, subjects: readonly Fields[], more: Fields = {}): Fields => ({
  apiVersion: rbacV1,
  kind: 'RoleBinding',
  metadata: { name },
  subjects,
  roleRef: { kind: role.split('/')[0], name: role.split('/').slice(1).join('/') },
  ...more,
})
const clusterBinding = (name: string, roleName: string, subjects: readonly Fields[], more: Fields = {}): Fields => ({
  ...binding(name, `ClusterRole/${roleName}`, subjects, more),
  kind: 'ClusterRoleBinding',
})

const jane = { user: 'jane' }
const ann = { user: 'ann', groups: ['dev'] }
const carl = { user: 'carl' }

const post = (name: string, path: string, body: unknown, as?: Asked['as']): Asked => ({
  name,
  method: 'POST',
  path,
  body,
  ...(as ? { as } : {}),
})
const put = (name: string, path: string, body: unknown, as?: Asked['as']): Asked => ({ ...post(name, path, body, as), method: 'PUT' })
const get = (name: string, path: string, as?: Asked['as']): Asked => ({ name, method: 'GET', path, ...(as ? { as } : {}) })
const patch = (name: string, path: string, body: unknown, as?: Asked['as']): Asked => ({
  ...put(name, path, body, as),
  method: 'PATCH',
  contentType: merge,
})
const remove = (name: string, path: string, as?: Asked['as']): Asked => ({ ...get(name, path, as), method: 'DELETE' })

export const setUp: readonly Asked[] = [
  post('namespace', '/api/v1/namespaces', { metadata: { name: namespace } }),
  post('account', `${core}/serviceaccounts`, { metadata: { name: 'robot' } }),
]
export const tearDown: readonly Asked[] = [
  ...['access-story-reader', 'access-story-binder', 'access-story-urls', 'access-story-gathers', 'access-story-mixed'].map((name) =>
    remove('', `${cluster}/clusterroles/${name}`),
  ),
  ...['access-story-everywhere', 'access-story-binder', 'access-story-dangling'].map((name) =>
    remove('', `${cluster}/clusterrolebindings/${name}`),
  ),
  remove('', `/api/v1/namespaces/${namespace}`),
]

const faults: readonly Asked[] = [
  post('role without verbs', `${local}/roles`, role('bad', [{ apiGroups: [''], resources: ['pods'] }])),
  post('role without anything', `${local}/roles`, role('bad', [{ verbs: ['get'] }])),
  post('role with paths', `${local}/roles`, role('bad', [urls('get', '/logs')])),
  post('role of both', `${cluster}/clusterroles`, clusterRole('bad', [{ ...rule('get', 'core', 'pods'), nonResourceURLs: ['/logs'] }])),
  post('role of a bad name', `${local}/roles`, role('a/b%c', [])),
  post('role of two dots', `${local}/roles`, role('..', [])),
  post('aggregation of nothing', `${cluster}/clusterroles`, clusterRole('bad', null, { aggregationRule: { clusterRoleSelectors: [] } })),
  post(
    'aggregation by a bad selector',
    `${cluster}/clusterroles`,
    clusterRole('bad', null, {
      aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a b', operator: 'Oops', values: ['-'] }] }] },
    }),
  ),
  post('binding to another kind', `${local}/rolebindings`, binding('bad', 'Group/x', [])),
  post('binding to no name', `${local}/rolebindings`, binding('bad', 'Role/', [])),
  post('binding to a path', `${local}/rolebindings`, binding('bad', 'Role/a/b', [])),
  post(
    'cluster binding to a role',
    `${cluster}/clusterrolebindings`,
    clusterBinding('bad', 'x', [], { roleRef: { kind: 'Role', name: 'x' } }),
  ),
  post(
    'binding of another group',
    `${local}/rolebindings`,
    binding('bad', 'Role/x', [], { roleRef: { apiGroup: 'apps', kind: 'Role', name: 'x' } }),
  ),
  post(
    'binding to odd subjects',
    `${local}/rolebindings`,
    binding('bad', 'Role/x', [
      { kind: 'Robot', name: 'x' },
      { kind: 'User', name: '' },
      { kind: 'User', name: 'x', apiGroup: 'v1' },
      { kind: 'ServiceAccount', name: 'A_B', apiGroup: rbac },
      { kind: 'ServiceAccount', name: 'x' },
      { kind: 'Group', name: 'x' },
    ]),
  ),
  post(
    'cluster binding to an account without namespace',
    `${cluster}/clusterrolebindings`,
    clusterBinding('bad', 'x', [{ kind: 'ServiceAccount', name: 'x' }]),
  ),
]

const objects: readonly Asked[] = [
  post(
    'rights to bind',
    `${cluster}/clusterroles`,
    clusterRole('access-story-binder', [
      rule('bind', rbac, 'clusterroles', { resourceNames: ['access-story-reader'] }),
      rule('create update', rbac, 'rolebindings clusterrolebindings clusterroles'),
    ]),
  ),
  post('given to carl', `${cluster}/clusterrolebindings`, clusterBinding('access-story-binder', 'access-story-binder', [user('carl')])),
  post(
    'reader',
    `${cluster}/clusterroles`,
    clusterRole('access-story-reader', [
      rule('get list', 'core', 'pods pods/log'),
      rule('get', 'apps', 'deployments', { resourceNames: ['one'] }),
    ]),
  ),
  post('roles of jane', `${local}/roles`, role('janes', [rule('*', rbac, 'roles rolebindings'), rule('get list', 'core', 'pods')])),
  post(
    'binding of jane',
    `${local}/rolebindings`,
    binding('janes', 'Role/janes', [user('jane'), { kind: 'ServiceAccount', name: 'robot' }]),
  ),
  post('binding of dev', `${local}/rolebindings`, binding('dev', 'ClusterRole/access-story-reader', [{ kind: 'Group', name: 'dev' }])),
  post(
    'a binding to nothing',
    `${cluster}/clusterrolebindings`,
    clusterBinding('access-story-dangling', 'access-story-nothing', [user('carl')]),
  ),
  put('binding to another role', `${local}/rolebindings/dev`, binding('dev', 'ClusterRole/view', [])),
  patch('role by patch', `${local}/roles/janes`, { metadata: { labels: { a: 'b' } } }),
  put('role made by put', `${local}/roles/by-put`, role('by-put', null)),
  get('list of bindings', `${local}/rolebindings`),
]

const given: readonly Asked[] = [
  post('what is held', `${local}/roles`, role('held', [rule('get', 'core', 'pods')]), jane),
  post(
    'what is not held',
    `${local}/roles`,
    role('more', [rule('get list', 'core', 'pods secrets'), rule('create', 'core', 'secrets')]),
    jane,
  ),
  post('a star', `${local}/roles`, role('more', [rule('*', '*', '*')]), jane),
  post(
    'by name',
    `${local}/roles`,
    role('more', [rule('get', 'core', 'secrets', { resourceNames: ['a', 'b'] }), rule('get', 'core', 'pods', { resourceNames: ['p'] })]),
    jane,
  ),
  put('more by put', `${local}/roles/held`, role('held', [rule('get', 'core', 'secrets')]), jane),
  patch('more by patch', `${local}/roles/held`, { rules: [rule('get', 'core', 'secrets')] }, jane),
  patch('an owner may be set', `${local}/roles/by-put`, { metadata: { finalizers: ['example.com/x'] } }, jane),
  patch('and taken', `${local}/roles/by-put`, { metadata: { finalizers: null } }, jane),
  post('binding to what is not held', `${local}/rolebindings`, binding('more', 'ClusterRole/access-story-reader', [user('jane')]), jane),
  post('binding to what is held', `${local}/rolebindings`, binding('same', 'Role/janes', [user('joe')]), jane),
  post('binding to nothing', `${local}/rolebindings`, binding('none', 'Role/nothing', [user('joe')]), jane),
  post('binding to no cluster role', `${local}/rolebindings`, binding('none', 'ClusterRole/access-story-nothing', [user('joe')]), jane),
  post('a fault is told before it is held back', `${local}/rolebindings`, binding('none', 'Group/x', [user('joe')]), jane),
  post('cluster role of a stranger', `${cluster}/clusterroles`, clusterRole('access-story-x', []), jane),
  post(
    'carl binds what he may',
    `${cluster}/clusterrolebindings`,
    clusterBinding('access-story-everywhere', 'access-story-reader', [user('dora')]),
    carl,
  ),
  post(
    'carl binds what he may not',
    `${cluster}/clusterrolebindings`,
    clusterBinding('access-story-x', 'cluster-admin', [user('dora')]),
    carl,
  ),
  post('carl makes a role of paths', `${cluster}/clusterroles`, clusterRole('access-story-x', [urls('get', '/logs/* /metrics')]), carl),
  post(
    'carl gathers',
    `${cluster}/clusterroles`,
    clusterRole('access-story-x', null, { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } }),
    carl,
  ),
  post(
    'the admin gathers',
    `${cluster}/clusterroles`,
    clusterRole('access-story-gathers', null, { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } }),
  ),
  put('carl changes what gathers', `${cluster}/clusterroles/access-story-gathers`, clusterRole('access-story-gathers', []), carl),
]

const acting: readonly Asked[] = [
  get('dev lists pods', `${core}/pods`, ann),
  get('dev lists pods elsewhere', '/api/v1/namespaces/default/pods', ann),
  get('dev gets a log', `${core}/pods/p/log`, ann),
  get('dev gets a deployment by name', `/apis/apps/v1/namespaces/${namespace}/deployments/one`, ann),
  get('dev gets another', `/apis/apps/v1/namespaces/${namespace}/deployments/two`, ann),
  get('dev executes', `${core}/pods/p/exec?command=x`, ann),
  get('an account lists', `${core}/pods`, { user: `system:serviceaccount:${namespace}:robot` }),
  get('a role that is not there', '/api/v1/secrets', carl),
  get('a path', '/metrics', jane),
  get('nobody', '/api/v1/pods', { user: 'system:anonymous' }),
  get('a group alone', '/api/v1/pods', { groups: ['dev'] }),
  get('a uid alone', '/api/v1/pods', { uid: '7' }),
  post(
    'who am I',
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    {},
    { user: 'jane', groups: ['a', 'b'], uid: '7', extra: { 'k%2fx': 'v' } },
  ),
  post('who am I: an account', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, { user: 'system:serviceaccount:a:b' }),
]

const authorization = '/apis/authorization.k8s.io/v1'
const review = (name: string, kind: string, spec: unknown, as?: Asked['as']): Asked =>
  post(name, `${authorization}/${kind.toLowerCase()}s`, { apiVersion: 'authorization.k8s.io/v1', kind, spec }, as)
const on = (verb: string, resource: string, more: Fields = {}): Fields => ({ resourceAttributes: { verb, resource, namespace, ...more } })

const reviews: readonly Asked[] = [
  review('may I', 'SelfSubjectAccessReview', on('get', 'pods'), ann),
  review('may I not', 'SelfSubjectAccessReview', on('delete', 'pods'), ann),
  review('may I as an admin', 'SelfSubjectAccessReview', on('delete', 'pods')),
  review('may I get a path', 'SelfSubjectAccessReview', { nonResourceAttributes: { verb: 'get', path: '/openapi/v2' } }, ann),
  review('may I nothing', 'SelfSubjectAccessReview', {}, ann),
  review('may I both', 'SelfSubjectAccessReview', { ...on('get', 'pods'), nonResourceAttributes: { verb: 'get', path: '/x' } }, ann),
  review('may carl', 'SubjectAccessReview', { ...on('get', 'secrets'), user: 'carl' }),
  review('may dev', 'SubjectAccessReview', { ...on('get', 'pods'), groups: ['dev'], extra: { a: ['b'] }, uid: 'x' }),
  review('may nobody', 'SubjectAccessReview', on('get', 'pods')),
  review('may nobody nothing', 'SubjectAccessReview', {}),
  review('may a node', 'SubjectAccessReview', { ...on('get', 'secrets', { name: 's' }), user: 'system:node:n', groups: ['system:nodes'] }),
  review('may a stranger ask', 'SubjectAccessReview', { ...on('get', 'pods'), user: 'x' }, jane),
  review('with metadata', 'SubjectAccessReview', { ...on('list', 'pods'), user: 'x' }),
  ...(
    [
      ['raw', { fieldSelector: { rawSelector: 'spec.nodeName=n' } }],
      ['requirements', { fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['n'] }] } }],
      ['both', { fieldSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'In', values: ['b'] }] } }],
      ['neither', { fieldSelector: {} }],
      ['a bad operator', { fieldSelector: { requirements: [{ key: 'a', operator: 'Gt', values: ['b'] }] } }],
      ['no key', { fieldSelector: { requirements: [{ operator: 'In', values: [] }] } }],
      ['exists with values', { labelSelector: { requirements: [{ key: 'a', operator: 'Exists', values: ['b'] }] } }],
      ['in without values', { labelSelector: { requirements: [{ key: 'a b', operator: 'In' }] } }],
      ['labels both', { labelSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'In', values: ['b'] }] } }],
      ['labels neither', { labelSelector: {} }],
      ['a raw one that cannot be read', { fieldSelector: { rawSelector: '====' }, labelSelector: { rawSelector: '((' } }],
      ['a verb of one', { verb: 'get', fieldSelector: { rawSelector: 'a=b' } }],
    ] as const
  ).flatMap(([name, more]) => [
    review(`selectors: ${name}`, 'SelfSubjectAccessReview', on('list', 'pods', more)),
    review(`selectors of a node: ${name}`, 'SubjectAccessReview', {
      ...on('list', 'pods', more),
      user: 'system:node:n',
      groups: ['system:nodes'],
    }),
  ]),
  post('local', `${authorization}/namespaces/${namespace}/localsubjectaccessreviews`, { spec: { ...on('get', 'pods'), groups: ['dev'] } }),
  post('local elsewhere', `${authorization}/namespaces/${namespace}/localsubjectaccessreviews`, {
    spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' }, user: 'x' },
  }),
  post('local path', `${authorization}/namespaces/${namespace}/localsubjectaccessreviews`, {
    spec: { nonResourceAttributes: { verb: 'get', path: '/' }, user: 'x' },
  }),
  review('rules of jane', 'SelfSubjectRulesReview', { namespace }, jane),
  review('rules of carl', 'SelfSubjectRulesReview', { namespace }, carl),
  review('rules nowhere', 'SelfSubjectRulesReview', {}, jane),
  review('rules of a node', 'SelfSubjectRulesReview', { namespace }, { user: 'system:node:n', groups: ['system:nodes'] }),
]

const tokens = `${core}/serviceaccounts/robot/token`
const tokenRequest = (name: string, spec: unknown, more: Fields = {}, path = tokens): Asked =>
  post(name, path, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', ...more, spec })

const tokenSteps: readonly Asked[] = [
  tokenRequest('a token', {}),
  tokenRequest('a token for somebody', { audiences: ['a', 'b'], expirationSeconds: 601 }),
  tokenRequest('a short token', { expirationSeconds: 599 }),
  tokenRequest('a long token', { expirationSeconds: 4294967297 }),
  tokenRequest('bound to nothing that is', { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'none' } }),
  tokenRequest('bound to a secret that is not', { boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'none' } }),
  tokenRequest('bound to a node that is not', { boundObjectRef: { apiVersion: 'v1', kind: 'Node', name: 'none' } }),
  tokenRequest('bound to what does not bind', { boundObjectRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' } }),
  tokenRequest('of no account', {}, {}, `${core}/serviceaccounts/none/token`),
  tokenRequest('of another name', {}, { metadata: { name: 'other' } }),
  tokenRequest('of another namespace', {}, { metadata: { namespace: 'default' } }),
  tokenRequest('of another uid', {}, { metadata: { uid: 'x' } }),
  post('review of nothing', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: {} }),
  post('review of nonsense', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'nonsense' } }),
  post('review of an unsigned token', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'eyJhbGciOiJub25lIn0.e30.' } }),
  post('review with a name', '/apis/authentication.k8s.io/v1/tokenreviews', { metadata: { name: 'x' }, spec: { token: 'x' } }),
  get('list of reviews', '/apis/authentication.k8s.io/v1/tokenreviews'),
]

const apiServices = '/apis/apiregistration.k8s.io/v1/apiservices'
const apiService = (name: string, spec: Fields, as = 'v1.access-story.example.com'): Asked =>
  post(`API service: ${name}`, apiServices, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: as },
    spec: { group: 'access-story.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10, ...spec },
  })
const service = { namespace: 'n', name: 's' }

const aggregated: readonly Asked[] = [
  apiService('of another name', {}, 'v1.other'),
  apiService('of a name with a slash', {}, 'v1/x'),
  apiService('without group', { group: '' }),
  apiService('of a bad group', { group: 'A_B' }),
  apiService('of a bad version', { version: '1' }),
  apiService('without priorities', { groupPriorityMinimum: 0, versionPriority: 0 }),
  apiService('of high priorities', { groupPriorityMinimum: 20001, versionPriority: 1001 }),
  apiService('local with a CA', { caBundle: 'eA==', insecureSkipTLSVerify: true }),
  apiService('of no service', { service: {} }),
  apiService('of a bad port', { service: { ...service, port: 0 } }),
  apiService('that verifies and does not', { service, caBundle: 'eA==', insecureSkipTLSVerify: true }),
  apiService('that is good', { service, insecureSkipTLSVerify: true }),
]

/** Upstream takes a moment to hear of it. */
const later: readonly Asked[] = [
  get('resources of a server that is not there', '/apis/access-story.example.com/v1/things'),
  get('discovery of a server that is not there', '/apis/access-story.example.com/v1'),
  get('group of a server that is not there', '/apis/access-story.example.com'),
  put('update without version', `${apiServices}/v1.access-story.example.com`, { metadata: { name: 'v1.access-story.example.com' } }),
  remove('its end', `${apiServices}/v1.access-story.example.com`),
]

export const story: readonly Asked[] = [...aggregated, ...faults, ...objects, ...given, ...acting, ...reviews, ...tokenSteps, ...later]
export const contentTypeOf = (asked: Asked): string => asked.contentType ?? json
