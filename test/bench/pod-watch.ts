/** One watch of pods for all readings, so that what is waited for is seen the moment it happens. */
import { type Pod, Pods } from '#api/core/pod.ts'
import type { Client } from '#client/rest.ts'
import { exampleImage } from '#deploy/example/image.ts'
import type { TestCluster } from '#test/harness/cluster.ts'

type Look = (pod: Pod, type: string) => boolean

export class PodWatch {
  readonly resource = Pods
  readonly namespace = 'default'
  readonly #stop = new AbortController()
  readonly #waiting = new Set<{ look: Look; seen: (pod: Pod) => void }>()

  static async start(client: Client): Promise<PodWatch> {
    const watch = new PodWatch()
    const { namespace } = watch
    const { metadata } = await client.list(Pods, { namespace })
    watch.#follow(client, metadata.resourceVersion ?? '').catch((error: unknown) => {
      if (!watch.#stop.signal.aborted) throw error
    })
    return watch
  }

  /** Resolves with the first pod from now on of which `look` is true. */
  expect(look: Look): Promise<Pod> {
    return new Promise((resolve) => this.#waiting.add({ look, seen: resolve }))
  }

  stop(): void {
    this.#stop.abort()
  }

  async #follow(client: Client, resourceVersion: string): Promise<void> {
    const { signal } = this.#stop
    for await (const { type, object } of client.watch(Pods, { namespace: this.namespace, resourceVersion, signal })) {
      for (const waiter of this.#waiting) {
        if (!waiter.look(object, type)) continue
        this.#waiting.delete(waiter)
        waiter.seen(object)
      }
    }
  }
}

export const runs = (pod: Pod): boolean =>
  pod.status.phase === 'Running' && (pod.status.containerStatuses ?? []).every(({ state }) => state?.running !== undefined)

export const restarts = (pod: Pod): number => pod.status.containerStatuses?.[0]?.restartCount ?? 0

/** A pod whose process ends at once when it is asked to. */
export function podManifest(name: string, node?: string) {
  return {
    metadata: { namespace: 'default', name, labels: { bench: 'start' } },
    spec: {
      automountServiceAccountToken: false,
      ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
      containers: [
        {
          name: 'main',
          image: exampleImage,
          command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'],
          imagePullPolicy: 'IfNotPresent',
        },
      ],
    },
  }
}

/** Milliseconds that the node's kubelet has waited so far for Docker to create and start containers. */
export async function dockerMs(cluster: TestCluster, node: string): Promise<number> {
  const { status, text } = await cluster.api.send({ path: `/api/v1/nodes/${node}/proxy/metrics` })
  if (status !== 200) throw new Error(`metrics of ${node}: ${status} ${text.slice(0, 200)}`)
  const sums = text.matchAll(/^kubelet_docker_operations_duration_seconds_sum\{operation_type="(?:create|start)_container"\} (\S+)$/gm)
  return [...sums].reduce((sum, [, seconds]) => sum + Number(seconds) * 1000, 0)
}
