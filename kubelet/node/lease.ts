/** The node's heartbeat: a Lease in kube-node-lease, renewed four times within its duration. */
import { type Lease, Leases } from '#api/coordination/lease.ts'
import type { Node } from '#api/core/node.ts'
import { ApiError } from '#api/meta/status.ts'
import type { Client } from '#client/rest.ts'
import { sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'

const namespace = 'kube-node-lease'

export interface LeaseDeps {
  client: Client
  nodeName: string
  durationSeconds: number
  node(): Node | undefined
  now(): Date
  log: Logger
}

export function nodeLease(deps: LeaseDeps): Runnable {
  const renewMs = (deps.durationSeconds * 1000) / 4
  return {
    name: 'node lease',
    async run(signal) {
      let lease: Lease | undefined
      let failures = 0
      // The lease belongs to the node's object and goes with it, so that has to be there first.
      while (!signal.aborted && deps.node()?.metadata.uid === undefined) await sleep(100, signal)
      while (!signal.aborted) {
        try {
          lease = await renew(deps, lease, signal)
          failures = 0
        } catch (error) {
          if (signal.aborted) return
          lease = undefined
          failures++
          deps.log.warn({ error }, 'cannot renew the lease of the node')
        }
        await sleep(failures === 0 ? renewMs : Math.min(renewMs, 200 * 2 ** Math.min(failures, 6)), signal)
      }
    },
  }
}

async function renew(deps: LeaseDeps, lease: Lease | undefined, signal: AbortSignal): Promise<Lease> {
  const { client, nodeName, durationSeconds } = deps
  const ref = { namespace, name: nodeName }
  const timeoutMs = 10_000
  const renewTime = deps.now().toISOString().replace('Z', '000Z')
  const spec = { holderIdentity: nodeName, leaseDurationSeconds: durationSeconds, renewTime }
  const node = deps.node()
  const ownerReferences = node?.metadata.uid ? [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid }] : undefined
  const current = lease ?? (await client.get(Leases, ref, { signal, timeoutMs }).catch(missing))
  if (!current)
    return client.create(Leases, { metadata: { ...ref, ...(ownerReferences ? { ownerReferences } : {}) }, spec }, { signal, timeoutMs })
  const metadata = { ...current.metadata, ...(ownerReferences && !current.metadata.ownerReferences?.length ? { ownerReferences } : {}) }
  return client.update(Leases, { ...current, metadata, spec: { ...current.spec, ...spec } }, { signal, timeoutMs })
}

function missing(error: unknown): undefined {
  if (error instanceof ApiError && error.code === 404) return undefined
  throw error
}
