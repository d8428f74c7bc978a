// The way of a new user, with real containers: start, use it with stock kubectl, break things, stop, start again, down.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { podOf, tookTurns } from '#deploy/example/turns.ts'
import { dockerOk } from '#deploy/machine/docker-socket.ts'
import { eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { connections, countsOf, helloPods, nodePort, replaced, rollOut, settled } from '#test/harness/hello.ts'
import { anyKubectl, Kubectl, stockKubectls } from '#test/harness/kubectl.ts'
import { Traffic } from '#test/harness/traffic.ts'

const skip = whyNoCluster() ?? false
const noStock = stockKubectls().length === 0 && 'no stock kubectl here'
const cluster = await TestCluster.prepare(24_600)
const kubectl = new Kubectl(anyKubectl(), cluster.layout.adminConf)
before(async () => {
  if (!skip) await cluster.mustRun('up')
})
let failed = false
afterEach((t) => {
  failed ||= !('passed' in t && t.passed)
})
after(async () => {
  if (skip) return
  if (failed) console.error(await cluster.logs())
  await cluster.down()
})

test('npm start again leaves what runs alone and says what was there', { skip }, async () => {
  const daemons = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  const nodes = cluster.layout.nodes.map(({ name }) => name)
  const programs = () =>
    Promise.all([
      ...daemons.map((name) => cluster.program(name)),
      ...nodes.flatMap((node) => ['dockerd', 'kubelet', 'kube-proxy'].map((name) => cluster.program(name, node))),
    ])
  const before = await programs()
  const output = await cluster.mustRun('up')
  assert.match(output, /runs already/)
  assert.match(output, /the pods take strict turns/)
  assert.deepEqual(await programs(), before)
})

test('30 connections to a NodePort are 10 for each pod, in turn', { skip }, async () => {
  await settled(cluster, 3)
  await eventually('strict turns', 60_000, async () => tookTurns(await connections(nodePort(cluster, 'node-2'), 6)))
  const answers = await connections(nodePort(cluster, 'node-2'), 30)
  assert.deepEqual(countsOf(answers), [10, 10, 10])
  assert.ok(tookTurns(answers), answers.join(' '))
})

test('30 connections to the ClusterIP from a pod on the other node are 10 for each pod', { skip }, async () => {
  const pods = await settled(cluster, 3)
  const service = await cluster.api.get<{ spec: { clusterIP: string } }>('/api/v1/namespaces/hello/services/hello')
  const caller = pods.find((pod) => pod.spec.nodeName === 'node-2') ?? pods[0]
  assert.ok(caller && service)
  const script = `for i in $(seq 30); do fetch http://${service.spec.clusterIP}/ || exit 1; done`
  const output = await kubectl.ok('-n', 'hello', 'exec', caller.metadata.name, '--', 'sh', '-c', script)
  const answers = output.trim().split('\n').map(podOf)
  assert.equal(answers.length, 30)
  assert.deepEqual(countsOf(answers), [10, 10, 10])
})

test('a killed container is back at once, in the same pod', { skip }, async () => {
  const [pod] = await settled(cluster, 3)
  assert.ok(pod)
  const before = pod.status.containerStatuses?.[0]
  const id = before?.containerID.replace('docker://', '')
  await dockerOk(await cluster.docker(pod.spec.nodeName), { method: 'POST', path: `/containers/${id}/kill?signal=KILL` })
  await eventually('a new container', 60_000, async () => {
    const now = (await helloPods(cluster)).find((candidate) => candidate.metadata.uid === pod.metadata.uid)?.status.containerStatuses?.[0]
    return now !== undefined && now.restartCount === (before?.restartCount ?? 0) + 1 && now.ready
  })
  const after = (await helloPods(cluster)).find((candidate) => candidate.metadata.uid === pod.metadata.uid)
  assert.equal(after?.status.podIP, pod.status.podIP, 'the address survives the death of the container')
  const backOffs = `involvedObject.name=${pod.metadata.name},reason=BackOff`
  assert.equal(
    await kubectl.ok('-n', 'hello', 'get', 'events', '--field-selector', backOffs, '-o', 'name'),
    '',
    'a first restart does not wait',
  )
})

test('a deleted pod is replaced', { skip }, async () => {
  const [pod] = await settled(cluster, 3)
  assert.ok(pod)
  const reply = await cluster.api.send({ method: 'DELETE', path: `/api/v1/namespaces/hello/pods/${pod.metadata.name}` })
  assert.equal(reply.status, 200, reply.text)
  await eventually('the pod to go', 60_000, async () => {
    const gone = await cluster.api.send({ path: `/api/v1/namespaces/hello/pods/${pod.metadata.name}` })
    return gone.status === 404
  })
  const pods = await settled(cluster, 3)
  assert.ok(pods.every((candidate) => candidate.metadata.uid !== pod.metadata.uid))
})

test('a rolling update under 50 requests a second fails none of them', { skip }, async () => {
  const old = await settled(cluster, 3)
  const traffic = new Traffic(
    cluster.layout.nodes.map((node) => nodePort(cluster, node.name)),
    { perSecond: 50, maxSeconds: 90 },
  )
  await rollOut(cluster, 'now')
  const pods = await replaced(cluster, old, 80_000).finally(() => traffic.stop())
  const { total, failures } = await traffic.stop()
  assert.equal(pods.length, 3)
  assert.ok(total > 50, `only ${total} requests`)
  assert.deepEqual(failures, [])
})

test('stock kubectl does its everyday verbs', { skip: skip || noStock }, async (t) => {
  await t.test('get nodes', async () => assert.match(await kubectl.ok('get', 'nodes', '-o', 'wide'), /node-1 +Ready .*node-2 +Ready /s))
  await t.test('get all -A', async () => assert.match(await kubectl.ok('get', 'all', '-A'), /deployment\.apps\/hello/))
  await t.test('apply, diff, delete', async () => {
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tried, namespace: default}\ndata: {a: "1"}\n'
    assert.equal((await kubectl.run(['apply', '-f', '-'], { input: manifest })).stdout, 'configmap/tried created\n')
    assert.equal((await kubectl.run(['apply', '-f', '-'], { input: manifest })).stdout, 'configmap/tried unchanged\n')
    const changed = manifest.replace('"1"', '"2"')
    assert.equal((await kubectl.run(['diff', '-f', '-'], { input: changed })).code, 1)
    assert.equal((await kubectl.run(['apply', '-f', '-'], { input: changed })).stdout, 'configmap/tried configured\n')
    assert.match(await kubectl.ok('delete', 'configmap', 'tried'), /configmap "tried" deleted/)
  })
  await t.test('describe', async () =>
    assert.match(await kubectl.ok('-n', 'hello', 'describe', 'deployment', 'hello'), /ScalingReplicaSet/),
  )
  await t.test('logs', async () => {
    const [pod] = await settled(cluster, 3)
    assert.equal((await kubectl.run(['-n', 'hello', 'logs', pod?.metadata.name ?? ''])).code, 0)
  })
  await t.test('exec with stdin and exit code', async () => {
    const [pod] = await settled(cluster, 3)
    const words = ['-n', 'hello', 'exec', '-i', pod?.metadata.name ?? '', '--', 'sh', '-c', 'cat; exit 7']
    const output = await kubectl.run(words, { input: 'through stdin' })
    assert.equal(output.stdout, 'through stdin')
    assert.equal(output.code, 7)
  })
  await t.test('scale and rollout status', async () => {
    await kubectl.ok('-n', 'hello', 'scale', 'deployment', 'hello', '--replicas', '4')
    assert.match(await kubectl.ok('-n', 'hello', 'rollout', 'status', 'deployment/hello', '--timeout=60s'), /successfully rolled out/)
    await kubectl.ok('-n', 'hello', 'scale', 'deployment', 'hello', '--replicas', '3')
    await settled(cluster, 3)
  })
  await t.test('explain, api-resources', async () => {
    assert.match(await kubectl.ok('explain', 'pod.spec.containers.image'), /FIELD: +image <string>/)
    assert.match(await kubectl.ok('api-resources'), /deployments +deploy +apps\/v1 +true +Deployment/)
  })
})

test('stop and start bring the same objects back', { skip }, async () => {
  const before = await settled(cluster, 3)
  await cluster.mustRun('stop')
  await cluster.mustRun('up')
  const after = await settled(cluster, 3)
  assert.deepEqual(after.map((pod) => pod.metadata.uid).sort(), before.map((pod) => pod.metadata.uid).sort())
  assert.equal((await connections(nodePort(cluster, 'node-1'), 3)).length, 3)
})

test('down leaves nothing of the cluster on the machine', { skip }, async () => {
  await cluster.mustRun('down')
  assert.deepEqual(await cluster.remains(), [])
})
