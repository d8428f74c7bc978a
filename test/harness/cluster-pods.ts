/** What end-to-end tests do with the objects of their cluster: write and insist, make pods, wait for their phase. */
import assert from 'node:assert/strict'
import { eventually, type TestCluster } from './cluster.ts'

export const core = '/api/v1/namespaces/default'

/** The answer's object; a refusal fails the test with its text. */
export async function mustSend(cluster: TestCluster, method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
  const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const reply = await cluster.api.send({ method, path, body, contentType })
  assert.ok(reply.status < 300, `${method} ${path}: ${reply.status} ${reply.text}`)
  return JSON.parse(reply.text)
}

/** Pods of the namespace `default`; `Pod` says what a test looks at. */
export class ClusterPods<Pod extends { status: { phase?: string } }> {
  readonly #cluster: TestCluster
  readonly #timeoutMs: number

  constructor(cluster: TestCluster, timeoutMs: number) {
    this.#cluster = cluster
    this.#timeoutMs = timeoutMs
  }

  /** A pod that ends a second after it is asked to, labelled with its name. */
  async create(name: string, spec: object): Promise<void> {
    const whole = { terminationGracePeriodSeconds: 1, ...spec }
    await mustSend(this.#cluster, 'POST', `${core}/pods`, { metadata: { name, labels: { name } }, spec: whole })
  }

  now(name: string): Promise<Pod | undefined> {
    return this.#cluster.api.get<Pod>(`${core}/pods/${name}`)
  }

  inPhase(name: string, ...phases: string[]): Promise<Pod> {
    return eventually(`${name} ${phases.join(' or ')}`, this.#timeoutMs, async () => {
      const pod = await this.now(name)
      return phases.includes(pod?.status.phase ?? '') ? pod : undefined
    })
  }
}
