// The controller manager and the scheduler die before and after each of their actions, enumerated from the code, and are started again; what stands
// in the cluster afterwards is compared with an undisturbed run.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Deployments } from '#api/apps/deployment.ts'
import { ReplicaSets } from '#api/apps/replica-set.ts'
import { ConfigMaps } from '#api/core/config-map.ts'
import { EndpointsResource } from '#api/core/endpoints.ts'
import { CoreEvents } from '#api/core/event.ts'
import { Namespaces } from '#api/core/namespace.ts'
import { Nodes } from '#api/core/node.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { isPodActive } from '#api/core/rules/pod-state.ts'
import { Services } from '#api/core/service.ts'
import { ServiceAccounts } from '#api/core/service-account.ts'
import { EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import { Informer } from '#client/informer.ts'
import { loadKubeconfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { executors } from '#client/runner/apply.ts'
import { binder } from '#scheduler/bind.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { DaemonProcess } from '#test/harness/daemon-process.ts'
import { playNode, until } from '#test/harness/played-node.ts'

/** One failpoint of each name and side; with a number, the use in the middle of the work rather than the first. */
function failpoints(names: readonly string[], nth: Readonly<Record<string, number>>): string[] {
  return names.flatMap((name) => ['before', 'after'].map((when) => `${when}:${name}${nth[name] ? `:${nth[name]}` : ''}`))
}

interface Owner {
  name: string
  image: string
}
const labelled = (app: string) => ({ metadata: { labels: { app } } })
const podSpec = (image: string) => ({ containers: [{ name: 'c', image }] })
const template = ({ name, image }: Owner) => ({ ...labelled(name), spec: podSpec(image) })
const selector = (app: string) => ({ matchLabels: { app } })

function controllerManager(): void {
  /** Verbs that no controller uses now. A new verb is either provoked by the life below or stands here. */
  const unused = ['updateScale', 'evict']
  const verbs = Object.keys(executors).filter((verb) => !unused.includes(verb))
  const nth = { create: 6, update: 3, updateStatus: 5, delete: 2 }
  let server: TestApiServer
  let client: Client
  let node: ReturnType<typeof playNode>
  let undisturbed: Awaited<ReturnType<typeof life>>
  /** All pods that there ever were, by uid. */
  const pods = new Map<string, { namespace: string; app: string; nodes: Set<string> }>()
  const madeIn = (namespace: string) =>
    [...pods.values()]
      .filter((pod) => pod.namespace === namespace)
      .map(({ app }) => app)
      .sort()

  before(async () => {
    server = await startTestApiServer()
    client = new Client(loadKubeconfig(server.kubeconfigFile))
    await client.create(Nodes, { metadata: { name: 'n1' }, spec: {} })
    node = playNode(client)
    node.pods.onChange((pod) => {
      if (!pod) return
      const { namespace = '', uid = '' } = pod.metadata
      const known = pods.get(uid) ?? { namespace, app: pod.metadata.labels?.['app'] ?? '', nodes: new Set() }
      if (pod.spec.nodeName) known.nodes.add(pod.spec.nodeName)
      pods.set(uid, known)
    })
    undisturbed = await life('undisturbed')
  })
  after(async () => {
    await node.stop()
    client.close()
    await server[Symbol.asyncDispose]()
  })

  /** A namespace with a rollout, a replica set that adopts, and a service; scaled down, and then deleted. What is told is free of chance. */
  async function life(namespace: string, failpoint?: string) {
    const flags = ['--kubeconfig', server.kubeconfigFile, '--secure-port=0', '--leader-elect=false', '--node-startup-grace-period=1h']
    const manager = new DaemonProcess('controller-manager', flags, failpoint)
    try {
      await client.create(Namespaces, { metadata: { name: namespace }, spec: {} })
      await until('the default service account', () => client.get(ServiceAccounts, { namespace, name: 'default' }))
      await populate(namespace)
      const told = { ...(await facts(namespace)), made: madeIn(namespace) }
      await client.delete(Namespaces, { name: namespace })
      await until('the end of the namespace', async () => !(await client.list(Namespaces)).items.some((n) => n.metadata.name === namespace))
      if (failpoint) await until(`the death ${failpoint}`, async () => manager.deaths > 0)
      assert.deepEqual(await leftovers(namespace), [])
      return told
    } catch (error) {
      throw new Error(`${failpoint}: ${(error as Error).message}\n${manager.output}`, { cause: error })
    } finally {
      await manager.stop()
    }
  }

  async function populate(namespace: string): Promise<void> {
    const solo = { replicas: 2, selector: selector('solo'), template: template({ name: 'solo', image: 'i:1' }) }
    await client.create(ReplicaSets, { metadata: { namespace, name: 'solo' }, spec: solo })
    await until('two pods', async () => (await client.get(ReplicaSets, { namespace, name: 'solo' })).status.readyReplicas === 2)
    // One too many for the set that adopts it.
    await client.create(Pods, { metadata: { namespace, name: 'lone', labels: { app: 'solo' } }, spec: podSpec('i:1') })
    const spec = { replicas: 3, selector: selector('web'), template: template({ name: 'web', image: 'i:1' }) }
    await client.create(Deployments, { metadata: { namespace, name: 'web' }, spec })
    await client.create(Services, { metadata: { namespace, name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
    await settled(namespace, 3)
    const second = { spec: { template: template({ name: 'web', image: 'i:2' }) } }
    await client.patch(Deployments, { namespace, name: 'web' }, { type: 'strategic', body: second })
    await settled(namespace, 3)
    await client.patch(Deployments, { namespace, name: 'web' }, { type: 'merge', body: { spec: { replicas: 1 } } })
    await settled(namespace, 1)
  }

  /** The deployment is rolled out, and everything around it shows that. */
  async function settled(namespace: string, replicas: number): Promise<void> {
    await until(`${replicas} replicas`, async () => {
      const { status, metadata } = await client.get(Deployments, { namespace, name: 'web' })
      const isRolledOut = status.observedGeneration === metadata.generation && status.updatedReplicas === replicas
      if (!isRolledOut || status.replicas !== replicas || status.availableReplicas !== replicas) return false
      const solo = await client.get(ReplicaSets, { namespace, name: 'solo' })
      const { pods: running, ready, addresses } = await facts(namespace)
      return solo.status.availableReplicas === 2 && running === replicas + 2 && ready === replicas && addresses === replicas
    })
  }

  async function facts(namespace: string) {
    const [sets, slices, list, endpoints, deployment] = await Promise.all([
      client.list(ReplicaSets, { namespace }),
      client.list(EndpointSlices, { namespace }),
      client.list(Pods, { namespace }),
      client.list(EndpointsResource, { namespace }),
      client.get(Deployments, { namespace, name: 'web' }),
    ])
    const owned = (uid: string | undefined) => list.items.filter((pod) => pod.metadata.ownerReferences?.[0]?.uid === uid).length
    return {
      sets: sets.items
        .map(({ metadata, spec, status }) => {
          const revision = metadata.annotations?.['deployment.kubernetes.io/revision']
          return [metadata.name?.split('-')[0], revision, spec.replicas, status.replicas, status.readyReplicas, owned(metadata.uid)].join(
            ' ',
          )
        })
        .sort(),
      pods: list.items.filter(isPodActive).length,
      slices: slices.items.length,
      ready: slices.items.flatMap(({ endpoints: of }) => of ?? []).filter(({ conditions }) => conditions?.ready).length,
      addresses: endpoints.items.flatMap(({ subsets }) => subsets ?? []).flatMap(({ addresses }) => addresses ?? []).length,
      revision: deployment.metadata.annotations?.['deployment.kubernetes.io/revision'],
      conditions: deployment.status.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`).sort(),
    }
  }

  async function leftovers(namespace: string): Promise<string[]> {
    const kinds = [Pods, ReplicaSets, Deployments, Services, EndpointSlices, EndpointsResource, ConfigMaps, ServiceAccounts, CoreEvents]
    const lists = await Promise.all(kinds.map((kind) => client.list(kind as typeof Pods, { namespace })))
    return lists.flatMap(({ items }) => items.map(({ kind, metadata }) => `${kind} ${metadata.name}`))
  }

  it('no controller uses the verbs that are left out', () => {
    const folder = join(import.meta.dirname, '../../controller-manager')
    const paths = globSync('**/*.ts', { cwd: folder }).filter((path) => !path.endsWith('.test.ts'))
    const sources = paths.map((path) => readFileSync(join(folder, path), 'utf8'))
    const pattern = new RegExp(`verb: '(${unused.join('|')})'`)
    assert.ok(sources.some((text) => text.includes("verb: 'create'")))
    assert.equal(
      sources.find((text) => pattern.test(text)),
      undefined,
    )
    assert.equal(verbs.length + unused.length, Object.keys(executors).length)
  })

  for (const failpoint of failpoints(verbs, nth)) {
    it(failpoint, { timeout: 180_000 }, async () => {
      const told = await life(failpoint.replaceAll(':', '-').toLowerCase(), failpoint)
      assert.deepEqual(told, undisturbed)
      for (const { nodes } of pods.values()) assert.ok(nodes.size <= 1, 'a pod changed its node')
    })
  }
}

function scheduler(): void {
  const verbs = Object.keys(binder({} as Client, {} as Parameters<typeof binder>[1]))
  let server: TestApiServer
  let client: Client
  let seen: Informer<Pod>
  let watching: Promise<void>
  let undisturbed: Awaited<ReturnType<typeof life>>
  const stop = new AbortController()
  /** All nodes that a pod was ever seen on, by uid. */
  const places = new Map<string, Set<string>>()

  before(async () => {
    server = await startTestApiServer()
    client = new Client(loadKubeconfig(server.kubeconfigFile))
    seen = new Informer(client, Pods)
    seen.onChange((pod) => {
      const uid = pod?.metadata.uid ?? ''
      if (pod?.spec.nodeName) places.set(uid, (places.get(uid) ?? new Set()).add(pod.spec.nodeName))
    })
    watching = seen.run(stop.signal)
    undisturbed = await life()
  })
  after(async () => {
    stop.abort()
    await watching
    client.close()
    await server[Symbol.asyncDispose]()
  })

  async function addNode(name: string): Promise<void> {
    await client.create(Nodes, { metadata: { name }, spec: {} })
    const allocatable = { cpu: '1', memory: '1Gi', pods: '110' }
    const body = { status: { capacity: allocatable, allocatable, conditions: [{ type: 'Ready', status: 'True' }] } }
    await client.patch(Nodes, { name }, { type: 'strategic', body }, { subresource: 'status' })
  }

  /** Three pods, two of which fit; then a second node. */
  async function life(failpoint?: string) {
    const scheduler = new DaemonProcess(
      'scheduler',
      ['--kubeconfig', server.kubeconfigFile, '--secure-port=0', '--leader-elect=false'],
      failpoint,
    )
    const namespace = 'default'
    try {
      await addNode('first')
      const resources = { requests: { cpu: '500m' } }
      const spec = { containers: [{ name: 'c', image: 'i:1', resources }], tolerations: [{ operator: 'Exists' as const }] }
      for (const name of ['a', 'b', 'c']) await client.create(Pods, { metadata: { namespace, name }, spec })
      const list = async () => (await client.list(Pods, { namespace })).items
      const conditionOf = (pod: Pod) => pod.status.conditions?.find(({ type }) => type === 'PodScheduled')
      const refused = await until('two bound and one refused', async () => {
        const waiting = (await list()).filter((pod) => !pod.spec.nodeName)
        return waiting.length === 1 && waiting.map(conditionOf).find((condition) => condition?.reason === 'Unschedulable')
      })
      await addNode('second')
      const bound = await until('all bound', async () => {
        const items = await list()
        return items.every((pod) => pod.spec.nodeName) && items
      })
      if (failpoint) await until(`the death ${failpoint}`, async () => scheduler.deaths > 0)
      for (const { metadata } of bound) {
        await until('the watch', async () => places.has(metadata.uid ?? ''))
        assert.equal(places.get(metadata.uid ?? '')?.size, 1, `${metadata.name} was bound twice`)
      }
      const nodes = bound.map((pod) => `${pod.spec.nodeName} ${conditionOf(pod)?.status}`).sort()
      return { refused: refused.message, nodes }
    } catch (error) {
      throw new Error(`${failpoint}: ${(error as Error).message}\n${scheduler.output}`, { cause: error })
    } finally {
      await scheduler.stop()
      await client.deleteCollection(Pods, { namespace, gracePeriodSeconds: 0 })
      await client.deleteCollection(Nodes, {})
      await until('no pods', async () => (await client.list(Pods, { namespace })).items.length === 0)
    }
  }

  for (const failpoint of [...failpoints(verbs, {}), ...failpoints(['bind'], { bind: 3 })]) {
    it(failpoint, { timeout: 180_000 }, async () => {
      assert.deepEqual(await life(failpoint), undisturbed)
    })
  }
}

describe('killed at each action', { concurrency: true }, () => {
  describe('the controller manager', { concurrency: 1 }, controllerManager)
  describe('the scheduler', { concurrency: 1 }, scheduler)
})
