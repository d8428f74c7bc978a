/** Who gets in and what they may do, over the wire: front proxies, tokens, acting as others, and ways around rules that must not work. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Authority, createAuthority } from '#deploy/certificates/authority.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { type Call, callServer, type Reply } from '#test/harness/call.ts'

const ns = '/api/v1/namespaces/default'
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const self = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const headersOf = { username: ['X-Remote-User'], uid: ['X-Remote-Uid'], groups: ['X-Remote-Group'], extraPrefixes: ['X-Remote-Extra-'] }

describe('access', () => {
  let server: TestApiServer
  let admin: Call['as']
  let proxy: Call['as']
  let stranger: Call['as']
  const robot = { token: 'robot-token' }

  before(async () => {
    const front = await createAuthority('front-proxy-ca', 1)
    const authority = await Authority.load(front)
    const client = async (commonName: string): Promise<Call['as']> => {
      const { certificate, key } = await authority.issue({ commonName, usages: ['client'], names: [], days: 1 })
      return { cert: certificate, key }
    }
    proxy = await client('front-proxy-client')
    stranger = await client('another-client')
    server = await startTestApiServer({
      more: {
        frontProxy: { ca: front.certificate, names: ['front-proxy-client'], headers: headersOf },
        staticTokens: 'robot-token,robot,7,"machines,tools"\n',
        bootstrapTokens: true,
      },
    })
    const { certificate, key } = await server.identity('admin', 'system:masters')
    admin = { cert: certificate, key }
  })
  after(async () => await server[Symbol.asyncDispose]())

  const call = (method: string, path: string, more: Omit<Call, 'method' | 'path'> = {}) => callServer(server, { method, path, ...more })

  const nameOf = async (as: Call['as'], headers: Call['headers'] = {}): Promise<string> => {
    const { code, body } = await call('POST', self, { ...(as ? { as } : {}), headers, body: {} })
    return code === 201 ? `${body.status.userInfo.username} [${body.status.userInfo.groups.join(' ')}]` : String(code)
  }

  test('identities', async () => {
    const remote = { 'X-Remote-User': 'jane', 'X-Remote-Group': ['a', 'b'], 'X-Remote-Extra-k': 'v' }
    assert.equal(await nameOf(proxy, remote), 'jane [a b system:authenticated]')
    assert.equal(await nameOf(proxy), '401', 'a front proxy is nobody by itself')
    assert.equal(await nameOf(stranger, remote), '401', 'a name that is not allowed')
    assert.equal(await nameOf(admin, remote), 'admin [system:masters system:authenticated]', 'clients speak for themselves')
    assert.equal(await nameOf(undefined, remote), '403', 'nobody speaks for nobody')
    assert.equal(await nameOf(robot), 'robot [machines tools system:authenticated]')
    assert.equal(await nameOf({ token: 'robot-toke' }), '401')
    assert.equal(await nameOf(admin, { 'Impersonate-User': 'jane', 'Impersonate-Group': ['x', 'y'] }), 'jane [x y system:authenticated]')
    assert.equal(await nameOf(robot, { 'Impersonate-User': 'admin', 'Impersonate-Group': 'system:masters' }), '403')
  })

  test('a bootstrap token is good as long as its secret', async () => {
    const data = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' }
    const secret = { metadata: { name: 'bootstrap-token-abcdef' }, type: 'bootstrap.kubernetes.io/token', stringData: data }
    const token = { token: 'abcdef.0123456789abcdef' }
    assert.equal(await nameOf(token), '401')
    assert.equal((await call('POST', '/api/v1/namespaces/kube-system/secrets', { as: admin, body: secret })).code, 201)
    assert.equal(await nameOf(token), 'system:bootstrap:abcdef [system:bootstrappers system:authenticated]')
    assert.equal((await call('DELETE', '/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef', { as: admin })).code, 200)
    assert.equal(await nameOf(token), '401')
  })

  test('rules open what they say, and no way around them more', async () => {
    const role = {
      metadata: { name: 'robot' },
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'create'] },
        {
          apiGroups: [''],
          resources: ['configmaps'],
          resourceNames: ['mine'],
          verbs: ['get', 'update', 'patch', 'delete', 'list', 'watch'],
        },
        { apiGroups: [''], resources: ['services'], verbs: ['watch'] },
      ],
    }
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'robot' }
    const binding = { metadata: { name: 'robot' }, subjects: [{ kind: 'User', name: 'robot' }], roleRef }
    const by = { as: admin }
    assert.equal((await call('POST', `${rbac}/namespaces/default/roles`, { ...by, body: role })).code, 201)
    assert.equal((await call('POST', `${rbac}/namespaces/default/rolebindings`, { ...by, body: binding })).code, 201)
    for (const name of ['mine', 'other']) await call('POST', `${ns}/configmaps`, { ...by, body: { metadata: { name } } })
    const table: readonly [string, string, number][] = [
      ['GET', `${ns}/pods`, 200],
      ['GET', `${ns}/pods/none`, 404],
      ['GET', '/api/v1/namespaces/kube-system/pods', 403],
      ['GET', '/api/v1/pods', 403],
      ['GET', `${ns}/pods?watch=1`, 403],
      ['GET', `/api/v1/watch/namespaces/default/pods`, 403],
      ['GET', `${ns}/pods/none/log`, 403],
      ['GET', `${ns}/pods/none/exec?command=sh`, 403],
      ['POST', `${ns}/pods/none/exec?command=sh`, 403],
      ['POST', `${ns}/pods/none/binding`, 403],
      ['POST', `${ns}/pods/none/eviction`, 403],
      ['GET', `${ns}/pods/none/proxy/`, 403],
      ['GET', `${ns}/pods/none/status`, 403],
      ['DELETE', `${ns}/pods`, 403],
      ['DELETE', `${ns}/pods/none`, 403],
      ['GET', `${ns}/configmaps/mine`, 200],
      ['GET', `${ns}/configmaps/other`, 403],
      ['GET', `${ns}/configmaps?fieldSelector=metadata.name%3Dmine`, 200],
      ['GET', `${ns}/configmaps?fieldSelector=metadata.name%3Dother`, 403],
      ['GET', `${ns}/configmaps?fieldSelector=metadata.name%3Dmine,metadata.name%3Dother`, 403],
      ['GET', `${ns}/configmaps?fieldSelector=metadata.name!%3Dmine`, 403],
      ['GET', `${ns}/configmaps`, 403],
      ['DELETE', `${ns}/configmaps?fieldSelector=metadata.name%3Dmine`, 403],
      ['GET', `${ns}/configmaps/mine%2f..%2fother`, 403],
      ['GET', `${ns}/configmaps/mine/../other`, 403],
      ['GET', `${ns}//configmaps/other`, 403],
      ['GET', `${ns}/ConfigMaps/mine`, 403],
      ['GET', `/apis/apps/v1/namespaces/default/configmaps/mine`, 403],
      ['DELETE', `/api/v1/watch/namespaces/default/services`, 403],
      ['GET', `/api/v1/watch/namespaces/default/services/x/status`, 403],
      ['GET', '/metrics', 403],
      ['GET', '/metrics/', 403],
      ['GET', '/api/v1/nodes/n/proxy/metrics', 403],
      ['GET', '/version', 200],
      ['GET', '/openapi/v2', 200],
    ]
    for (const [method, path, code] of table) assert.equal((await call(method, path, { as: robot })).code, code, `${method} ${path}`)
  })

  test('nobody grows by what they may write', async () => {
    const rules = [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'], verbs: ['create', 'update', 'patch', 'get'] }]
    const by = { as: admin }
    assert.equal((await call('POST', `${rbac}/clusterroles`, { ...by, body: { metadata: { name: 'writer' }, rules } })).code, 201)
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'writer' }
    const binding = { metadata: { name: 'writer' }, subjects: [{ kind: 'Group', name: 'machines' }], roleRef }
    assert.equal((await call('POST', `${rbac}/clusterrolebindings`, { ...by, body: binding })).code, 201)
    const all = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
    const toAdmin = { ...binding, metadata: { name: 'more' }, roleRef: { ...roleRef, name: 'cluster-admin' } }
    const table: readonly [string, string, object][] = [
      ['POST', `${rbac}/clusterroles`, { metadata: { name: 'more' }, rules: all }],
      ['PUT', `${rbac}/clusterroles/more`, { metadata: { name: 'more' }, rules: all }],
      ['PUT', `${rbac}/clusterroles/writer`, { metadata: { name: 'writer' }, rules: all }],
      ['PATCH', `${rbac}/clusterroles/writer`, { rules: all }],
      ['POST', `${rbac}/clusterrolebindings`, toAdmin],
      ['PUT', `${rbac}/clusterrolebindings/more`, toAdmin],
      ['POST', `${rbac}/namespaces/default/rolebindings`, toAdmin],
      [
        'PATCH',
        `${rbac}/clusterrolebindings/cluster-admin`,
        { subjects: [{ kind: 'User', name: 'robot', apiGroup: 'rbac.authorization.k8s.io' }] },
      ],
    ]
    for (const [method, path, body] of table) {
      const headers = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {}
      const reply = await call(method, path, { as: robot, body, headers })
      assert.equal(reply.code, 403, `${method} ${path}`)
      assert.match(reply.body.message, /attempting to grant RBAC permissions not currently held/, path)
    }
    const held = { metadata: { name: 'held' }, rules: [{ ...rules[0], verbs: ['get'] }] }
    assert.equal((await call('POST', `${rbac}/clusterroles`, { as: robot, body: held })).code, 201)
  })

  test('a secret of an account gets its token, which ends with the account', async () => {
    const account = { as: admin, body: { metadata: { name: 'keeper' } } }
    assert.equal((await call('POST', `${ns}/serviceaccounts`, account)).code, 201)
    const metadata = { name: 'keeper-token', annotations: { 'kubernetes.io/service-account.name': 'keeper' } }
    const secret = { as: admin, body: { metadata, type: 'kubernetes.io/service-account-token' } }
    assert.equal((await call('POST', `${ns}/secrets`, secret)).code, 201)
    const reached = async (isReached: (reply: Reply) => boolean): Promise<Reply> => {
      const deadline = Date.now() + 60_000
      for (;;) {
        const reply = await call('GET', `${ns}/secrets/keeper-token`, { as: admin })
        if (isReached(reply)) return reply
        assert.ok(Date.now() < deadline, JSON.stringify(reply))
        await delay(5)
      }
    }
    const { body } = await reached((reply) => reply.body.data?.token !== undefined)
    const as = { token: Buffer.from(body.data.token, 'base64').toString() }
    const groups = 'system:serviceaccounts system:serviceaccounts:default system:authenticated'
    assert.equal(await nameOf(as), `system:serviceaccount:default:keeper [${groups}]`)
    assert.equal((await call('DELETE', `${ns}/serviceaccounts/keeper`, { as: admin })).code, 200)
    await reached((reply) => reply.code === 404)
    assert.equal(await nameOf(as), '401')
  })

  test('a thousand bindings and a change among them', async () => {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }
    const make = (i: number): Promise<Reply> => {
      const subjects = [{ kind: 'User', name: `user-${i}` }]
      return call('POST', `${rbac}/namespaces/default/rolebindings`, {
        as: admin,
        body: { metadata: { name: `b-${i}` }, subjects, roleRef },
      })
    }
    for (let i = 0; i < 1000; i += 50) await Promise.all(Array.from({ length: 50 }, (_, j) => make(i + j)))
    const headers = { 'Impersonate-User': 'user-999' }
    assert.equal((await call('GET', `${ns}/services`, { as: admin, headers })).code, 403, 'view holds nothing before it is gathered')
    const rules = [{ apiGroups: [''], resources: ['services'], verbs: ['list'] }]
    const patch = { body: { rules }, headers: { 'content-type': 'application/merge-patch+json' }, as: admin }
    assert.equal((await call('PATCH', `${rbac}/clusterroles/view`, patch)).code, 200)
    const deadline = Date.now() + 60_000
    let code = 0
    while (code !== 200 && Date.now() < deadline) {
      code = (await call('GET', `${ns}/services`, { as: admin, headers })).code
      await delay(5)
    }
    assert.equal(code, 200)
  })
})
