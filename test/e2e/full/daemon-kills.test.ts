// kill -9 of every daemon, one by one, during a rolling update under constant requests: everything converges, nothing that was running is restarted.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { signalProcess } from '#deploy/machine/processes.ts'
import { eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { helloPods, leaveLater, nodePort, replaced, rollOut, settled } from '#test/harness/hello.ts'
import { Traffic } from '#test/harness/traffic.ts'

const skip = whyNoCluster() ?? false
const cluster = await TestCluster.prepare(24_640, '--store', 'etcd')

before(async () => {
  if (skip) return
  await cluster.mustRun('up')
  // A controller manager that was killed still holds its lease, for fifteen seconds: as long nobody takes pods out of the endpoints.
  await leaveLater(cluster, 30)
})
after(async () => {
  if (!skip) await cluster.down()
})

const victims: readonly { name: string; node?: string }[] = [
  { name: 'kube-apiserver' },
  { name: 'kube-controller-manager' },
  { name: 'kube-scheduler' },
  { name: 'etcd' },
  { name: 'kubelet', node: 'node-1' },
  { name: 'kube-proxy', node: 'node-1' },
]

for (const { name, node } of victims) {
  test(`kill -9 of ${name} during a rolling update`, { skip }, async () => {
    const old = await settled(cluster, 3)
    // A witness of acknowledged writes: what was answered with 201 must be there afterwards.
    const witnesses: string[] = []
    let stopped = false
    const writing = (async () => {
      for (let count = 0; !stopped && count < 2000; count += 1) {
        const witness = `${name}-${count}`
        const reply = await cluster.api
          .send({ method: 'POST', path: '/api/v1/namespaces/default/configmaps', body: { metadata: { name: witness } }, timeoutMs: 3000 })
          .catch(() => undefined)
        if (reply?.status === 201) witnesses.push(witness)
      }
    })()
    const traffic = new Traffic([nodePort(cluster, 'node-1'), nodePort(cluster, 'node-2')], { perSecond: 20, maxSeconds: 300 })
    await rollOut(cluster, name)
    const victim = await cluster.program(name, node)
    assert.ok(await signalProcess(victim, 'SIGKILL'))
    const pods = await replaced(cluster, old, 240_000).finally(() => {
      stopped = true
      return Promise.all([writing, traffic.stop()])
    })
    const { total, failures } = await traffic.stop()
    await eventually(`${name} to be back`, 60_000, async () => (await cluster.program(name, node)).pid !== victim.pid)
    assert.deepEqual(failures, [], `${failures.length} of ${total} requests failed`)
    for (const pod of pods) assert.equal(pod.status.containerStatuses?.[0]?.restartCount, 0, `${pod.metadata.name} was restarted`)
    await eventually('the API server to answer', 60_000, () => cluster.api.isReady())
    const present = await cluster.api.get<{ items: { metadata: { name: string } }[] }>('/api/v1/namespaces/default/configmaps')
    const names = new Set(present?.items.map((item) => item.metadata.name))
    assert.deepEqual(
      witnesses.filter((witness) => !names.has(witness)),
      [],
      'acknowledged writes were lost',
    )
    assert.ok(witnesses.length > 0, 'no write was acknowledged')
  })
}

test('afterwards as many pods run as are wanted, and nothing is left of the others', { skip }, async () => {
  await settled(cluster, 3)
  const wanted = new Set((await helloPods(cluster)).map((pod) => pod.metadata.name))
  await eventually('no container of other pods', 60_000, async () => {
    for (const node of cluster.layout.nodes) {
      const running = await cluster.inNode(
        node.name,
        'docker',
        '-H',
        'unix:///run/docker.sock',
        'ps',
        '--format',
        '{{.Label "io.kubernetes.pod.name"}}',
      )
      if (running.split('\n').some((pod) => pod !== '' && !wanted.has(pod))) return false
    }
    return true
  })
})
