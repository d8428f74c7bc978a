/** Our kubelet beside upstream's own: the same pods told to both under one API server; statuses, events and logs must agree. */
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually, type TestCluster } from '#test/harness/cluster.ts'
import { mustSend } from '#test/harness/cluster-pods.ts'
import { type Story, stories } from './stories.ts'
import { startBoth, stopBoth, whyNotBoth } from './upstream-node.ts'

type Json = Record<string, unknown>
interface ContainerSeen {
  name: string
  state?: { waiting?: { reason?: string }; running?: object; terminated?: object }
}
interface Seen {
  metadata: { uid: string }
  status: Json & { phase?: string; containerStatuses?: ContainerSeen[]; initContainerStatuses?: ContainerSeen[] }
}

const skip = whyNotBoth() ?? false
const folder = join(tmpdir(), `kubelets-${process.pid}`)
const sides = [1, 2] as const
const namespaceOf = (side: 1 | 2): string => `side-${side}`
let cluster: TestCluster

before(async () => {
  if (skip) return
  cluster = await startBoth(7600, folder)
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
  if (!skip) await stopBoth(cluster, folder)
})

/** What the two cannot share: names, addresses, ids, times; and what only containerd or its protocol adds to a message. */
function plain(text: string): string {
  return text
    .replaceAll(/(node|side)-[12](?!\d)/g, '$1')
    .replaceAll(/failed to create containerd task: |rpc error: code = Unknown desc = /g, '')
    .replaceAll(/\b10\.\d+\.\d+\.\d+\b/g, 'ADDRESS')
    .replaceAll(/(docker|containerd):\/\/[0-9a-f]{64}/g, 'CONTAINER')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replaceAll(/kube-api-access-\w{5}/g, 'kube-api-access-x')
}

const comparable = (value: unknown): unknown => JSON.parse(plain(JSON.stringify(value ?? null)))

/** Whether it goes on, and what it was before, is a matter of when one looks. */
function statusOf({ status }: Seen, { waits }: Story): unknown {
  const { observedGeneration: _, conditions, ...rest } = status
  const settled = ((conditions ?? []) as Json[])
    .filter(({ type }) => type !== 'PodReadyToStartContainers')
    .map(({ observedGeneration: __, ...each }) => each)
  if (waits !== 'CrashLoopBackOff') return comparable({ ...rest, conditions: settled })
  return comparable({
    ...rest,
    conditions: settled,
    containerStatuses: (status.containerStatuses ?? []).map(({ name, state }) => ({ name, state })),
  })
}

function isSettled({ status }: Seen, { waits, spec }: Story): boolean {
  const all = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return true
  if ('restartPolicy' in spec) return false
  // Ours tells of what it cannot start while the network is still being made.
  if (waits !== undefined) return status['podIP'] !== undefined && all.some(({ state }) => state?.waiting?.reason === waits)
  return all.length > 0 && all.every(({ state }) => state?.running ?? state?.terminated)
}

/** Those of probes come as often as they fit in; the rest once or more. */
async function eventsOf(core: string, uid: string): Promise<string[]> {
  const found = await cluster.api.get<{ items: Json[] }>(`${core}/events?fieldSelector=involvedObject.uid%3D${uid}`)
  const told = (found?.items ?? []).map(({ type, reason, message, involvedObject, source }) =>
    plain([type, reason, message, (involvedObject as Json)['fieldPath'] ?? '', (source as Json)['component']].join(' | ')),
  )
  return [...new Set(told)].filter((each) => !/MissingClusterDNS|unknown state/.test(each)).sort()
}

async function logOf(core: string, name: string): Promise<string> {
  const reply = await cluster.api.send({ method: 'GET', path: `${core}/pods/${name}/log?container=main` })
  return plain(`${reply.status} ${reply.text}`)
}

async function told(story: Story, side: 1 | 2): Promise<object> {
  const core = `/api/v1/namespaces/${namespaceOf(side)}`
  const spec = { terminationGracePeriodSeconds: 1, enableServiceLinks: false, ...story.spec, nodeName: `node-${side}` }
  await mustSend(cluster, 'POST', `${core}/pods`, { metadata: { name: story.name, ...story.metadata }, spec })
  const look = async (): Promise<Seen | undefined> => cluster.api.get<Seen>(`${core}/pods/${story.name}`)
  const seen = await eventually(`${story.name} on node-${side}`, 120_000, async () => {
    const pod = await look()
    return pod && isSettled(pod, story) ? pod : undefined
  })
  // What comes behind it: the last conditions, and the events.
  const { uid } = seen.metadata
  const now = async () => ({ status: statusOf((await look()) ?? seen, story), events: await eventsOf(core, uid) })
  let newest = ''
  await eventually('nothing new', 60_000, async () => {
    const text = JSON.stringify(await now())
    const calm = text === newest
    newest = text
    if (!calm) await sleep(4000)
    return calm
  })
  const answer = { ...(JSON.parse(newest) as object), log: await logOf(core, story.name) }
  await cluster.api.send({ method: 'DELETE', path: `${core}/pods/${story.name}` })
  return answer
}

test('the same pods on both', { skip, concurrency: 4, timeout: 20 * 60_000 }, async (t) => {
  await Promise.all(
    stories.map((story) =>
      t.test(story.name, async () => {
        const [ours, theirs] = await Promise.all([told(story, 1), told(story, 2)])
        assert.deepEqual(ours, theirs)
      }),
    ),
  )
})
