/** Hollow nodes: several in one process register, run pods to their end, and answer for logs and usage as real ones do. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { Nodes } from '#api/core/node.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { loadKubeconfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { eventually } from '#test/harness/cluster.ts'
import { freePorts } from '#test/harness/etcd.ts'

const main = path.join(import.meta.dirname, '../../../kubelet/main.ts')
const dir = mkdtempSync(path.join(tmpdir(), 'hollow-'))
const count = 3
let api: TestApiServer
let client: Client
let firstPort = 0
let kubelet: ReturnType<typeof spawn>

before(async () => {
  api = await startTestApiServer()
  client = new Client(loadKubeconfig(api.kubeconfigFile))
  const [port = 0] = await freePorts(count)
  firstPort = port
  for (let i = 0; i < count; i++)
    writeFileSync(path.join(dir, `hollow-${i}.conf`), await api.kubeconfig(`system:node:hollow-${i}`, 'system:nodes'))
  writeFileSync(path.join(dir, 'ca.crt'), api.caPem)
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    port,
    healthzPort: 0,
    address: '127.0.0.1',
    authentication: { x509: { clientCAFile: path.join(dir, 'ca.crt') }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
  }
  writeFileSync(path.join(dir, 'kubelet.yaml'), JSON.stringify(config))
  const flags = {
    config: path.join(dir, 'kubelet.yaml'),
    kubeconfig: path.join(dir, '%n.conf'),
    'hostname-override': 'hollow',
    'node-ip': '127.0.0.1',
    'root-dir': path.join(dir, 'root'),
    runtime: 'fake',
    'hollow-nodes': String(count),
    'node-capacity': 'cpu=8,memory=32Gi',
  }
  const log = openSync(path.join(dir, 'kubelet.log'), 'a')
  kubelet = spawn(process.execPath, [main, ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)], {
    stdio: ['ignore', log, log],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  })
})

after(async () => {
  const ended = new Promise((resolve) => kubelet.once('exit', resolve))
  kubelet.kill('SIGKILL')
  await ended
  client.close()
  await api[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true, force: true })
})

/** Of the API server, or of a node itself, which has made its own certificate. */
async function ask(at: string, port = api.port): Promise<string> {
  const admin = await api.identity('kubernetes-admin', 'system:masters')
  return await new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: at,
      ca: api.caPem,
      cert: admin.certificate,
      key: admin.key,
      rejectUnauthorized: port === api.port,
    }
    request(options, (response) => void text(response).then(resolve, reject))
      .on('error', reject)
      .end()
  })
}

function pod(name: string, spec: Partial<Pod['spec']> & { command?: string[] }): Promise<Pod> {
  const { command, ...rest } = spec
  const container = {
    name: 'main',
    image: 'registry.example/app:1',
    ...(command ? { command } : {}),
    resources: { requests: { cpu: '1' } },
  }
  return client.create(Pods, {
    metadata: { name, namespace: 'default' },
    spec: { nodeName: 'hollow-1', automountServiceAccountToken: false, containers: [container], ...rest },
  } as never)
}
const status = async (name: string) => (await client.get(Pods, { namespace: 'default', name })).status

test('all nodes of one process are ready, each under its name', async () => {
  const ready = await eventually('ready nodes', 60_000, async () => {
    const { items } = await client.list(Nodes, {})
    const those = items.filter((node) => node.status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
    return those.length === count && those
  }).catch((error: unknown) => {
    throw new Error(readFileSync(path.join(dir, 'kubelet.log'), 'utf8').slice(-2000), { cause: error })
  })
  assert.deepEqual(ready.map((node) => node.metadata.name).sort(), ['hollow-0', 'hollow-1', 'hollow-2'])
  assert.equal(ready[0]?.status?.capacity?.['cpu'], '8')
})

test('a pod runs, has an address, logs and usage, and goes', async () => {
  await pod('serves', {})
  const running = await eventually('a running pod', 60_000, async () => {
    const found = await status('serves')
    return found.phase === 'Running' && found
  })
  assert.match(running.podIP ?? '', /^\d+\.\d+\.\d+\.\d+$/)
  assert.match(running.containerStatuses?.[0]?.imageID ?? '', /registry\.example\/app@sha256:[0-9a-f]{64}$/)
  assert.match(await ask('/api/v1/namespaces/default/pods/serves/log'), /^registry\.example\/app:1 started\n/)
  const summary = JSON.parse(await ask('/stats/summary', firstPort + 1)) as {
    pods: { podRef: { name: string }; containers: { cpu?: { usageCoreNanoSeconds?: number }; memory?: { workingSetBytes?: number } }[] }[]
  }
  const [container] = summary.pods.find(({ podRef }) => podRef.name === 'serves')?.containers ?? []
  assert.ok((container?.memory?.workingSetBytes ?? 0) > 1_000_000, JSON.stringify(summary.pods))
  await client.delete(Pods, { namespace: 'default', name: 'serves' })
  await eventually('the pod to go', 60_000, async () => {
    const { items } = await client.list(Pods, { namespace: 'default' })
    return items.every(({ metadata }) => metadata.name !== 'serves')
  })
})

test('commands come to their end', async () => {
  await pod('done', { restartPolicy: 'Never', command: ['sh', '-c', 'sleep 0.2'] })
  await pod('fails', { restartPolicy: 'Never', command: ['false'] })
  await eventually(
    'both ends',
    60_000,
    async () => (await status('done')).phase === 'Succeeded' && (await status('fails')).phase === 'Failed',
  )
  assert.equal((await status('fails')).containerStatuses?.[0]?.state?.terminated?.exitCode, 1)
})
