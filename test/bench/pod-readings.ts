/** Pods one by one, POST to Running as a watch sees it, in turns with raw create and start on a dockerd with its bridge. */
import { Pods } from '#api/core/pod.ts'
import { loadKubeconfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { exampleImage } from '#deploy/example/image.ts'
import type { TestCluster } from '#test/harness/cluster.ts'
import { rawDocker } from './raw-docker.ts'
import type { Row } from './report.ts'
import { percentile } from './usage.ts'

const namespace = 'default'
const rounds = 20

export async function podReadings(cluster: TestCluster, say: (text: string) => void): Promise<readonly Row[]> {
  await using docker = await rawDocker()
  const client = new Client(loadKubeconfig(cluster.layout.adminConf))
  const [pods, raw]: [number[], number[]] = [[], []]
  await startOne(client, 'warm-up')
  await docker.startOne()
  for (let round = 0; round < rounds; round++) {
    say(`pod start, round ${round + 1} of ${rounds}`)
    pods.push(await startOne(client, `start-${round}`))
    raw.push(await docker.startOne())
  }
  const burstMs = await burst(client, 40)
  client.close()
  const row = (share: number, label: string): Row => ({
    what: `pod start, POST to Running seen, ${label} of ${rounds}`,
    ours: `${percentile(pods, share).toFixed(0)} ms`,
    peer: `docker create + start, bridge: ${percentile(raw, share).toFixed(0)} ms`,
    ratio: percentile(pods, share) / percentile(raw, share),
  })
  return [
    row(0.5, 'p50'),
    row(0.9, 'p90'),
    { what: '40 pods at once, all Running', ours: `${(burstMs / 1000).toFixed(2)} s`, peer: '', ratio: undefined },
  ]
}

function podOf(name: string) {
  return {
    metadata: { namespace, name, labels: { bench: 'start' } },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      containers: [{ name: 'main', image: exampleImage, command: ['sleep', '1000'], imagePullPolicy: 'IfNotPresent' }],
    },
  }
}

async function startOne(client: Client, name: string): Promise<number> {
  const stop = new AbortController()
  const { metadata } = await client.list(Pods, { namespace })
  const watch = client.watch(Pods, { namespace, resourceVersion: metadata.resourceVersion ?? '', signal: stop.signal })
  const started = performance.now()
  await client.create(Pods, podOf(name))
  let tookMs = Number.NaN
  for await (const event of watch) {
    if (event.object.metadata.name !== name || event.object.status.phase !== 'Running') continue
    tookMs = performance.now() - started
    break
  }
  stop.abort()
  await client.delete(Pods, { namespace, name }, { gracePeriodSeconds: 0 })
  return tookMs
}

async function burst(client: Client, count: number): Promise<number> {
  const stop = new AbortController()
  const { metadata } = await client.list(Pods, { namespace })
  const watch = client.watch(Pods, { namespace, resourceVersion: metadata.resourceVersion ?? '', signal: stop.signal })
  const started = performance.now()
  await Promise.all(Array.from({ length: count }, (_, i) => client.create(Pods, podOf(`burst-${i}`))))
  const running = new Set<string>()
  for await (const event of watch) {
    const name = event.object.metadata.name ?? ''
    if (name.startsWith('burst-') && event.object.status.phase === 'Running') running.add(name)
    if (running.size === count) break
  }
  const tookMs = performance.now() - started
  stop.abort()
  await client.deleteCollection(Pods, { namespace, labelSelector: 'bench=start', gracePeriodSeconds: 0 })
  return tookMs
}
