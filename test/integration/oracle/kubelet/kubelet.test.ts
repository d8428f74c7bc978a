/** Our kubelet beside upstream's own: the same pods told to both under one API server; statuses, events and logs must agree. */
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { Pod } from '#api/core/pod.ts'
import { eventually, type TestCluster } from '#test/harness/cluster.ts'
import { mustSend } from '#test/harness/cluster-pods.ts'
import { type Story, stories } from './stories.ts'
import { startBoth, stopBoth, whyNotBoth } from './upstream-node.ts'
import { Watched } from './watched.ts'

const skip = whyNotBoth() ?? false
const folder = join(tmpdir(), `kubelets-${process.pid}`)
const sides = [1, 2] as const
const namespaceOf = (side: 1 | 2): string => `side-${side}`
let cluster: TestCluster
let watched: Watched

before(async () => {
  if (skip) return
  cluster = await startBoth(7600, folder)
  watched = new Watched(join(cluster.layout.state, 'admin.conf'))
  for (const side of sides) {
    const namespace = namespaceOf(side)
    const core = `/api/v1/namespaces/${namespace}`
    await mustSend(cluster, 'POST', '/api/v1/namespaces', { metadata: { name: namespace } })
    await mustSend(cluster, 'POST', `${core}/configmaps`, { metadata: { name: 'map' }, data: { a: '1', b: 'two words', '1bad': 'x' } })
    await mustSend(cluster, 'POST', `${core}/secrets`, { metadata: { name: 'sec' }, stringData: { u: 'user', p: 'pass' } })
    await eventually('the service account', 30_000, () => cluster.api.get(`${core}/serviceaccounts/default`))
  }
})

after(async () => {
  if (skip) return
  await watched?.close()
  await stopBoth(cluster, folder)
})

/** What the two cannot share: names, addresses, ids, times; and what only containerd or its protocol adds to a message. */
function plain(text: string): string {
  return (
    text
      .replaceAll(/(node|side)-[12](?!\d)/g, '$1')
      .replaceAll(/failed to create containerd task: |rpc error: code = Unknown desc = /g, '')
      .replaceAll(/\b10\.\d+\.\d+\.\d+\b/g, 'ADDRESS')
      .replaceAll(/(docker|containerd):\/\/[0-9a-f]{64}/g, 'CONTAINER')
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
      .replaceAll(/\b[0-9a-f]{64}\b/g, 'ID')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
      .replaceAll(/kube-api-access-\w{5}/g, 'kube-api-access-x')
      // How long depends on how often it has crashed before one looks.
      .replaceAll(/back-off \w+ restarting/g, 'back-off TIME restarting')
  )
}

const comparable = (value: unknown): unknown => JSON.parse(plain(JSON.stringify(value ?? null)))

/** Whether it goes on, and what it was before, is a matter of when one looks. */
function statusOf({ status = {} }: Pod, { waits }: Story): unknown {
  const { observedGeneration: _, conditions, ...rest } = status
  const settled = (conditions ?? [])
    .filter(({ type }) => type !== 'PodReadyToStartContainers')
    .map(({ observedGeneration: __, ...each }) => each)
  if (waits !== 'CrashLoopBackOff') return comparable({ ...rest, conditions: settled })
  return comparable({
    ...rest,
    conditions: settled,
    containerStatuses: (status.containerStatuses ?? []).map(({ name, state }) => ({ name, state })),
  })
}

function isSettled({ status = {} }: Pod, { waits, spec }: Story): boolean {
  const all = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return true
  if ('restartPolicy' in spec) return false
  // Ours tells of what it cannot start while the network is still being made.
  if (waits !== undefined) return status.podIP !== undefined && all.some(({ state }) => state?.waiting?.reason === waits)
  return all.length > 0 && all.every(({ state }) => state?.running ?? state?.terminated)
}

/** Those of probes come as often as they fit in; the rest once or more. */
function eventsOf({ metadata }: Pod): string[] {
  const told = watched
    .eventsAbout(metadata.uid ?? '')
    .map(({ type, reason, message, involvedObject, source }) =>
      plain([type, reason, message, involvedObject.fieldPath ?? '', source?.component].join(' | ')),
    )
  return [...new Set(told)].filter((each) => !/unknown state/.test(each)).sort()
}

async function logOf(core: string, name: string): Promise<string> {
  const reply = await cluster.api.send({ method: 'GET', path: `${core}/pods/${name}/log?container=main` })
  return plain(`${reply.status} ${reply.text}`)
}

async function make({ name, spec, metadata }: Story, side: 1 | 2): Promise<void> {
  const made = { terminationGracePeriodSeconds: 1, enableServiceLinks: false, ...spec, nodeName: `node-${side}` }
  const path = `/api/v1/namespaces/${namespaceOf(side)}/pods`
  await mustSend(cluster, 'POST', path, { metadata: { name, ...metadata }, spec: made })
}

const settled = new Map<string, object>()

/** What was last told of the pod when it was settled: one that crashes again and again runs in between. */
function told(story: Story, side: 1 | 2): object | undefined {
  const pod = watched.pod(namespaceOf(side), story.name)
  const key = `${story.name} ${side}`
  if (pod && isSettled(pod, story)) settled.set(key, { status: statusOf(pod, story), events: eventsOf(pod) })
  return settled.get(key)
}

/** Nothing new for so long, once both tell the same: what one of them alone would still add is seen. */
const calmMs = 3000
/** Nothing new for so long while they differ: they will. */
const stuckMs = 20_000

async function compare(story: Story): Promise<void> {
  const { name } = story
  await Promise.all(sides.map((side) => make(story, side)))
  await Promise.all(sides.map((side) => watched.until(`${name} on node-${side}`, 120_000, () => told(story, side))))
  const both = () => sides.map((side) => told(story, side))
  const patienceMs = ([ours, theirs]: unknown[]): number => (ours && isDeepStrictEqual(ours, theirs) ? calmMs : stuckMs)
  const seen = await watched.untilCalm(90_000, both, patienceMs)
  const logs = await Promise.all(sides.map((side) => logOf(`/api/v1/namespaces/${namespaceOf(side)}`, name)))
  const [ours, theirs] = seen.map((each, index) => ({ ...each, log: logs[index] }))
  assert.deepEqual(ours, theirs)
  assert.ok(seen[0], 'both are settled')
  await Promise.all(
    sides.map((side) => cluster.api.send({ method: 'DELETE', path: `/api/v1/namespaces/${namespaceOf(side)}/pods/${name}` })),
  )
}

test('the same pods on both', { skip, concurrency: 4, timeout: 20 * 60_000 }, async (t) => {
  await Promise.all(stories.map((story) => t.test(story.name, () => compare(story))))
})
