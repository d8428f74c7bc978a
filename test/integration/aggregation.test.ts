/** Other servers behind this one: a group version of an extension server is discovered, asked on behalf of users, and missed when it goes. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Authority, createAuthority, type KeyPairPem } from '#deploy/certificates/authority.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { type Call, callServer, type Reply } from '#test/harness/call.ts'
import { type ExtensionServer, ownAddress, startExtensionServer } from '#test/harness/extension-server.ts'

const address = ownAddress()
const metrics = '/apis/metrics.k8s.io/v1beta1'

describe('aggregation', { skip: address === undefined && 'this machine has no address but the loopback one' }, () => {
  let server: TestApiServer
  let extension: ExtensionServer
  let extensionCa: KeyPairPem
  let admin: { cert: string; key: string }

  before(async () => {
    const front = await createAuthority('front-proxy-ca', 1)
    const proxy = await (await Authority.load(front)).issue({ commonName: 'front-proxy-client', usages: ['client'], names: [], days: 1 })
    extensionCa = await createAuthority('extension-ca', 1)
    const serving = await (await Authority.load(extensionCa)).issue({
      commonName: 'metrics',
      usages: ['server'],
      names: [{ type: 'dns', value: 'metrics.kube-system.svc' }],
      days: 1,
    })
    extension = await startExtensionServer(serving, front.certificate)
    server = await startTestApiServer({ more: { proxyIdentity: { cert: proxy.certificate, key: proxy.key } } })
    const { certificate, key } = await server.identity('admin', 'system:masters')
    admin = { cert: certificate, key }
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await extension[Symbol.asyncDispose]()
  })

  const call = (method: string, path: string, more: Partial<Call> = {}): Promise<Reply> =>
    callServer(server, { method, path, as: admin, ...more })

  const apiService = (more: object = {}): object => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      service: { namespace: 'kube-system', name: 'metrics' },
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      caBundle: Buffer.from(extensionCa.certificate).toString('base64'),
      ...more,
    },
  })
  const path = '/apis/apiregistration.k8s.io/v1/apiservices'
  const slices = '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices'

  async function untilCondition(reason: string): Promise<void> {
    const deadline = Date.now() + 60_000
    let last = ''
    while (Date.now() < deadline) {
      const [condition] = (await call('GET', `${path}/v1beta1.metrics.k8s.io`)).body.status.conditions ?? []
      last = JSON.stringify(condition)
      if (condition?.reason === reason) return
      await delay(20)
    }
    assert.fail(`the condition is ${last}, not ${reason}`)
  }

  test('the own group versions are registered', async () => {
    const { items } = (await call('GET', path)).body
    const names = items.map((item: { metadata: { name: string } }) => item.metadata.name)
    for (const name of ['v1.', 'v1.apps', 'v1.rbac.authorization.k8s.io', 'v1.authorization.k8s.io']) assert.ok(names.includes(name), name)
    const apps = items.find((item: { metadata: { name: string } }) => item.metadata.name === 'v1.apps')
    assert.deepEqual(apps.spec, { group: 'apps', version: 'v1', groupPriorityMinimum: 17800, versionPriority: 15 })
    assert.equal(apps.metadata.labels['kube-aggregator.kubernetes.io/automanaged'], 'onstart')
    assert.equal(apps.status.conditions[0].reason, 'Local')
  })

  test('becomes available step by step', async () => {
    assert.equal((await call('POST', path, { body: apiService() })).code, 201)
    await untilCondition('ServiceNotFound')
    assert.equal((await call('GET', `${metrics}/nodes`)).text, 'service unavailable\n')
    const stale = await call('GET', '/apis', {
      headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    })
    const group = stale.body.items.find((item: { metadata: { name: string } }) => item.metadata.name === 'metrics.k8s.io')
    assert.equal(group.versions[0].freshness, 'Stale')
    const service = { metadata: { name: 'metrics' }, spec: { ports: [{ name: 'https', port: 443, targetPort: extension.port }] } }
    assert.equal((await call('POST', '/api/v1/namespaces/kube-system/services', { body: service })).code, 201)
    await untilCondition('EndpointsNotFound')
    const slice = {
      metadata: { name: 'metrics-1', labels: { 'kubernetes.io/service-name': 'metrics' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: false } }],
      ports: [{ name: 'https', port: extension.port }],
    }
    assert.equal((await call('POST', slices, { body: slice })).code, 201)
    await untilCondition('MissingEndpoints')
    const ready = { endpoints: [{ addresses: [address], conditions: { ready: true } }] }
    const headers = { 'content-type': 'application/merge-patch+json' }
    assert.equal((await call('PATCH', `${slices}/metrics-1`, { body: ready, headers })).code, 200)
    await untilCondition('Passed')
  })

  test('is discovered', async () => {
    const groups = (await call('GET', '/apis')).body.groups
    assert.equal(groups.at(-1).name, 'metrics.k8s.io')
    assert.equal((await call('GET', '/apis/metrics.k8s.io')).body.preferredVersion.groupVersion, 'metrics.k8s.io/v1beta1')
    const list = await call('GET', metrics)
    assert.equal(list.headers['x-extension'], 'yes')
    const aggregated = await call('GET', '/apis', {
      headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    })
    const group = aggregated.body.items.find((item: { metadata: { name: string } }) => item.metadata.name === 'metrics.k8s.io')
    assert.deepEqual(
      group.versions[0].resources.map((r: { resource: string; scope: string }) => `${r.resource} ${r.scope}`),
      ['nodes Cluster', 'pods Namespaced'],
    )
    assert.equal(group.versions[0].freshness, 'Current')
  })

  test('is described', async () => {
    const url = (await call('GET', '/openapi/v3')).body.paths['apis/metrics.k8s.io/v1beta1'].serverRelativeURL
    assert.equal((await call('GET', url)).body.info.title, 'metrics')
    assert.equal(extension.asked.at(-1)?.headers['x-remote-user'], 'system:aggregator')
  })

  test('is asked on behalf of the user, and of nobody else', async () => {
    extension.asked.length = 0
    const headers = {
      'impersonate-user': 'Jörg',
      'impersonate-group': ['a', 'b'],
      'impersonate-uid': '7',
      'impersonate-extra-k%2fx': 'v',
      'x-remote-user': 'root',
      'x-remote-group': 'system:masters',
      'x-remote-extra-k': 'stolen',
      authorization: 'Bearer secret',
    }
    // Not allowed to Jörg.
    const utf8 = { ...headers, 'impersonate-user': Buffer.from('Jörg').toString('latin1') }
    assert.equal((await call('GET', `${metrics}/nodes`, { headers: utf8 })).code, 403)
    assert.equal(extension.asked.length, 0)
    const rbac = '/apis/rbac.authorization.k8s.io/v1'
    const role = { metadata: { name: 'metrics' }, rules: [{ apiGroups: ['metrics.k8s.io'], resources: ['*'], verbs: ['*'] }] }
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'metrics' }
    const subjects = [{ kind: 'User', name: 'Jörg' }]
    assert.equal((await call('POST', `${rbac}/clusterroles`, { body: role })).code, 201)
    assert.equal(
      (await call('POST', `${rbac}/clusterrolebindings`, { body: { metadata: { name: 'metrics' }, subjects, roleRef } })).code,
      201,
    )
    const reply = await call('POST', `${metrics}/nodes?pretty=1`, { headers: utf8, body: { hello: 'world' } })
    assert.equal(reply.code, 200)
    const [asked] = extension.asked
    assert.ok(asked)
    assert.equal(asked.caller, 'front-proxy-client')
    assert.equal(asked.url, `${metrics}/nodes?pretty=1`)
    assert.equal(asked.body, '{"hello":"world"}')
    const remote = asked.rawHeaders.flatMap((name, i) =>
      i % 2 === 0 && /^(x-remote|impersonate|authorization)/i.test(name)
        ? [`${name.toLowerCase()}: ${Buffer.from(asked.rawHeaders[i + 1] ?? '', 'latin1').toString()}`]
        : [],
    )
    assert.deepEqual(remote.sort(), [
      'x-remote-extra-k%2fx: v',
      'x-remote-group: a',
      'x-remote-group: b',
      'x-remote-group: system:authenticated',
      'x-remote-uid: 7',
      'x-remote-user: Jörg',
    ])
  })

  test('streams what comes without end', async () => {
    const sent = request({
      host: '127.0.0.1',
      port: server.port,
      ca: server.caPem,
      path: `${metrics}/nodes?watch=1`,
      agent: false,
      ...admin,
    })
    sent.end()
    const [response] = await once(sent, 'response')
    let text = ''
    for await (const chunk of response) {
      text += chunk
      if (text.includes('MODIFIED')) break
    }
    assert.match(text, /^\{"type":"ADDED"\}\n\{"type":"MODIFIED"\}/)
  })

  test('takes bodies and streams over HTTP/2', async () => {
    extension.asked.length = 0
    const session = connect(server.url, { ca: server.caPem, ...admin })
    const post = session.request({ ':method': 'POST', ':path': `${metrics}/nodes` })
    post.write('{"a":')
    post.end('1}')
    const [headers] = (await once(post, 'response')) as [Record<string, unknown>]
    assert.equal(headers[':status'], 200)
    assert.equal(extension.asked[0]?.body, '{"a":1}')
    assert.match(String(extension.asked[0]?.headers['x-forwarded-host']), /^127\.0\.0\.1:/)
    post.resume()
    const watch = session.request({ ':path': `${metrics}/nodes?watch=1` })
    let text = ''
    for await (const chunk of watch) {
      text += chunk
      if (text.includes('MODIFIED')) break
    }
    assert.match(text, /^\{"type":"ADDED"\}\n\{"type":"MODIFIED"\}/)
    session.destroy()
  })

  test('upgrades connections', async () => {
    extension.asked.length = 0
    const headers = { connection: 'Upgrade', upgrade: 'echo', 'x-remote-user': 'root' }
    const sent = request({
      host: '127.0.0.1',
      port: server.port,
      ca: server.caPem,
      path: `${metrics}/nodes/n/shell`,
      headers,
      agent: false,
      ...admin,
    })
    sent.end()
    const [, socket] = await once(sent, 'upgrade')
    socket.write('hello')
    const [echo] = await once(socket, 'data')
    assert.equal(String(echo), 'hello')
    socket.destroy()
    assert.equal(extension.asked[0]?.headers['x-remote-user'], 'admin')
  })

  test('passes no redirect on', async () => {
    const reply = await call('GET', `${metrics}/nodes/redirect`)
    assert.equal(reply.code, 502)
    assert.equal(reply.headers['location'], undefined)
  })

  test('verifies the certificate of the other server', async () => {
    const other = await createAuthority('other', 1)
    const body = { spec: { caBundle: Buffer.from(other.certificate).toString('base64') } }
    const headers = { 'content-type': 'application/merge-patch+json' }
    assert.equal((await call('PATCH', `${path}/v1beta1.metrics.k8s.io`, { body, headers })).code, 200)
    const reply = await call('GET', `${metrics}/nodes`)
    assert.equal(reply.code, 503)
    assert.match(reply.text, /certificate/)
    const insecure = { spec: { caBundle: null, insecureSkipTLSVerify: true } }
    assert.equal((await call('PATCH', `${path}/v1beta1.metrics.k8s.io`, { body: insecure, headers })).code, 200)
    assert.equal((await call('GET', `${metrics}/nodes`)).code, 200)
  })

  test('is missed when it fails, and forgotten when it goes', async () => {
    extension.listStatus = 500
    // The server looks again at whatever changes.
    const headers = { 'content-type': 'application/merge-patch+json' }
    await call('PATCH', `${slices}/metrics-1`, { body: { metadata: { labels: { touched: 'yes' } } }, headers })
    await untilCondition('FailedDiscoveryCheck')
    assert.equal((await call('GET', `${metrics}/nodes`)).code, 503)
    assert.equal((await call('GET', '/apis')).code, 200)
    assert.equal((await call('DELETE', `${path}/v1beta1.metrics.k8s.io`)).code, 200)
    assert.equal((await call('GET', `${metrics}/nodes`)).code, 404)
    assert.ok(!(await call('GET', '/apis')).text.includes('metrics.k8s.io'))
  })

  test('what is wrong with an API service is told', async () => {
    const wrong = {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'x' },
      spec: { group: 'g', version: 'v1', groupPriorityMinimum: 0, versionPriority: 1001, insecureSkipTLSVerify: true },
    }
    const reply = await call('POST', path, { body: wrong })
    assert.equal(reply.code, 422)
    assert.deepEqual(
      reply.body.details.causes.map((cause: { field: string }) => cause.field),
      ['metadata.name', 'spec.groupPriorityMinimum', 'spec.versionPriority', 'spec.insecureSkipTLSVerify'],
    )
  })
})
