// Controller manager, scheduler and kube-proxy die before and after every entry of the records through which they change the world, enumerated
// from the code; the same story must come out as in an undisturbed run.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { EventRecorder } from '#client/events.ts'
import type { Client } from '#client/rest.ts'
import { executors } from '#client/runner/apply.ts'
import { exec } from '#component/exec.ts'
import { kernel } from '#kube-proxy/apply.ts'
import { binder } from '#scheduler/bind.ts'
import { checkout, eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { mustSend } from '#test/harness/cluster-pods.ts'

const skip = whyNoCluster() ?? false
// Without elections: a leader that was killed would be waited for.
const cluster = await TestCluster.prepare(
  24_690,
  '--nodes=1',
  '--extra-arg=kube-controller-manager=--leader-elect=false',
  '--extra-arg=kube-scheduler=--leader-elect=false',
  // The audit of the rules comes when this period passes without a change.
  '--extra-arg=kube-proxy=--iptables-sync-period=300ms',
)
const node = 'node-1'

before(async () => {
  if (!skip) await cluster.mustRun('up')
})
after(async () => {
  if (!skip) await cluster.down()
})

const controllerSources = globSync('controller-manager/controllers/**/*.ts', { cwd: checkout })
  .filter((path) => !path.endsWith('.test.ts'))
  .map((path) => readFileSync(join(checkout, path), 'utf8'))
  .join('\n')

interface Subject {
  program: string
  node?: string
  entries: readonly string[]
  /** Why the story cannot reach an entry, or undefined. */
  unreachable?(entry: string): string | undefined
}

const subjects: readonly Subject[] = [
  {
    program: 'kube-controller-manager',
    entries: Object.keys(executors),
    unreachable: (verb) => (controllerSources.includes(`verb: '${verb}'`) ? undefined : 'no controller uses this verb yet'),
  },
  { program: 'kube-scheduler', entries: Object.keys(binder({} as Client, {} as EventRecorder)) },
  { program: 'kube-proxy', node, entries: Object.keys(kernel(exec)) },
]

const labels = { app: 'web' }
const container = {
  name: 'web',
  image: 'typernetes.local/hello:1',
  ports: [{ containerPort: 8080 }],
  readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
}
const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 2, containers: [container] } }
const tooLarge = {
  metadata: { name: 'large' },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ ...container, resources: { requests: { cpu: '1000' } } }] },
}

interface Deployment {
  metadata: { generation: number }
  spec: { replicas: number }
  status: { observedGeneration?: number; replicas?: number; updatedReplicas?: number; availableReplicas?: number }
}

interface Pod {
  metadata: { name: string; deletionTimestamp?: string; ownerReferences?: unknown[] }
  status: { conditions?: { type: string; status: string; message?: string }[]; containerStatuses?: { restartCount: number }[] }
}

async function rolledOut(path: string): Promise<void> {
  await eventually('the deployment to be rolled out', 120_000, async () => {
    const it = await cluster.api.get<Deployment>(path)
    if (!it || it.status.observedGeneration !== it.metadata.generation) return false
    const { replicas, updatedReplicas, availableReplicas } = it.status
    return [replicas, updatedReplicas, availableReplicas].every((count) => count === it.spec.replicas)
  })
}

/** A pod whose label no longer fits is let go by its replica set, which makes another. */
async function release(core: string): Promise<void> {
  const list = await cluster.api.get<{ items: Pod[] }>(`${core}/pods?labelSelector=app%3Dweb`)
  const name = list?.items.find((pod) => !pod.metadata.deletionTimestamp)?.metadata.name
  await mustSend(cluster, 'PATCH', `${core}/pods/${name}`, { metadata: { labels: { app: 'free' } } })
  await eventually('the pod to be let go', 60_000, async () => {
    const pod = await cluster.api.get<Pod>(`${core}/pods/${name}`)
    return pod !== undefined && (pod.metadata.ownerReferences ?? []).length === 0
  })
  await eventually('another in its place', 60_000, async () => {
    const now = await cluster.api.get<{ items: Pod[] }>(`${core}/pods?labelSelector=app%3Dweb`)
    return now?.items.filter((pod) => !pod.metadata.deletionTimestamp).length === 3
  })
}

/** Our chains of services on the node. */
async function serviceChains(): Promise<number> {
  const rules = await cluster.inNode(node, 'iptables-save', '-t', 'nat')
  return rules.split('\n').filter((line) => /^:KUBE-(SVC|SEP|EXT)-/.test(line)).length
}

/** Chains that a namespace's own service has something in: on a busy machine endpoints of others come and go meanwhile. */
async function chainsOf(namespace: string): Promise<number> {
  const rules = await cluster.inNode(node, 'iptables-save', '-t', 'nat')
  const own = rules.split('\n').filter((line) => line.includes(`--comment "${namespace}/web:`))
  return new Set(own.flatMap((line) => /^-A (KUBE-(?:SVC|SEP|EXT)-\S+)/.exec(line)?.[1] ?? [])).size
}

