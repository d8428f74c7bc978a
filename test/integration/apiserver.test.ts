/** The apiserver as its clients see it: races, allocation, finalizers, tokens, identities; on memory, and on etcd where there is one. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EtcdStorage } from '#apiserver/storage/etcd.ts'
import { MemoryStorage } from '#apiserver/storage/memory.ts'
import type { Storage } from '#apiserver/storage/storage.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { type Call, callServer, type Reply } from '#test/harness/call.ts'
import { noEtcd, startEtcd } from '#test/harness/etcd.ts'

type Caller = NonNullable<Call['as']>

const stores: readonly { name: string; skip: string | false; open(): Promise<{ storage: Storage; close(): Promise<void> }> }[] = [
  { name: 'memory', skip: false, open: async () => ({ storage: new MemoryStorage(), close: async () => undefined }) },
  {
    name: 'etcd',
    skip: noEtcd(),
    async open() {
      const etcd = await startEtcd()
      return {
        storage: new EtcdStorage({ endpoints: [etcd.endpoint] }),
        async close() {
          await etcd[Symbol.asyncDispose]()
        },
      }
    },
  },
]

for (const store of stores) {
  describe(`apiserver on ${store.name}`, { skip: store.skip }, () => {
    let server: TestApiServer
    let close: () => Promise<void>
    let admin: Caller

    before(async () => {
      const opened = await store.open()
      close = opened.close
      server = await startTestApiServer({ storage: opened.storage })
      admin = await caller('admin', 'system:masters')
    })
    after(async () => {
      await server[Symbol.asyncDispose]()
      await close()
    })

    async function caller(user: string, group?: string): Promise<Caller> {
      const { certificate, key } = await server.identity(user, group)
      return { cert: certificate, key }
    }

    const call = (method: string, path: string, more: Partial<Call> = {}): Promise<Reply> =>
      callServer(server, { method, path, as: admin, ...more })

    const base = '/api/v1/namespaces/default'
    const merge = { 'content-type': 'application/merge-patch+json' }
    const service = (name: string, spec: object = {}): object => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { ports: [{ port: 80 }], ...spec },
    })

    test('concurrent patches of one object all arrive', async () => {
      await call('POST', `${base}/configmaps`, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shared' }, data: {} } })
      const keys = Array.from({ length: 8 }, (_, i) => `k${i}`)
      const replies = await Promise.all(
        keys.map((k) => call('PATCH', `${base}/configmaps/shared`, { body: { data: { [k]: 'x' } }, headers: merge })),
      )
      assert.deepEqual(
        replies.map((r) => r.code),
        keys.map(() => 200),
      )
      const { body } = await call('GET', `${base}/configmaps/shared`)
      assert.deepEqual(Object.keys(body.data).sort(), keys)
    })

    test('of concurrent updates at one version only one wins', async () => {
      const { body: stored } = await call('GET', `${base}/configmaps/shared`)
      const replies = await Promise.all(
        [1, 2, 3, 4].map((i) => call('PUT', `${base}/configmaps/shared`, { body: { ...stored, data: { i: `${i}` } } })),
      )
      assert.deepEqual(replies.map((r) => r.code).sort(), [200, 409, 409, 409])
    })

    test('an update that changes nothing writes nothing', async () => {
      const { body: stored } = await call('GET', `${base}/configmaps/shared`)
      const { body } = await call('PUT', `${base}/configmaps/shared`, { body: stored })
      assert.equal(body.metadata.resourceVersion, stored.metadata.resourceVersion)
    })

    test('concurrent services get addresses and ports of their own, and give them back', async () => {
      const names = Array.from({ length: 12 }, (_, i) => `s${i}`)
      const replies = await Promise.all(names.map((n) => call('POST', `${base}/services`, { body: service(n, { type: 'NodePort' }) })))
      assert.deepEqual(new Set(replies.map((r) => r.code)), new Set([201]))
      const addresses = new Set(replies.map((r) => r.body.spec.clusterIP))
      const ports = new Set(replies.map((r) => r.body.spec.ports[0].nodePort))
      assert.equal(addresses.size, names.length)
      assert.equal(ports.size, names.length)
      const [first] = replies
      const { clusterIP } = first?.body.spec ?? {}
      const taken = await call('POST', `${base}/services`, { body: service('thief', { clusterIP }) })
      assert.equal(taken.code, 422)
      assert.match(taken.body.message, /provided IP is already allocated/)
      await Promise.all(names.map((n) => call('DELETE', `${base}/services/${n}`)))
      const heir = await call('POST', `${base}/services`, { body: service('heir', { clusterIP }) })
      assert.equal(heir.code, 201)
      await call('DELETE', `${base}/services/heir`)
    })

    test('two creations of one address at once: one gets it', async () => {
      const spec = { clusterIP: '10.96.0.77' }
      const replies = await Promise.all(['a', 'b', 'c'].map((n) => call('POST', `${base}/services`, { body: service(`same-${n}`, spec) })))
      assert.deepEqual(replies.map((r) => r.code).sort(), [201, 422, 422])
    })

    test('a service that becomes ExternalName lets go of what it held', async () => {
      const { body } = await call('POST', `${base}/services`, { body: service('moving', { type: 'NodePort' }) })
      const { clusterIP, ports } = body.spec
      const patch = { spec: { type: 'ExternalName', externalName: 'example.com', clusterIP: null, clusterIPs: null, ports: null } }
      assert.equal((await call('PATCH', `${base}/services/moving`, { body: patch, headers: merge })).code, 200)
      const next = service('next', { type: 'NodePort', clusterIP, ports: [{ port: 80, nodePort: ports[0].nodePort }] })
      assert.equal((await call('POST', `${base}/services`, { body: next })).code, 201)
    })

    test('a namespace goes when its last finalizer is taken', async () => {
      const { body } = await call('POST', '/api/v1/namespaces', {
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'going' } },
      })
      assert.deepEqual(body.spec.finalizers, ['kubernetes'])
      const gone = await call('DELETE', '/api/v1/namespaces/going')
      assert.equal(gone.body.status.phase, 'Terminating')
      const late = await call('POST', '/api/v1/namespaces/going/configmaps', {
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } },
      })
      assert.equal(late.code, 403)
      assert.equal(late.body.details.causes[0].reason, 'NamespaceTerminating')
      const final = await call('PUT', '/api/v1/namespaces/going/finalize', { body: { ...gone.body, spec: {} } })
      assert.equal(final.code, 200)
      assert.equal((await call('GET', '/api/v1/namespaces/going')).code, 404)
    })

    test('generateName finds free names', async () => {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'gen-' } }
      const replies = await Promise.all(Array.from({ length: 5 }, () => call('POST', `${base}/configmaps`, { body })))
      assert.equal(new Set(replies.map((r) => r.body.metadata.name)).size, 5)
      for (const { body: made } of replies) assert.match(made.metadata.name, /^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    })

    test('a collection is deleted by its selector', async () => {
      await call('POST', `${base}/configmaps`, {
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', labels: { go: 'yes' } } },
      })
      const { code, body } = await call('DELETE', `${base}/configmaps?labelSelector=go%3Dyes`)
      assert.equal(code, 200)
      assert.deepEqual([body.kind, body.items.map((i: { metadata: { name: string } }) => i.metadata.name)], ['ConfigMapList', ['x']])
      assert.equal((await call('GET', `${base}/configmaps/x`)).code, 404)
      assert.equal((await call('GET', `${base}/configmaps/shared`)).code, 200)
    })

    describe('tokens', () => {
      async function tokenFor(spec: object): Promise<string> {
        const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }
        const reply = await call('POST', `${base}/serviceaccounts/robot/token`, { body })
        assert.equal(reply.code, 201, JSON.stringify(reply.body))
        return reply.body.status.token as string
      }
      const whoAmI = async (token: string): Promise<Reply> =>
        call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
          as: { token },
          body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
        })
      const makeRobot = (): Promise<Reply> =>
        call('POST', `${base}/serviceaccounts`, { body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } } })

      test('a token names its account, and may do nothing by itself', async () => {
        await makeRobot()
        const token = await tokenFor({})
        const { body } = await whoAmI(token)
        assert.equal(body.status.userInfo.username, 'system:serviceaccount:default:robot')
        assert.deepEqual(body.status.userInfo.groups, ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'])
        const list = await call('GET', `${base}/pods`, { as: { token } })
        assert.equal(list.code, 403)
        assert.equal(
          list.body.message,
          'pods is forbidden: User "system:serviceaccount:default:robot" cannot list resource "pods" in API group "" in the namespace "default"',
        )
      })

      test('wrong audience, changed signature, other algorithms: 401', async () => {
        const token = await tokenFor({})
        const elsewhere = await tokenFor({ audiences: ['elsewhere'] })
        const [head = '', payload = '', signature = ''] = token.split('.')
        const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
        const hmac = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'x' })).toString('base64url')
        const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`
        for (const bad of [
          elsewhere,
          `${head}.${payload}.${flipped}`,
          `${none}.${payload}.`,
          `${hmac}.${payload}.${signature}`,
          'nonsense',
        ])
          assert.equal((await whoAmI(bad)).code, 401)
      })

      test('a token ends with its pod, and with its account', async () => {
        const pod = {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'bound' },
          spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'i' }] },
        }
        const { body } = await call('POST', `${base}/pods`, { body: pod })
        const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'bound', uid: body.metadata.uid }
        const bound = await tokenFor({ boundObjectRef })
        const free = await tokenFor({})
        const review = await whoAmI(bound)
        assert.deepEqual(review.body.status.userInfo.extra['authentication.kubernetes.io/pod-name'], ['bound'])
        await call('DELETE', `${base}/pods/bound?gracePeriodSeconds=0`)
        assert.equal((await whoAmI(bound)).code, 401)
        assert.equal((await whoAmI(free)).code, 201)
        await call('DELETE', `${base}/serviceaccounts/robot`)
        assert.equal((await whoAmI(free)).code, 401)
        await makeRobot()
        assert.equal((await whoAmI(free)).code, 401, 'another account of the same name is another account')
      })
    })

    describe('a node', () => {
      let node: Caller
      before(async () => {
        node = await caller('system:node:n1', 'system:nodes')
      })

      test('registers itself and nobody else', async () => {
        const body = (name: string, labels = {}): object => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } })
        assert.equal((await call('POST', '/api/v1/nodes', { as: node, body: body('n2') })).code, 403)
        assert.equal(
          (await call('POST', '/api/v1/nodes', { as: node, body: body('n1', { 'node-role.kubernetes.io/control-plane': '' }) })).code,
          403,
        )
        const made = await call('POST', '/api/v1/nodes', { as: node, body: body('n1', { 'kubernetes.io/hostname': 'n1' }) })
        assert.equal(made.code, 201)
        assert.deepEqual(made.body.spec.taints, [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }])
        const taints = await call('PATCH', '/api/v1/nodes/n1', { as: node, body: { spec: { taints: null } }, headers: merge })
        assert.equal(taints.code, 403)
        assert.match(taints.body.message, /is not allowed to modify taints/)
      })

      test('reads a secret only while a pod of its own refers to it', async () => {
        await call('POST', `${base}/secrets`, { body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' } } })
        assert.equal((await call('GET', `${base}/secrets/key`, { as: node })).code, 403)
        assert.equal((await call('GET', `${base}/secrets`, { as: node })).code, 403)
        const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'i', envFrom: [{ secretRef: { name: 'key' } }] }] }
        await call('POST', `${base}/pods`, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'user' }, spec } })
        assert.equal((await call('GET', `${base}/secrets/key`, { as: node })).code, 200)
        const status = await call('PATCH', `${base}/pods/user/status`, { as: node, body: { status: { phase: 'Running' } }, headers: merge })
        assert.equal(status.code, 200)
      })

      test('its lease is its own', async () => {
        const lease = (name: string): object => ({
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name },
          spec: { holderIdentity: 'n1' },
        })
        const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
        assert.equal((await call('POST', leases, { as: node, body: lease('n1') })).code, 201)
        assert.equal((await call('POST', leases, { as: node, body: lease('n2') })).code, 403)
      })
    })

    test('identities that are not known may only look around', async () => {
      const nobody = await caller('nobody')
      assert.equal((await call('GET', '/api', { as: nobody })).code, 200)
      assert.equal((await call('GET', `${base}/pods`, { as: nobody })).code, 403)
      assert.equal((await call('GET', '/metrics', { as: nobody })).code, 403)
      const acting = await call('GET', `${base}/pods`, { headers: { 'impersonate-user': 'somebody' } })
      assert.equal(acting.code, 403)
    })

    test('bodies that are too large are 413, whatever their headers say', async () => {
      const body = Buffer.alloc(3 * 1024 * 1024 + 10, 'a')
      const reply = await call('POST', `${base}/configmaps`, { body }).catch((error: NodeJS.ErrnoException) => error.code)
      // The server may close the connection before all was sent.
      if (typeof reply === 'object') assert.equal(reply.code, 413)
      else assert.ok(reply === 'EPIPE' || reply === 'ECONNRESET', String(reply))
    })

    test('keys that are names of JavaScript are keys like others', async () => {
      const text =
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"odd","labels":{"constructor":"a"}},"data":{"__proto__":"x","constructor":"y"}}'
      const made = await call('POST', `${base}/configmaps`, { body: Buffer.from(text) })
      assert.equal(made.code, 201)
      const { body } = await call('GET', `${base}/configmaps/odd`)
      assert.deepEqual(Object.entries(body.data).sort(), [
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ])
      const patched = await call('PATCH', `${base}/configmaps/odd`, { body: Buffer.from('{"data":{"__proto__":"z"}}'), headers: merge })
      assert.deepEqual(Object.entries(patched.body.data).sort()[0], ['__proto__', 'z'])
      assert.equal(({} as Record<string, unknown>)['x'], undefined)
    })
  })
}
