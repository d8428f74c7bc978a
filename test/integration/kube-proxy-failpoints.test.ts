// kube-proxy dies before and after each of its doings in the kernel, enumerated from the code, and is started again; the rules are compared with
// those of an undisturbed run. The file runs itself again in a network namespace of its own. Needs root, iptables and conntrack.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { Namespaces } from '#api/core/namespace.ts'
import { Services } from '#api/core/service.ts'
import { EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import { loadKubeconfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { exec } from '#component/exec.ts'
import { kernel } from '#kube-proxy/apply.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { DaemonProcess } from '#test/harness/daemon-process.ts'
import { until } from '#test/harness/played-node.ts'

const isInside = process.env['TYPERNETES_TEST_NETWORK'] !== undefined
const doings = Object.keys(kernel(exec))
const namespace = 'shop'

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root'
  const missing = ['ip', 'unshare', 'iptables-save', 'conntrack'].filter((name) => spawnSync('which', [name]).status !== 0)
  return missing.length > 0 ? `needs ${missing.join(', ')}` : undefined
}

/** All rules and chains of the tables that a proxy writes, without counters and comments of the tool. */
async function rules(): Promise<string[]> {
  const { stdout } = await exec(['iptables-save'])
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.map((line) => line.replace(/ \[\d+:\d+\]$/, '')).sort()
}

/** Each table in one go. */
async function flush(...tables: string[]): Promise<void> {
  for (const table of tables) await exec(['iptables-restore', '-w', '5'], { input: `*${table}\nCOMMIT\n` })
}

/** A connection of a UDP client to the first service, as the kernel keeps it. */
async function track(endpoint: string): Promise<void> {
  const from = ['-s', '10.0.0.9', '--sport', '1000', '-d', '10.96.1.1', '--dport', '53']
  await exec(['conntrack', '-I', '-p', 'udp', ...from, '--dst-nat', endpoint, '-t', '1000'])
}
const tracked = async (): Promise<string> => (await exec(['conntrack', '-L', '-p', 'udp'])).stdout

function suite(): void {
  let server: TestApiServer
  let client: Client
  let undisturbed: Awaited<ReturnType<typeof life>> | undefined

  before(async () => {
    await exec(['ip', 'link', 'set', 'lo', 'up'])
    server = await startTestApiServer()
    client = new Client(loadKubeconfig(server.kubeconfigFile))
    await client.create(Namespaces, { metadata: { name: namespace }, spec: {} })
    undisturbed = await life()
    assert.ok(
      undisturbed.last.length > 40 &&
        undisturbed.smaller.length > undisturbed.last.length &&
        undisturbed.full.length > undisturbed.smaller.length,
    )
  })
  after(async () => {
    client.close()
    await server[Symbol.asyncDispose]()
  })

  async function addService(name: string, clusterIP: string): Promise<void> {
    const ports = [
      { name: 'web', port: 80, protocol: 'TCP' as const },
      { name: 'dns', port: 53, protocol: 'UDP' as const },
    ]
    await client.create(Services, { metadata: { namespace, name }, spec: { clusterIP, ports } })
    await client.create(EndpointSlices, {
      metadata: { namespace, name, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports,
      endpoints: [{ addresses: ['10.244.0.1'] }, { addresses: ['10.244.0.2'] }],
    })
  }

  /** The rules once they are those expected; without any once they are as `isThere` wants them and stay so. */
  async function settled(isThere: (text: string) => boolean, expected?: string[]): Promise<string[]> {
    let last = ''
    let sinceMs = performance.now()
    const look = async () => {
      const now = await rules()
      const text = now.join('\n')
      if (text !== last) sinceMs = performance.now()
      last = text
      return (expected ? text === expected.join('\n') : isThere(text) && performance.now() - sinceMs > 700) && now
    }
    return until('the rules', look).catch(rules)
  }

  /** Two services; one loses an endpoint and then goes; somebody flushes the tables. */
  async function life(failpoint?: string) {
    const ports = ['--healthz-bind-address=127.0.0.1:0', '--metrics-bind-address=127.0.0.1:0']
    const periods = ['--iptables-sync-period=300ms', '--iptables-min-sync-period=20ms']
    await addService('first', '10.96.1.1')
    await addService('second', '10.96.1.2')
    const flags = ['--kubeconfig', server.kubeconfigFile, '--hostname-override=n1', ...periods, ...ports]
    const proxy = new DaemonProcess('kube-proxy', flags, failpoint)
    const first = { namespace, name: 'first' }
    const both = (text: string) => text.includes('shop/first') && text.includes('shop/second') && text.includes('-A PREROUTING')
    const isSmaller = (text: string) => both(text) && !/shop\/first:dns.*10\.244\.0\.2/.test(text)
    try {
      const full = await settled(both, undisturbed?.full)
      await track('10.244.0.2:53')
      await client.patch(EndpointSlices, first, { type: 'merge', body: { endpoints: [{ addresses: ['10.244.0.1'] }] } })
      const smaller = await settled(isSmaller, undisturbed?.smaller)
      await until('no connection to the endpoint that went', async () => !(await tracked()).includes('src=10.244.0.2'))
      await flush('nat')
      const again = await settled(isSmaller, undisturbed?.again)
      await client.delete(EndpointSlices, first)
      await client.delete(Services, first)
      if (failpoint) await until(`the death ${failpoint}`, async () => proxy.deaths > 0)
      const last = await settled((text) => !text.includes('shop/first') && text.includes('shop/second'), undisturbed?.last)
      return { full, smaller, again, last }
    } catch (error) {
      throw new Error(`${failpoint}: ${(error as Error).message}\n${proxy.output}`, { cause: error })
    } finally {
      await proxy.stop()
      for (const type of [EndpointSlices, Services]) await client.deleteCollection(type as typeof Services, { namespace })
      await flush('nat', 'filter')
    }
  }

  // Besides the first use of each: the rules of a change, and the connections to an endpoint that went.
  const points = [...doings, 'restore:2', 'deleteFlows:3']
  for (const failpoint of points.flatMap((name) => [`before:${name}`, `after:${name}`])) {
    test(failpoint, { timeout: 180_000 }, async () => assert.deepEqual(await life(failpoint), undisturbed))
  }
}

if (isInside) suite()
else {
  test('kube-proxy killed at each of its doings', { skip: whyNot() ?? false, timeout: 280_000 }, async () => {
    const again = ['--net', process.execPath, '--test-reporter=spec', '--test-force-exit', import.meta.filename]
    const env = { ...process.env, TYPERNETES_TEST_NETWORK: 'own', NODE_TEST_CONTEXT: undefined }
    const child = spawn('unshare', again, { stdio: ['ignore', 'inherit', 'inherit'], env })
    const [code] = await once(child, 'exit')
    assert.equal(code, 0)
  })
}