/** A namespace's whole life. Answers what there was to see; a story that fails takes its namespace away too. */
async function story(name: string, chainsBefore: number): Promise<unknown> {
  try {
    return await tell(name, chainsBefore)
  } catch (error) {
    await cluster.api.send({ method: 'DELETE', path: `/api/v1/namespaces/${name}` })
    await eventually('the rules of a failed story to be gone', 60_000, async () => (await serviceChains()) === chainsBefore)
    throw error
  }
}

async function tell(name: string, chainsBefore: number): Promise<unknown> {
  const core = `/api/v1/namespaces/${name}`
  const apps = `/apis/apps/v1/namespaces/${name}`
  await mustSend(cluster, 'POST', '/api/v1/namespaces', { metadata: { name } })
  await mustSend(cluster, 'POST', `${apps}/deployments`, {
    metadata: { name: 'web' },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  })
  const ports = [
    { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' },
    { name: 'words', port: 53, targetPort: 8080, protocol: 'UDP' },
  ]
  await mustSend(cluster, 'POST', `${core}/services`, { metadata: { name: 'web' }, spec: { selector: labels, ports } })
  // A namespace takes pods once it has its service account.
  await eventually('the large pod to be taken', 60_000, async () => {
    const reply = await cluster.api.send({ method: 'POST', path: `${core}/pods`, body: tooLarge })
    assert.ok(reply.status < 300, reply.text)
    return true
  })
  await rolledOut(`${apps}/deployments/web`)
  const refusal = await eventually('the large pod to be refused', 60_000, async () => {
    const pod = await cluster.api.get<Pod>(`${core}/pods/large`)
    return pod?.status.conditions?.find((condition) => condition.type === 'PodScheduled' && condition.status === 'False')?.message
  })
  await mustSend(cluster, 'PATCH', `${apps}/deployments/web`, { spec: { replicas: 3 } })
  await rolledOut(`${apps}/deployments/web`)
  await mustSend(cluster, 'PATCH', `${apps}/deployments/web`, { spec: { template: { metadata: { annotations: { turn: 'two' } } } } })
  await rolledOut(`${apps}/deployments/web`)
  await release(core)
  await rolledOut(`${apps}/deployments/web`)
  const service = await cluster.api.get<{ spec: { clusterIP: string } }>(`${core}/services/web`)
  await eventually('three pods to answer', 60_000, async () => {
    const script = `for i in 1 2 3; do printf 'GET / HTTP/1.0\\r\\n\\r\\n' | busybox nc -w 2 ${service?.spec.clusterIP} 80 | tail -n 1; done`
    const answers = await cluster.inNode(node, 'sh', '-c', script)
    return new Set(answers.match(/from \S+/g)).size === 3
  })
  // Pods of the old template may still be on their way out.
  const list = await cluster.api.get<{ items: Pod[] }>(`${core}/pods?labelSelector=app%3Dweb`)
  const pods = (list?.items ?? []).filter((pod) => !pod.metadata.deletionTimestamp)
  const sets = await cluster.api.get<{ items: { spec: { replicas: number } }[] }>(`${apps}/replicasets`)
  const facts = {
    refusal,
    pods: pods.length,
    restarts: pods.flatMap((pod) => pod.status.containerStatuses ?? []).reduce((sum, status) => sum + status.restartCount, 0),
    replicaSets: sets?.items.map((set) => set.spec.replicas).sort(),
    // Each port's own, and one for each of its endpoints.
    chains: await eventually('the chains of two ports and three pods', 60_000, async () => {
      const count = await chainsOf(name)
      return count === 2 * (1 + 3) && count
    }),
  }
  await mustSend(cluster, 'DELETE', `/api/v1/namespaces/${name}`)
  await eventually(
    'the namespace to be gone',
    60_000,
    async () => (await cluster.api.send({ path: `/api/v1/namespaces/${name}` })).status === 404,
  )
  await eventually('its rules to be gone', 60_000, async () => (await serviceChains()) === chainsBefore)
  return facts
}

test('programs killed at every step of what they do tell the same story as undisturbed ones', { skip }, async (t) => {
  const chains = await serviceChains()
  const undisturbed = await story('undisturbed', chains)
  for (const { program, node: where, entries, unreachable } of subjects) {
    assert.ok(entries.length > 0, program)
    for (const entry of entries) {
      for (const when of ['before', 'after']) {
        await t.test(`${program} killed ${when} ${entry}`, { skip: unreachable?.(entry) ?? false }, async () => {
          const ends = await cluster.arm(`${when}:${entry}`, program, where)
          const facts = await story(`${when}-${entry}`.toLowerCase(), chains)
          // The story may be over before its supervisor has written the end of the program down.
          const reached = async (): Promise<boolean> => (await cluster.ends(program, where)) > ends
          await eventually(`${entry} to be reached (if it never is, the story of this test has to be richer)`, 10_000, reached)
          assert.deepEqual(facts, undisturbed)
        })
      }
    }
  }
})
