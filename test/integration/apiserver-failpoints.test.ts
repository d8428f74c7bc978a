// The apiserver dies before and after the commits of its store, enumerated from the code, and is started again: what was not committed is not there,
// what was is there as a whole, and a client that asks again ends where one ends that nothing happened to. On SQLite, and on etcd where there is one.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ConfigMaps } from '#api/core/config-map.ts'
import { Services } from '#api/core/service.ts'
import { commits } from '#apiserver/storage/commit-failpoint.ts'
import { loadKubeconfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { ConnectionError } from '#client/transport.ts'
import { Authority, createAuthority } from '#deploy/certificates/authority.ts'
import { kubeconfigText } from '#deploy/certificates/kubeconfig.ts'
import { DaemonProcess } from '#test/harness/daemon-process.ts'
import { freePorts, noEtcd, startEtcd, type TestEtcd } from '#test/harness/etcd.ts'
import { until } from '#test/harness/played-node.ts'

const doings = Object.keys(commits(() => Promise.reject(new Error('not called'))))
const namespace = 'default'
const map = { namespace, name: 'words' }
const service = { namespace, name: 'web' }
for (const store of ['etcd', 'sqlite'] as const)
  describe(`an apiserver on ${store} killed at each of its commits`, { skip: store === 'etcd' && noEtcd() }, () => commitsOn(store))

function commitsOn(store: 'etcd' | 'sqlite'): void {
  let folder: string
  let etcd: TestEtcd | undefined
  let client: Client
  let flags: string[]
  let undisturbed: Awaited<ReturnType<typeof life>>

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'apiserver-'))
    if (store === 'etcd') etcd = await startEtcd()
    flags = await configure()
    undisturbed = await life()
  })
  after(async () => {
    client.close()
    await etcd?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  /** Certificates, keys and flags of the server, and a client of it. */
  async function configure(): Promise<string[]> {
    const [port = 0] = await freePorts(1)
    const authority = await createAuthority('test-ca', 1)
    const ca = await Authority.load(authority)
    const names = [{ type: 'ip' as const, value: '127.0.0.1' }]
    const serving = await ca.issue({ commonName: 'kube-apiserver', usages: ['server'], names, days: 1 })
    const admin = await ca.issue({ commonName: 'admin', organization: 'system:masters', usages: ['client'], names: [], days: 1 })
    const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const server = `https://127.0.0.1:${port}`
    const pems = { caPem: authority.certificate, certificatePem: admin.certificate, keyPem: admin.key }
    const texts = {
      'ca.crt': authority.certificate,
      'server.crt': serving.certificate,
      'server.key': serving.key,
      'sa.key': signing,
      'admin.conf': kubeconfigText({ server, ...pems, user: 'admin' }),
    }
    for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text, { mode: 0o600 })
    client = new Client(loadKubeconfig(join(folder, 'admin.conf')))
    const files = { 'client-ca-file': 'ca.crt', 'tls-cert-file': 'server.crt', 'tls-private-key-file': 'server.key' }
    return [
      ...Object.entries({ ...files, 'service-account-signing-key-file': 'sa.key' }).map(
        ([flag, name]) => `--${flag}=${join(folder, name)}`,
      ),
      ...(etcd ? [`--etcd-servers=${etcd.endpoint}`] : ['--storage-backend=sqlite', `--sqlite-file=${join(folder, 'store.db')}`]),
      ...['--bind-address=127.0.0.1', `--secure-port=${port}`, '--advertise-address=192.0.2.1'],
      ...['--service-account-issuer=https://test', '--service-cluster-ip-range=10.96.0.0/16'],
    ]
  }

  const isReady = () =>
    client.raw('GET', '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    )

  const json = async (path: string) => JSON.parse((await client.raw('GET', path)).body.toString())

  /** The server makes an APIService of each version after it is ready; the group of those has none, the one without a name has. */
  async function hasRegistered(): Promise<boolean> {
    const { groups } = (await json('/apis')) as { groups: { versions: object[] }[] }
    const { items } = (await json('/apis/apiregistration.k8s.io/v1/apiservices')) as { items: object[] }
    return items.length >= groups.flatMap(({ versions }) => versions).length
  }

  /** What a client does that was cut off in the middle: it looks when the server is back, and asks again where nothing came of it. */
  async function surely(did: string[], what: string, act: () => Promise<unknown>, isDone: () => Promise<boolean>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      await until('the server again', isReady)
      const done = await isDone()
      did.push(`${what} ${done ? 'done' : 'not done'}`)
      if (!done) await act()
    }
  }

  const exists = (type: typeof ConfigMaps | typeof Services, ref: typeof map) =>
    client.get(type as typeof ConfigMaps, ref).then(
      () => true,
      (error: { code?: number }) => (error.code === 404 ? false : Promise.reject(error)),
    )

  /** A map and a service with an address and a port that nobody else may have: made, changed, deleted. */
  async function life(failpoint?: string) {
    const server = new DaemonProcess('apiserver', flags, failpoint)
    const cutOff: string[] = []
    const ports = [{ port: 80, nodePort: 30_777 }]
    const spec = { type: 'NodePort', clusterIP: '10.96.7.7', ports }
    try {
      await until('the server', isReady)
      if (!failpoint) await until('all its APIs are registered', hasRegistered)
      const makeMap = () => client.create(ConfigMaps, { metadata: map, data: { word: 'one' } })
      await surely(cutOff, 'create words', makeMap, () => exists(ConfigMaps, map))
      const makeService = () => client.create(Services, { metadata: service, spec })
      await surely(cutOff, 'create web', makeService, () => exists(Services, service))
      const change = () => client.patch(ConfigMaps, map, { type: 'merge', body: { data: { word: 'two' } } })
      await surely(cutOff, 'update words', change, async () => (await client.get(ConfigMaps, map)).data?.['word'] === 'two')
      const [{ data }, { spec: made }] = [await client.get(ConfigMaps, map), await client.get(Services, service)]
      for (const [type, ref] of [[ConfigMaps, map] as const, [Services, service] as const]) {
        const remove = () => client.delete(type as typeof ConfigMaps, ref)
        await surely(cutOff, `delete ${ref.name}`, remove, async () => !(await exists(type, ref)))
      }
      if (failpoint) assert.equal(server.deaths, 1, 'it was to die once')
      const left = [(await client.list(ConfigMaps, { namespace })).items, (await client.list(Services, { namespace })).items]
      return { cutOff, told: { data, made, left: left.map((items) => items.map(({ metadata }) => metadata.name)) } }
    } catch (error) {
      throw new Error(`${failpoint}: ${(error as Error).message}\n${server.output}`, { cause: error })
    } finally {
      await server.stop()
    }
  }

  /** Which use of each commit meets which object below; the first change is the server's own lease, at its start. */
  const uses: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    create: { words: 1, web: 2 },
    update: { words: 2 },
    delete: { words: 1, web: 2 },
  }
  it('all commits are met', () => assert.deepEqual(Object.keys(uses), doings))
  for (const [doing, objects] of Object.entries(uses)) {
    for (const [name, use] of Object.entries(objects)) {
      for (const when of ['before', 'after']) {
        it(`${when} ${doing} of ${name}`, { timeout: 180_000 }, async () => {
          const { cutOff, told } = await life(`${when}:${doing}:${use}`)
          assert.deepEqual(cutOff, [`${doing} ${name} ${when === 'after' ? 'done' : 'not done'}`])
          assert.deepEqual(told, undisturbed.told)
        })
      }
    }
  }
}
