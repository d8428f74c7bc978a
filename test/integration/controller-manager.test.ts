// The controller manager on a real apiserver (in this process, memory storage): rollouts, ownership, namespaces, endpoints, hand-over.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Deployment, Deployments } from '#api/apps/deployment.ts'
import { ReplicaSets } from '#api/apps/replica-set.ts'
import { Leases } from '#api/coordination/lease.ts'
import { EndpointsResource } from '#api/core/endpoints.ts'
import { CoreEvents } from '#api/core/event.ts'
import { Namespaces } from '#api/core/namespace.ts'
import { Nodes } from '#api/core/node.ts'
import { Pods } from '#api/core/pod.ts'
import { isPodActive, isPodReady } from '#api/core/rules/pod-state.ts'
import { Services } from '#api/core/service.ts'
import { ServiceAccounts } from '#api/core/service-account.ts'
import { EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import { ClusterRoles } from '#api/rbac/cluster-role.ts'
import { loadKubeconfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { parseFlags } from '#component/flags.ts'
import { createLogger } from '#component/logging.ts'
import { build } from '#controller-manager/build.ts'
import { flags } from '#controller-manager/flags.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { playNode, until } from '#test/harness/played-node.ts'

const quiet = createLogger({
  name: 'controller-manager',
  verbosity: 2,
  format: 'text',
  destination: { write: (line) => void (process.env['TEST_LOG'] && process.stderr.write(line)) },
})

interface Manager {
  stop(): Promise<void>
}

async function startManager(server: TestApiServer, ...argv: string[]): Promise<Manager> {
  const all = ['--kubeconfig', server.kubeconfigFile, '--secure-port=0', '--leader-elect=false', ...argv]
  const runnables = await build(parseFlags(flags, all) as Parameters<typeof build>[0], quiet)
  const stop = new AbortController()
  const running = runnables.map((runnable) => runnable.run(stop.signal))
  return {
    stop: async () => {
      stop.abort()
      await Promise.all(running)
    },
  }
}

async function cluster(...argv: string[]) {
  const server = await startTestApiServer()
  const client = new Client(loadKubeconfig(server.kubeconfigFile))
  await client.create(Nodes, { metadata: { name: 'n1' }, spec: {} })
  const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: new Date().toISOString() }
  await client.patch(Nodes, { name: 'n1' }, { type: 'strategic', body: { status: { conditions: [ready] } } }, { subresource: 'status' })
  const manager = await startManager(server, ...argv)
  await client.create(Namespaces, { metadata: { name: 'a' }, spec: {} })
  await until('the default service account', () => client.get(ServiceAccounts, { namespace: 'a', name: 'default' }))
  return { server, client, manager }
}

function web(image: string, replicas: number): Parameters<typeof create>[1] {
  return {
    metadata: { namespace: 'a', name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } },
    },
  }
}
const create = (client: Client, object: Parameters<Client['create']>[1] & { spec: Deployment['spec'] }) =>
  client.create(Deployments, object)
const isDone = (d: Deployment, replicas: number): boolean =>
  d.status.observedGeneration === d.metadata.generation &&
  d.status.updatedReplicas === replicas &&
  d.status.replicas === replicas &&
  d.status.availableReplicas === replicas
const rolledOut = (client: Client, replicas: number) =>
  until('the rollout', async () => {
    const d = await client.get(Deployments, { namespace: 'a', name: 'web' })
    return isDone(d, replicas) && d
  })

