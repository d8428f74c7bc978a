/** The example application as tests see it: its pods, and waiting until they are settled. */
import { ask, podOf } from '#deploy/example/turns.ts'
import { eventually, type TestCluster } from './cluster.ts'

export interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string }
  spec: { nodeName: string }
  status: {
    phase: string
    podIP: string
    conditions?: { type: string; status: string }[]
    containerStatuses?: { restartCount: number; containerID: string; ready: boolean }[]
  }
}

export const isReady = (pod: Pod): boolean =>
  pod.status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false

async function allPods(cluster: TestCluster): Promise<readonly Pod[]> {
  const list = await cluster.api.get<{ items: Pod[] }>('/api/v1/namespaces/hello/pods?labelSelector=app%3Dhello')
  if (!list) throw new Error('the API server does not answer')
  return list.items
}

/** Those that are not being deleted. */
export async function helloPods(cluster: TestCluster): Promise<readonly Pod[]> {
  return (await allPods(cluster)).filter((pod) => !pod.metadata.deletionTimestamp)
}

export function settled(cluster: TestCluster, count: number, timeoutMs = 120_000): Promise<readonly Pod[]> {
  return eventually(`${count} ready pods`, timeoutMs, async () => {
    const pods = await helloPods(cluster)
    return pods.length === count && pods.every(isReady) ? pods : undefined
  })
}

export const nodePort = (cluster: TestCluster, node: string): string => `http://${cluster.node(node).address}:30080/`

/** The pods that answered, one connection after the other. */
export async function connections(url: string, count: number): Promise<readonly string[]> {
  const answers: string[] = []
  for (let turn = 0; turn < count; turn += 1) answers.push(podOf(await ask(url)))
  return answers
}

export function countsOf(pods: readonly string[]): readonly number[] {
  return [...Map.groupBy(pods, (pod) => pod).values()].map((group) => group.length)
}

/** Changes the template of the pods, which starts a rolling update. */
async function change(cluster: TestCluster, template: object): Promise<void> {
  await eventually('the update to be taken', 60_000, async () => {
    const reply = await cluster.api.send({
      method: 'PATCH',
      path: '/apis/apps/v1/namespaces/hello/deployments/hello',
      contentType: 'application/strategic-merge-patch+json',
      body: { spec: { template } },
    })
    return reply.status === 200
  })
}

/** Starts a rolling update by a new annotation on the pods, as `kubectl rollout restart` does. */
export const rollOut = (cluster: TestCluster, mark: string): Promise<void> =>
  change(cluster, { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': mark } } })

/** Pods that leave serve on for so long: as long as it takes to tell the nodes, where those who tell them are killed meanwhile. */
export async function leaveLater(cluster: TestCluster, seconds: number): Promise<void> {
  const old = await settled(cluster, 3)
  const preStop = { exec: { command: ['sleep', String(seconds)] } }
  await change(cluster, { spec: { terminationGracePeriodSeconds: seconds + 10, containers: [{ name: 'web', lifecycle: { preStop } }] } })
  await replaced(cluster, old, 120_000)
}

/** Waits until as many ready pods are there as before, none of them one of `old`, and the old ones are gone altogether. */
export function replaced(cluster: TestCluster, old: readonly Pod[], timeoutMs: number): Promise<readonly Pod[]> {
  const uids = new Set(old.map((pod) => pod.metadata.uid))
  return eventually(`${old.length} new pods`, timeoutMs, async () => {
    const pods = await allPods(cluster).catch(() => [])
    return pods.length === old.length && pods.every((pod) => isReady(pod) && !uids.has(pod.metadata.uid)) && pods
  })
}
