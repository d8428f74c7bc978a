// A node loses its power: NotReady, its pods run elsewhere, traffic leaves it; power comes back: clean, no double pods.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { connections, countsOf, helloPods, nodePort, settled } from '#test/harness/hello.ts'

const skip = whyNoCluster() ?? false
// Grace: two leases of ten seconds may be missed. Pods leave three seconds after the taint.
const cluster = await TestCluster.prepare(
  24_620,
  '--extra-arg=kube-controller-manager=--node-monitor-grace-period=20s',
  '--extra-arg=kube-controller-manager=--node-monitor-period=1s',
)

interface Lease {
  spec: { renewTime: string }
}
interface NodeObject {
  metadata: { name: string }
  spec: { taints?: { key: string; effect: string }[] }
  status: { conditions: { type: string; status: string }[] }
}

async function readiness(name: string): Promise<string | undefined> {
  const node = await cluster.api.get<NodeObject>(`/api/v1/nodes/${name}`)
  return node?.status.conditions.find((condition) => condition.type === 'Ready')?.status
}

before(async () => {
  if (skip) return
  await cluster.mustRun('up')
  const tolerations = ['not-ready', 'unreachable'].map((name) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 3,
  }))
  const reply = await cluster.api.send({
    method: 'PATCH',
    path: '/apis/apps/v1/namespaces/hello/deployments/hello',
    contentType: 'application/merge-patch+json',
    body: { spec: { replicas: 4, template: { spec: { tolerations } } } },
  })
  assert.equal(reply.status, 200, reply.text)
  await eventually('the rolling update', 60_000, async () => {
    const deployment = await cluster.api.get<{
      metadata: { generation: number }
      status: { observedGeneration: number; updatedReplicas?: number; availableReplicas?: number; replicas?: number }
    }>('/apis/apps/v1/namespaces/hello/deployments/hello')
    const status = deployment?.status
    return (
      status?.observedGeneration === deployment?.metadata.generation &&
      status?.updatedReplicas === 4 &&
      status.availableReplicas === 4 &&
      status.replicas === 4
    )
  })
})
after(async () => {
  if (!skip) await cluster.down()
})

test('a node without power: NotReady, pods elsewhere, traffic leaves', { skip }, async () => {
  const pods = await settled(cluster, 4)
  assert.ok(
    pods.some((pod) => pod.spec.nodeName === 'node-2'),
    'node-2 has pods to lose',
  )
  await cluster.cutPower('node-2')
  await eventually('NotReady', 60_000, async () => (await readiness('node-2')) === 'Unknown')
  const lease = await cluster.api.get<Lease>('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-2')
  const silentMs = Date.now() - Date.parse(lease?.spec.renewTime ?? '')
  assert.ok(silentMs >= 20_000, `declared dead after ${silentMs} ms of silence, sooner than its grace allows`)
  const moved = await eventually('four ready pods on node-1', 90_000, async () => {
    const now = await helloPods(cluster)
    return now.length === 4 && now.every((pod) => pod.spec.nodeName === 'node-1') && now
  })
  await eventually('traffic only to node-1', 60_000, async () => {
    const answers = await connections(nodePort(cluster, 'node-1'), 8)
    return countsOf(answers).length === 4 && answers.every((name) => moved.some((pod) => pod.metadata.name === name))
  })
})

test('the node is back: Ready, nothing of its old pods left, no double pods', { skip }, async () => {
  const before = await settled(cluster, 4)
  await cluster.mustRun('up')
  await eventually('Ready', 60_000, async () => (await readiness('node-2')) === 'True')
  await eventually('no taint', 60_000, async () => {
    const node = await cluster.api.get<NodeObject>('/api/v1/nodes/node-2')
    return (node?.spec.taints ?? []).length === 0
  })
  await eventually('the old pods to be gone', 90_000, async () => {
    const list = await cluster.api.get<{ items: unknown[] }>('/api/v1/namespaces/hello/pods')
    return list?.items.length === 4
  })
  await eventually(
    'no container of theirs',
    90_000,
    async () =>
      (await cluster.inNode('node-2', 'sh', '-c', 'ls /sys/fs/cgroup/memory/kubepods* -d 2>/dev/null; ls /run/netns'))
        .split('\n')
        .filter((line) => line && !line.includes('kubepods')).length === 0,
  )
  assert.deepEqual((await settled(cluster, 4)).map((pod) => pod.metadata.uid).sort(), before.map((pod) => pod.metadata.uid).sort())
})
