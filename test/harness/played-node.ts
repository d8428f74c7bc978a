/** A node without machines, for tests of what stands above the kubelet: its pods get an address and become ready, deleted ones end. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { type Pod, Pods } from '#api/core/pod.ts'
import { Informer } from '#client/informer.ts'
import type { Client } from '#client/rest.ts'

/** What is not there yet (404) is waited for. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, timeoutMs = 45_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await look().catch((error: { code?: number }) => (error.code === 404 ? undefined : Promise.reject(error)))
    if (found !== undefined && found !== false) return found
    assert.ok(Date.now() < deadline, `timed out waiting for ${what}`)
    await delay(20)
  }
}

export /** Plays scheduler and kubelet of the node `n1`. */
function playNode(client: Client, options: { readyAfterMs?: number } = {}) {
  const stop = new AbortController()
  const pods = new Informer(client, Pods)
  const started = new Set<string>()
  let count = 0
  const start = async (pod: Pod): Promise<void> => {
    const ref = { namespace: pod.metadata.namespace, name: pod.metadata.name ?? '' }
    await client.post(Pods, ref, 'binding', { apiVersion: 'v1', kind: 'Binding', metadata: ref, target: { kind: 'Node', name: 'n1' } })
    await delay(options.readyAfterMs ?? 5)
    const ip = `10.9.${(++count >> 8) & 255}.${count & 255}`
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }
    const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [ready] }
    await client.patch(Pods, ref, { type: 'strategic', body: { status } }, { subresource: 'status' })
  }
  const gone = (error: { code?: number }): void => assert.ok(error.code === 404 || error.code === 409, String(error))
  pods.onChange((pod) => {
    if (!pod) return
    const ref = { namespace: pod.metadata.namespace, name: pod.metadata.name ?? '' }
    if (pod.metadata.deletionTimestamp) client.delete(Pods, ref, { gracePeriodSeconds: 0 }).catch(gone)
    else if (!started.has(pod.metadata.uid ?? '')) {
      started.add(pod.metadata.uid ?? '')
      start(pod).catch(gone)
    }
  })
  const running = pods.run(stop.signal)
  return {
    pods,
    stop: async () => {
      stop.abort()
      await running
    },
  }
}
