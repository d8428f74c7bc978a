/** What a stolen node, an old client or a reader of logs gets from the API server: nothing beyond its own. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { connect } from 'node:tls'
import { createLogger } from '#component/logging.ts'
import { Authority, createAuthority } from '#deploy/certificates/authority.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { callServer } from '#test/harness/call.ts'

interface Identity {
  cert?: string
  key?: string
  token?: string
  headers?: Readonly<Record<string, string>>
}

const core = '/api/v1/namespaces/default'
const nodes = '/api/v1/nodes'
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const headersOf = { username: ['X-Remote-User'], uid: [], groups: ['X-Remote-Group'], extraPrefixes: [] }

describe('hostile identities', () => {
  let server: TestApiServer
  let admin: Identity
  let node: Identity
  let frontProxy: Authority
  const lines: string[] = []

  before(async () => {
    const authority = await createAuthority('front-proxy-ca', 1)
    frontProxy = await Authority.load(authority)
    const destination = { write: (line: string) => void lines.push(line) }
    server = await startTestApiServer({
      log: createLogger({ name: 'apiserver', verbosity: 10, format: 'text', destination }),
      more: { frontProxy: { ca: authority.certificate, names: ['front-proxy-client'], headers: headersOf } },
    })
    admin = await identityOf('admin', 'system:masters')
    node = await identityOf('system:node:own', 'system:nodes')
  })
  after(async () => await server[Symbol.asyncDispose]())

  async function identityOf(user: string, group: string): Promise<Identity> {
    const { certificate, key } = await server.identity(user, group)
    return { cert: certificate, key }
  }

  const call = ({ headers = {}, ...as }: Identity, method: string, path: string, body?: object) =>
    callServer(server, { as, headers, method, path, ...(body ? { body } : {}) })

  test('a node touches its own pods, secrets and lease, and nothing else', async () => {
    const pod = (name: string, nodeName: string, secretName: string): object => ({
      metadata: { name },
      spec: {
        nodeName,
        automountServiceAccountToken: false,
        containers: [{ name: 'c', image: 'i' }],
        volumes: [{ name: 's', secret: { secretName } }],
      },
    })
    const taint = { key: 'k', effect: 'NoSchedule' }
    for (const [path, body] of [
      [nodes, { metadata: { name: 'own' }, spec: { taints: [taint] } }],
      [nodes, { metadata: { name: 'other' } }],
      [`${core}/secrets`, { metadata: { name: 'mine' } }],
      [`${core}/secrets`, { metadata: { name: 'foreign' } }],
      [`${core}/pods`, pod('mine', 'own', 'mine')],
      [`${core}/pods`, pod('foreign', 'other', 'foreign')],
    ] as const)
      assert.equal((await call(admin, 'POST', path, body)).code, 201, path)
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'other', uid: 'x' }
    const lease = (name: string): object => ({ metadata: { name, namespace: 'kube-node-lease' }, spec: { holderIdentity: name } })
    const mirror = { ...pod('mirror', 'own', 'foreign'), metadata: { name: 'mirror', annotations: { 'kubernetes.io/config.mirror': 'x' } } }
    const table: readonly [string, string, object | undefined, number][] = [
      ['GET', `${core}/secrets/mine`, undefined, 200],
      ['GET', `${core}/secrets/foreign`, undefined, 403],
      ['GET', `${core}/secrets`, undefined, 403],
      ['GET', `${core}/secrets?fieldSelector=metadata.name%3Dmine`, undefined, 200],
      ['GET', `${core}/secrets?fieldSelector=metadata.name%3Dforeign`, undefined, 403],
      ['PATCH', `${core}/secrets/mine`, {}, 403],
      ['PATCH', `${core}/pods/mine/status`, { status: { phase: 'Running' } }, 200],
      ['PATCH', `${core}/pods/foreign/status`, { status: { phase: 'Running' } }, 403],
      ['PATCH', `${core}/pods/mine/status`, { metadata: { labels: { a: 'b' } } }, 403],
      ['PATCH', `${core}/pods/mine`, { metadata: { labels: { a: 'b' } } }, 403],
      ['DELETE', `${core}/pods/foreign`, undefined, 403],
      ['POST', `${core}/pods/foreign/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'foreign' } }, 403],
      ['POST', `${core}/pods/foreign/binding`, { target: { kind: 'Node', name: 'own' } }, 403],
      ['POST', `${core}/pods`, pod('x', 'own', 'foreign'), 403],
      ['POST', `${core}/pods`, mirror, 403],
      ['PATCH', `${nodes}/other`, { metadata: { labels: { a: 'b' } } }, 403],
      ['PATCH', `${nodes}/other/status`, {}, 403],
      ['PATCH', `${nodes}/own`, { spec: { taints: null } }, 403],
      ['PATCH', `${nodes}/own`, { metadata: { ownerReferences: [owner] } }, 403],
      ['PATCH', `${nodes}/own`, { metadata: { labels: { 'node-restriction.kubernetes.io/x': 'y' } } }, 403],
      ['PATCH', `${nodes}/own`, { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } } }, 403],
      ['PATCH', `${nodes}/own`, { metadata: { labels: { free: 'y' } } }, 200],
      ['POST', nodes, { metadata: { name: 'third' } }, 403],
      ['DELETE', `${nodes}/own`, undefined, 403],
      ['POST', leases, lease('own'), 201],
      ['POST', leases, lease('other'), 403],
      ['POST', `${core}/serviceaccounts/default/token`, { spec: {} }, 403],
      ['GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles', undefined, 403],
      ['GET', '/metrics', undefined, 403],
    ]
    for (const [method, path, body, code] of table) {
      const answer = await call(node, method, path, body)
      assert.equal(answer.code, code, `${method} ${path} ${JSON.stringify(body)}: ${answer.body.message}`)
      if (code >= 400) assert.equal(answer.body.kind, 'Status')
    }
    // The group alone makes no node.
    const nameless = await identityOf('somebody', 'system:nodes')
    assert.equal((await call(nameless, 'GET', `${core}/secrets/mine`)).code, 403)
    assert.equal((await call({ ...node, headers: { 'impersonate-user': 'system:node:other' } }, 'GET', `${core}/secrets/mine`)).code, 403)
  })

  test('the names in headers count from the front proxy alone', async () => {
    const headers = { 'x-remote-user': 'somebody', 'x-remote-group': 'system:masters' }
    const self = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    const named = async (as: Identity): Promise<string> =>
      (await call({ ...as, headers }, 'POST', self, {})).body.status?.userInfo?.username
    const issue = async (authority: Authority, commonName: string): Promise<Identity> => {
      const { certificate, key } = await authority.issue({ commonName, usages: ['client'], names: [], days: 1 })
      return { cert: certificate, key }
    }
    assert.equal(await named(await issue(frontProxy, 'front-proxy-client')), 'somebody')
    assert.equal(await named(await issue(frontProxy, 'another')), undefined)
    assert.equal(await named(await issue(server.ca, 'front-proxy-client')), 'front-proxy-client')
    assert.equal(await named(node), 'system:node:own')
  })

  test('nothing older than TLS 1.2 is spoken', async () => {
    for (const maxVersion of ['TLSv1', 'TLSv1.1'] as const) {
      const socket = connect({
        port: server.port,
        host: '127.0.0.1',
        ca: server.caPem,
        minVersion: 'TLSv1',
        maxVersion,
        ciphers: 'ALL:@SECLEVEL=0',
      })
      const [error] = (await once(socket, 'error')) as [Error]
      assert.match(error.message, /protocol version|unsupported protocol|no protocols/i)
    }
  })

  test('secrets and tokens stand in no log, no event and no refusal', async () => {
    const secret = 'c3VycHJpc2luZ2x5LXNlY3JldA=='
    const plain = 'surprisingly-secret'
    const made = await call(admin, 'POST', `${core}/serviceaccounts/default/token`, { spec: {} })
    const token = String(made.body.status.token)
    const [, , signature = ''] = token.split('.')
    assert.equal((await call({ token }, 'GET', `${core}/pods`)).code, 403)
    const forged = `${token.slice(0, -6)}AAAAAA`
    const answers = [
      await call({ token: forged }, 'GET', '/api'),
      await call(admin, 'POST', `${core}/secrets`, { metadata: { name: 'logged' }, data: { k: secret }, stringData: { l: plain } }),
      await call(admin, 'POST', `${core}/secrets`, { metadata: { name: 'Wrong' }, data: { k: secret }, stringData: { l: plain } }),
      await call(admin, 'PATCH', `${core}/secrets/logged`, { type: 'x' }),
      await call(admin, 'PUT', `${core}/secrets/logged`, { metadata: { name: 'logged' }, type: 'x', data: { k: secret } }),
    ]
    assert.deepEqual(
      answers.map(({ code }) => code),
      [401, 201, 422, 422, 422],
    )
    const refusals = JSON.stringify(answers.filter(({ code }) => code >= 400))
    const events = JSON.stringify((await call(admin, 'GET', '/api/v1/events')).body)
    for (const text of [lines.join(''), refusals, events])
      for (const hidden of [secret, plain, signature, token.slice(20, 60), 'PRIVATE KEY'])
        assert.ok(!text.includes(hidden), `${hidden} in ${text.slice(Math.max(0, text.indexOf(hidden) - 300)).slice(0, 400)}`)
    assert.ok(lines.length > 0, 'something is logged')
  })
})