describe('controller manager', () => {
  it('rolls out within surge and unavailability, although it is restarted all the time', { timeout: 180_000 }, async () => {
    const { server, client, manager } = await cluster()
    const node = playNode(client, { readyAfterMs: 100 })
    let current = manager
    try {
      await create(client, web('i:1', 6))
      await rolledOut(client, 6)
      const worst = { most: 0, least: 6 }
      node.pods.onChange(() => {
        const active = node.pods.list().filter(isPodActive)
        worst.most = Math.max(worst.most, active.length)
        worst.least = Math.min(worst.least, active.filter(isPodReady).length)
      })
      const template = { spec: { template: { spec: { containers: [{ name: 'c', image: 'i:2' }] } } } }
      await client.patch(Deployments, { namespace: 'a', name: 'web' }, { type: 'strategic', body: template })
      for (let round = 0; round < 6; round++) {
        await delay(120)
        await current.stop()
        current = await startManager(server)
      }
      const d = await rolledOut(client, 6)
      assert.ok(worst.most <= 8, `${worst.most} pods at once, 8 are allowed`)
      assert.ok(worst.least >= 5, `only ${worst.least} pods were ready, 5 are promised`)
      assert.equal(d.metadata.annotations?.['deployment.kubernetes.io/revision'], '2')
      const sets = (await client.list(ReplicaSets, { namespace: 'a' })).items
      assert.deepEqual(sets.map((rs) => rs.spec.replicas).sort(), [0, 6])
      const { items } = await client.list(CoreEvents, { namespace: 'a', fieldSelector: 'involvedObject.kind=Deployment' })
      assert.ok(items.some((e) => e.reason === 'ScalingReplicaSet' && /^Scaled up replica set web-\w+ from 0 to 2$/.test(e.message ?? '')))
    } finally {
      await current.stop()
      await node.stop()
      client.close()
      await server[Symbol.asyncDispose]()
    }
  })

  it('collects in the background, in the foreground, and not where dependents are orphaned', { timeout: 180_000 }, async () => {
    const { server, client, manager } = await cluster()
    const left = async () => {
      const [sets, pods] = await Promise.all([client.list(ReplicaSets, { namespace: 'a' }), client.list(Pods, { namespace: 'a' })])
      return [sets.items.length, pods.items.filter(isPodActive).length]
    }
    const has = (sets: number, pods: number) => async () => {
      const now = await left()
      return now[0] === sets && now[1] === pods
    }
    try {
      for (const propagationPolicy of ['Background', 'Foreground', 'Orphan'] as const) {
        await create(client, web('i:1', 2))
        await until('the pods', has(1, 2))
        await client.delete(Deployments, { namespace: 'a', name: 'web' }, { propagationPolicy })
        await until('the end of the deployment', async () => (await client.list(Deployments, { namespace: 'a' })).items.length === 0)
        if (propagationPolicy !== 'Orphan') await until(`nothing left after ${propagationPolicy}`, has(0, 0))
      }
      const [orphan] = (await client.list(ReplicaSets, { namespace: 'a' })).items
      assert.equal(orphan?.metadata.ownerReferences, undefined)
      assert.deepEqual(await left(), [1, 2])
      const again = await create(client, web('i:1', 2))
      await until(
        'adoption',
        async () =>
          (await client.list(ReplicaSets, { namespace: 'a' })).items[0]?.metadata.ownerReferences?.[0]?.uid === again.metadata.uid,
      )
      assert.deepEqual(await left(), [1, 2])
    } finally {
      await manager.stop()
      client.close()
      await server[Symbol.asyncDispose]()
    }
  })

  it('writes endpoints, and deletes a namespace with all that is in it', { timeout: 180_000 }, async () => {
    const { server, client, manager } = await cluster()
    const node = playNode(client)
    try {
      await create(client, web('i:1', 3))
      const spec = { type: 'ClusterIP', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }] }
      await client.create(Services, { metadata: { namespace: 'a', name: 'web' }, spec })
      const slice = await until('three ready endpoints', async () => {
        const { items } = await client.list(EndpointSlices, { namespace: 'a', labelSelector: 'kubernetes.io/service-name=web' })
        return items.find((s) => (s.endpoints ?? []).filter((e) => e.conditions?.ready).length === 3)
      })
      assert.deepEqual(slice.ports, [{ name: '', port: 8080, protocol: 'TCP' }])
      // By another controller, in its own time.
      await until('three ready addresses', async () => {
        const { subsets } = await client.get(EndpointsResource, { namespace: 'a', name: 'web' })
        return subsets?.[0]?.addresses?.length === 3
      })
      await client.delete(Namespaces, { name: 'a' })
      await until('the end of the namespace', async () => (await client.list(Namespaces)).items.every((n) => n.metadata.name !== 'a'))
      for (const type of [Pods, ReplicaSets, Deployments, Services, EndpointSlices]) {
        assert.deepEqual((await client.list<never>(type as never, { namespace: 'a' })).items, [])
      }
    } finally {
      await manager.stop()
      await node.stop()
      client.close()
      await server[Symbol.asyncDispose]()
    }
  })

  it('lets each controller act as itself, with no more than its role', { timeout: 180_000 }, async () => {
    const server = await startTestApiServer()
    const client = new Client(loadKubeconfig(server.kubeconfigFile))
    const folder = await mkdtemp(join(tmpdir(), 'manager-'))
    const kubeconfig = join(folder, 'controller-manager.conf')
    await writeFile(kubeconfig, await server.kubeconfig('system:kube-controller-manager', ''), { mode: 0o600 })
    const soon = ['--node-monitor-grace-period=1s', '--node-monitor-period=200ms']
    const manager = await startManager(server, `--kubeconfig=${kubeconfig}`, '--use-service-account-credentials=true', ...soon)
    try {
      await client.create(Nodes, { metadata: { name: 'lost' }, spec: {} })
      const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady' }
      const body = { status: { conditions: [ready] } }
      await client.patch(Nodes, { name: 'lost' }, { type: 'strategic', body }, { subresource: 'status' })
      await client.create(Namespaces, { metadata: { name: 'a' }, spec: {} })
      await until('the default service account', () => client.get(ServiceAccounts, { namespace: 'a', name: 'default' }))
      await create(client, web('app:1', 2))
      await until('two pods', async () => (await client.list(Pods, { namespace: 'a' })).items.length === 2)
      const isLost = async () =>
        (await client.get(Nodes, { name: 'lost' })).status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'Unknown')
      await until('the node that tells nothing to be lost', isLost)
      await until('the rules of view', async () => ((await client.get(ClusterRoles, { name: 'view' })).rules?.length ?? 0) > 5)
      const { items } = await client.list(ServiceAccounts, { namespace: 'kube-system' })
      const names = items.map(({ metadata }) => metadata.name)
      for (const name of ['deployment-controller', 'replicaset-controller', 'clusterrole-aggregation-controller'])
        assert.ok(names.includes(name), name)
      await client.delete(Namespaces, { name: 'a' })
      await until('the end of the namespace', async () => (await client.list(Namespaces)).items.every((n) => n.metadata.name !== 'a'))
    } finally {
      await manager.stop()
      client.close()
      await rm(folder, { recursive: true, force: true })
      await server[Symbol.asyncDispose]()
    }
  })

  it('hands over to a second manager within seconds of a graceful stop', { timeout: 180_000 }, async () => {
    const server = await startTestApiServer()
    const client = new Client(loadKubeconfig(server.kubeconfigFile))
    const first = await startManager(server, '--leader-elect=true', '--leader-elect-retry-period=200ms')
    const holder = async () => (await client.get(Leases, { namespace: 'kube-system', name: 'kube-controller-manager' })).spec.holderIdentity
    const before = await until('a leader', holder)
    const second = await startManager(server, '--leader-elect=true', '--leader-elect-retry-period=200ms')
    try {
      // The second one looks as often as the first one renews.
      const renewals = new Set<unknown>()
      const lease = () => client.get(Leases, { namespace: 'kube-system', name: 'kube-controller-manager' })
      await until('renewals beside the second', async () => renewals.add((await lease()).spec.renewTime).size > 3)
      assert.equal(await holder(), before)
      await first.stop()
      // Well below the 15 s after which a lease that was not released runs out.
      await until('the next leader', async () => ![before, ''].includes((await holder()) ?? ''), 10_000)
      await client.create(Namespaces, { metadata: { name: 'b' }, spec: {} })
      await until('work by the second', () => client.get(ServiceAccounts, { namespace: 'b', name: 'default' }))
    } finally {
      await second.stop()
      client.close()
      await server[Symbol.asyncDispose]()
    }
  })
})
