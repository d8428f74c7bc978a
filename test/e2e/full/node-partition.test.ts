// A node that the API server cannot be reached from: it goes on with what it has, probes and restarts included; elsewhere its pods are replaced, but no name
// is given to a second one. When the way is free again the pods that were given up end, and the others were never touched.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { ClusterPods, core } from '#test/harness/cluster-pods.ts'
import { helloPods, settled } from '#test/harness/hello.ts'

const skip = whyNoCluster() ?? false
// As in node-loss: two leases of ten seconds may be missed, and pods leave three seconds after the taint.
const cluster = await TestCluster.prepare(
  24_580,
  '--extra-arg=kube-controller-manager=--node-monitor-grace-period=20s',
  '--extra-arg=kube-controller-manager=--node-monitor-period=1s',
)
const image = 'typernetes.local/hello:1'
const cut = 'node-2'

interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string }
  spec: { nodeName?: string }
  status: { phase?: string; containerStatuses?: { restartCount: number; containerID?: string; ready: boolean }[] }
}

const pods = new ClusterPods<Pod>(cluster, 60_000)
const script = 'trap "exit 0" TERM; while :; do sleep 0.2; done'
const container = { name: 'main', image, command: ['sh', '-c', script] }
const stays = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }
const leaves = { ...stays, tolerationSeconds: 3 }
const dockerOf = (node: string, ...argv: string[]): Promise<string> =>
  cluster.inNode(node, 'docker', '-H', 'unix:///run/docker.sock', ...argv)
const running = async (node: string, pod: string): Promise<readonly string[]> =>
  (
    await dockerOf(
      node,
      'ps',
      '-q',
      '--no-trunc',
      '--filter',
      `label=io.kubernetes.pod.name=${pod}`,
      '--filter',
      'label=io.kubernetes.docker.type=container',
    )
  )
    .split('\n')
    .filter(Boolean)
const onNode = (name: string, tolerations: object[], more: object = {}): Promise<void> =>
  pods.create(name, { nodeName: cut, tolerations, containers: [{ ...container, ...more }] })
const restarts = (pod: Pod | undefined): number | undefined => pod?.status.containerStatuses?.[0]?.restartCount
async function readiness(): Promise<string | undefined> {
  const node = await cluster.api.get<{ status: { conditions: { type: string; status: string }[] } }>(`/api/v1/nodes/${cut}`)
  return node?.status.conditions.find((condition) => condition.type === 'Ready')?.status
}
/** The way from the node to the API server, and back. */
async function way(verb: '-I' | '-D'): Promise<void> {
  const port = String(cluster.layout.ports.apiserver)
  await cluster.inNode(cut, 'iptables', '-w', verb, 'OUTPUT', '-p', 'tcp', '--dport', port, '-j', 'DROP')
  await cluster.inNode(cut, 'iptables', '-w', verb, 'INPUT', '-p', 'tcp', '--sport', port, '-j', 'DROP')
}

before(async () => {
  if (skip) return
  await cluster.mustRun('up')
  await onNode('named', [leaves])
  await onNode('untouched', [stays])
  await onNode('dies', [stays])
  const probe = { exec: { command: ['sh', '-c', 'test ! -e /sick'] }, periodSeconds: 1, timeoutSeconds: 20, failureThreshold: 1 }
  await onNode('falls-ill', [stays], { livenessProbe: probe })
  for (const name of ['untouched', 'dies', 'falls-ill', 'named']) await pods.inPhase(name, 'Running')
})
after(async () => {
  if (!skip) await cluster.down()
})

test('a node that is cut off, and that comes back', { skip }, async () => {
  await settled(cluster, 3)
  const untouched = await pods.now('untouched')
  const named = await pods.now('named')
  const [dies = ''] = await running(cut, 'dies')
  const [ill = ''] = await running(cut, 'falls-ill')
  const [old = ''] = await running(cut, 'named')
  await way('-I')
  try {
    await eventually('the node to be given up', 60_000, async () => (await readiness()) === 'Unknown')
    // Nobody tells the kubelet anything: it does what it knows to do.
    await dockerOf(cut, 'kill', dies)
    await dockerOf(cut, 'exec', ill, 'touch', '/sick')
    const again = (pod: string, was: string) => async () => {
      const now = await running(cut, pod)
      return now.length === 1 && !now.includes(was)
    }
    await eventually('a restart without the API server', 60_000, again('dies', dies))
    await eventually('a restart for a probe without the API server', 60_000, again('falls-ill', ill))
    const given = await eventually('the end of a pod that tolerates this for three seconds to be asked for', 60_000, async () => {
      const pod = await pods.now('named')
      return pod?.metadata.deletionTimestamp !== undefined && pod
    })
    assert.equal(given.metadata.uid, named?.metadata.uid)
    assert.deepEqual(await running(cut, 'named'), [old], 'the node does not know of it')
    // Nobody can say whether it still runs: until then its name is taken.
    const second = await cluster.api.send({
      method: 'POST',
      path: `${core}/pods`,
      body: { metadata: { name: 'named' }, spec: { containers: [container] } },
    })
    assert.equal(second.status, 409)
  } finally {
    await way('-D')
  }
  await eventually('the node to be back', 60_000, async () => (await readiness()) === 'True')
  await eventually('the pod that was given up to be gone', 60_000, async () => (await pods.now('named')) === undefined)
  assert.deepEqual(await running(cut, 'named'), [])
  for (const name of ['dies', 'falls-ill'])
    await eventually(`what happened to ${name} to be told`, 60_000, async () => {
      const pod = await pods.now(name)
      const [id] = await running(cut, name)
      return restarts(pod) === 1 && pod?.status.containerStatuses?.[0]?.containerID === `docker://${id}`
    })
  assert.deepEqual((await pods.now('untouched'))?.status.containerStatuses, untouched?.status.containerStatuses)
  assert.equal((await settled(cluster, 3)).length, (await helloPods(cluster)).length)
})
