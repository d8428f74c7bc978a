/** What a hostile client may try on the apiserver: odd paths, bodies, patches, tokens, certificates and connections. */
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import { after, before, describe, test } from 'node:test'
import { type ConnectionOptions, connect } from 'node:tls'
import { Nodes } from '#api/core/node.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { createLogger } from '#component/logging.ts'
import { Authority, createAuthority } from '#deploy/certificates/authority.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { type Call, callServer, type Reply } from '#test/harness/call.ts'

const base = '/api/v1/namespaces/default'
const json = { 'content-type': 'application/json' }
const jsonPatch = { 'content-type': 'application/json-patch+json' }

describe('a hostile client', () => {
  let server: TestApiServer
  let admin: { cert: string; key: string }
  /** What the server calls its own mistakes. */
  const failures: string[] = []

  before(async () => {
    const destination = { write: (line: string) => void (line.startsWith('E ') && failures.push(line)) }
    server = await startTestApiServer({ log: createLogger({ name: 'apiserver', verbosity: 0, format: 'text', destination }) })
    const { certificate, key } = await server.identity('admin', 'system:masters')
    admin = { cert: certificate, key }
    assert.equal((await call('POST', `${base}/configmaps`, { as: admin, headers: json, body: configMap('kept') })).code, 201)
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    assert.deepEqual(failures, [])
  })

  async function call(method: string, path: string, more: Omit<Call, 'method' | 'path'> = {}): Promise<Reply> {
    const reply = await callServer(server, { method, path, ...more })
    assert.doesNotMatch(reply.text, /\n\s+at |node:internal|\/apiserver\//, 'no stack trace')
    return reply
  }

  const configMap = (name: string, more: object = {}): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...more }, data: { a: 'b' } })

  test('changes nothing by paths that read', async () => {
    const user = { as: admin, headers: json, body: configMap('by-watch') }
    assert.equal((await call('DELETE', '/api/v1/watch/namespaces/default/configmaps', { as: admin })).code, 404)
    assert.equal((await call('POST', '/api/v1/watch/namespaces/default/configmaps', user)).code, 404)
    assert.equal((await call('GET', '/api/v1/proxy/namespaces/default/configmaps/kept', { as: admin })).code, 404)
    assert.equal((await call('GET', `${base}/configmaps/kept`, { as: admin })).code, 200)
    const proxy = await server.identity('system:kube-proxy')
    const emptied = await call('DELETE', '/api/v1/watch/namespaces/default/services', { as: { cert: proxy.certificate, key: proxy.key } })
    assert.equal(emptied.code, 403)
  })

  test('finds no object by a path of the wrong form', async () => {
    const table: readonly [string, number][] = [
      ['//api/v1/pods', 404],
      ['/api//v1/pods', 404],
      [`${base}/nodes`, 404],
      ['/api/v1/configmaps/kept', 404],
      [`${base}/configmaps/x%2f..%2fkept`, 404],
      [`${base}/configmaps/..%2f..%2fkube-system`, 404],
      ['/api/v1/__proto__', 404],
      ['/apis/__proto__/v1/x', 404],
      [`${base}/constructor/kept`, 404],
      [`${base}/configmaps/kept/constructor`, 404],
      [`${base}/configmaps/%zz`, 400],
      [`${base}/configmaps/a%00%1b%5b31m`, 404],
      [`${base}/configmaps?limit=99999999999999999999`, 400],
      [`${base}/configmaps?continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1.5,"start":"x"}').toString('base64url')}`, 400],
      [`${base}/configmaps?continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":5,"start":"../../x"}').toString('base64url')}`, 400],
      [`${base}/configmaps?fieldSelector=__proto__%3Dx`, 400],
    ]
    for (const [path, code] of table) assert.equal((await call('GET', path, { as: admin })).code, code, path)
    const named = await call('GET', `${base}/configmaps/a%00%1b%5b31m`, { as: admin })
    assert.equal(named.body.message, 'configmaps "a\\x00\\x1b[31m" not found')
    const asked = { as: admin, headers: { accept: 'application/json;as=__proto__;v=v1;g=meta.k8s.io' } }
    assert.equal((await call('GET', `${base}/configmaps`, asked)).code, 406)
  })

  test('brings down nothing by bodies', async () => {
    const post = (body: string | Buffer, headers: Record<string, string> = json): Promise<Reply> =>
      call('POST', `${base}/configmaps?dryRun=All`, { as: admin, headers, body })
    const keys = Array.from({ length: 200_000 }, (_, i) => `"k${i}":""`).join(',')
    const polluting =
      '{"metadata":{"name":"p","labels":{"__proto__":"a","constructor":"b"}},"data":{"__proto__":"p"},"__proto__":{"polluted":1}}'
    const yaml = { 'content-type': 'application/yaml' }
    const bomb = `a: &a [x,x]\n${'bcdefghijklmnopqrstuvwxyz'.replace(/./g, (c) => `${c}: &${c} [*${String.fromCharCode(c.charCodeAt(0) - 1)},*${String.fromCharCode(c.charCodeAt(0) - 1)}]\n`)}`
    assert.equal((await post('{"metadata":')).code, 400)
    assert.equal((await post('['.repeat(1_000_000))).code, 400)
    assert.equal((await post(`{"data":${'{"a":'.repeat(300_000)}`)).code, 400)
    assert.equal((await post(`{"metadata":{"name":"keys"},"data":{${keys}}}`)).code, 201)
    assert.equal((await post(polluting)).code, 422)
    assert.equal(({} as { polluted?: number }).polluted, undefined)
    assert.equal((await post(bomb, yaml)).code, 400)
    assert.equal((await post('['.repeat(100_000), yaml)).code, 400)
    assert.equal((await post('z: &z [*z]', yaml)).code, 400)
    assert.equal((await post(configMap('x'), { 'content-type': 'garbage' })).code, 415)
    assert.equal((await post(configMap('x'), { 'content-type': 'application/vnd.kubernetes.protobuf' })).code, 400)
    assert.equal((await post(Buffer.alloc(3 * 1024 * 1024 + 1, 32))).code, 413)
    assert.equal(
      (await post(configMap('x', { resourceVersion: '5' }))).body.message,
      'resourceVersion should not be set on objects to be created',
    )
    assert.equal((await post(configMap('x', { namespace: 'other' }))).code, 400)
  })

  test('sends a body without end in vain', async () => {
    const headers = { ...json, 'transfer-encoding': 'chunked' }
    const sent = request({
      host: '127.0.0.1',
      port: server.port,
      ca: server.caPem,
      path: `${base}/configmaps`,
      method: 'POST',
      headers,
      ...admin,
    })
    sent.on('error', () => undefined) // the server may cut the connection while more is being sent
    let bytes = 0
    const more = (): void => {
      while (!sent.destroyed && bytes < 64 * 1024 * 1024) {
        bytes += 65536
        if (!sent.write(Buffer.alloc(65536, 32))) return void sent.once('drain', more)
      }
    }
    more()
    // A cut that is met in the middle of a write comes before the answer is read.
    const answer = await once(sent, 'response').then(
      ([response]: { statusCode: number }[]) => response?.statusCode,
      ({ code }: NodeJS.ErrnoException) => code,
    )
    sent.destroy()
    assert.ok([413, 'EPIPE', 'ECONNRESET'].includes(answer ?? ''), String(answer))
    assert.ok(bytes < 32 * 1024 * 1024, `${bytes} bytes were taken`)
  })

  test('fills no memory by patches', async () => {
    const patch = (operations: unknown): Promise<Reply> =>
      call('PATCH', `${base}/configmaps/kept`, { as: admin, headers: jsonPatch, body: JSON.stringify(operations) })
    const doubling = Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '/metadata', path: `/metadata/n${i}` }))
    assert.equal((await patch(doubling)).code, 422)
    assert.equal((await patch(Array(10_001).fill({ op: 'test', path: '/kind', value: 'ConfigMap' }))).code, 413)
    assert.equal((await patch([{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }])).code, 422)
    assert.equal(({} as { polluted?: number }).polluted, undefined)
  })

  test('is nobody without credentials, and learns nothing but health and version', async () => {
    for (const path of ['/healthz', '/livez', '/readyz', '/version']) assert.equal((await call('GET', path)).code, 200, path)
    const closed = [
      '/',
      '/api',
      '/apis',
      '/openapi/v2',
      '/openapi/v3',
      '/metrics',
      '/debug/pprof/',
      '/logs/',
      '/configz',
      '/openid/v1/jwks',
    ]
    const objects = [
      '/api/v1/secrets',
      `${base}/pods/p/log`,
      `${base}/pods/p/exec?command=a`,
      '/api/v1/nodes/n/proxy/',
      '/apis/apps/v1/deployments',
    ]
    for (const path of [...closed, ...objects]) assert.equal((await call('GET', path)).code, 403, path)
    assert.equal((await call('GET', '/version', { headers: { 'impersonate-user': 'admin', 'x-remote-user': 'admin' } })).code, 403)
    assert.equal(
      (await call('GET', '/api/v1/secrets', { headers: { 'x-remote-user': 'admin', 'x-remote-group': 'system:masters' } })).code,
      403,
    )
  })

  test('is nobody with certificates of others, or of yesterday', async () => {
    const foreign = await (await Authority.load(await createAuthority('test-ca', 1))).issue({
      commonName: 'admin',
      organization: 'system:masters',
      usages: ['client'],
      names: [],
      days: 1,
    })
    const expired = await server.ca.issue({ commonName: 'admin', organization: 'system:masters', usages: ['client'], names: [], days: 0 })
    for (const { certificate, key } of [foreign, expired])
      assert.equal((await call('GET', '/api/v1/secrets', { as: { cert: certificate, key } })).code, 401)
  })

  test('gets nowhere with tokens that this server did not sign for itself, for now and for somebody who is there', async () => {
    const made = await call('POST', `${base}/serviceaccounts/default/token`, { as: admin, headers: json, body: '{"spec":{}}' })
    const good = String(made.body.status.token)
    assert.equal((await call('GET', '/api', { as: { token: good } })).code, 200)
    const [head = '', payload = '', signature = ''] = good.split('.')
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const header = JSON.parse(Buffer.from(head, 'base64url').toString())
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const signed = (key: KeyObject, change: object): string => {
      const text = `${head}.${part({ ...claims, ...change })}`
      return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    }
    const jwks = await call('GET', '/openid/v1/jwks', { as: admin })
    const hmac = `${part({ ...header, alg: 'HS256' })}.${payload}`
    const audience = await call('POST', `${base}/serviceaccounts/default/token`, {
      as: admin,
      headers: json,
      body: '{"spec":{"audiences":["vault"]}}',
    })
    const bad: Record<string, string> = {
      'no signature': `${part({ alg: 'none' })}.${payload}.`,
      'none with a signature': `${part({ ...header, alg: 'none' })}.${payload}.${signature}`,
      'changed claims': `${head}.${part({ ...claims, exp: claims.exp + 1 })}.${signature}`,
      'the public key as a secret': `${hmac}.${createHmac('sha256', JSON.stringify(jwks.body.keys[0])).update(hmac).digest('base64url')}`,
      'a foreign key': signed(other, {}),
      'another audience': String(audience.body.status.token),
      'no token at all': 'abc',
      'far too long': `${head}.${payload}.${'A'.repeat(10_000)}`,
    }
    for (const [name, token] of Object.entries(bad)) {
      const { code, body } = await call('GET', '/api', { as: { token } })
      assert.equal(code, 401, name)
      assert.equal(body.message, 'Unauthorized', name)
    }
    assert.equal((await call('GET', '/api', { headers: { authorization: 'Basic YWRtaW46YWRtaW4=' } })).code, 403)
  })

  test('does not keep the socket of a refused upgrade', { timeout: 60_000 }, async () => {
    const options: ConnectionOptions & { allowHalfOpen: boolean } = {
      port: server.port,
      host: '127.0.0.1',
      ca: server.caPem,
      allowHalfOpen: true,
    }
    const socket = connect(options)
    await once(socket, 'secureConnect')
    socket.write(`GET ${base}/pods/p/exec?command=a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    assert.match(answer.toString(), /^HTTP\/1.1 403 /)
    const writing = setInterval(() => socket.write('more'), 50)
    // Being cut off in the middle of a write is what is waited for.
    await new Promise<void>((closed) => socket.on('error', () => undefined).on('close', () => closed()))
    clearInterval(writing)
  })

  test('watches no cluster-scoped kind by a namespaced path', async () => {
    const head = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
    for (const [path, status] of [
      [`${base}/nodes?watch=1`, / 404 /],
      ['/api/v1/nodes?watch=1', / 101 /],
    ] as const) {
      const socket = connect({ port: server.port, host: '127.0.0.1', ca: server.caPem, ...admin })
      await once(socket, 'secureConnect')
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${head}\r\n`)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      assert.match(answer.toString().split('\r\n')[0] ?? '', status)
      socket.destroy()
    }
  })

  test('reaches no address of this machine through a node that claims it', async () => {
    const writer = { user: { name: 'test', groups: ['system:masters'] }, dryRun: false, namespace: '', warn: () => undefined }
    for (const [name, type, address] of [
      ['by-ip', 'InternalIP', '127.0.0.1'],
      ['by-name', 'Hostname', 'localhost'],
      ['by-mapped', 'InternalIP', '::ffff:127.0.0.1'],
    ]) {
      const node = { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, status: { addresses: [{ type, address }] } }
      await server.parts.registry.create(Nodes as unknown as Resource, node as unknown as KubeObject, writer)
      for (const path of [`/api/v1/nodes/${name}/proxy/metrics`, `/api/v1/nodes/http:${name}:${server.port}/proxy/`]) {
        const { code, body } = await call('GET', path, { as: admin })
        assert.deepEqual([code, body.message], [400, 'address not allowed'], path)
      }
    }
  })
})
