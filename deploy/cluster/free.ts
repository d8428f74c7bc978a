/** Are the ports and the names that a cluster is to have free on this machine? If not: whose they are, and what to run. */
import type { Journal } from '#deploy/machine/journal.ts'
import { listenersOn } from '#deploy/machine/ports.ts'
import { standingBridge } from '#deploy/node/standing.ts'
import { StartFailure } from './failure.ts'
import type { Layout } from './layout.ts'
import { readRecord } from './record.ts'
import { placeOf } from './store.ts'

/** Without an etcd of its own the cluster leaves its ports alone. */
export function portsUsed({ options, ports }: Layout): number[] {
  const { etcdClient, etcdPeer, etcdMetrics, ...others } = ports
  return [...Object.values(others), ...(placeOf(options) === 'etcd' ? [etcdClient, etcdPeer, etcdMetrics] : [])]
}

const removal = (state: string, port: number): string => `npm run down -- --state ${state} --port ${port}   (removes what is left of it)`

/** Throws if a port that the cluster needs is held by somebody who is not of this cluster. */
export async function checkPorts(layout: Layout): Promise<void> {
  const { state, options } = layout
  const listeners = await listenersOn(portsUsed(layout))
  const ours = listeners.filter(({ command }) => command?.includes(state))
  const taken = listeners.filter((listener) => !ours.includes(listener))
  const [first] = taken
  if (first) {
    const who = first.pid === undefined ? 'another process' : `process ${first.pid} (${first.command?.slice(0, 100)})`
    const others = taken.slice(1).map(({ port }) => port)
    throw new StartFailure(
      `port ${first.port} is taken`,
      `${who} listens on it${others.length > 0 ? `; also taken: ${others.join(', ')}` : ''}`,
      `npm start -- --port ${options.port + 1000}   (the API server there, etcd and the others on the ports that follow)\nor stop that process and run npm start again`,
    )
  }
  if (ours.length === 0 || (await readRecord(state)) !== undefined) return
  throw new StartFailure(
    `the cluster in ${state} still runs, without its state`,
    'its state directory was deleted while it ran',
    `${removal(state, options.port)}, then npm start`,
  )
}

/** Throws if the bridge of these names is not of this cluster's making. */
export async function checkNames(layout: Layout, journal: Journal): Promise<void> {
  const bridge = await standingBridge(layout)
  if (!bridge || journal.entries.some((entry) => entry.what === 'link' && entry.name === layout.bridge)) return
  const { port } = layout.options
  const elsewhere = `npm start -- --port ${port + 1}   (other names)`
  const { owner = layout.state } = bridge
  const lives = owner !== layout.state && (await readRecord(owner)) !== undefined
  throw new StartFailure(
    `the bridge ${layout.bridge} is there already`,
    lives ? `it belongs to the cluster in ${owner}` : 'it is left of a cluster whose state directory is gone',
    lives
      ? `${elsewhere}\nor give that cluster up: npm run down -- --state ${owner}`
      : `${removal(owner, port)}, then npm start\nor ${elsewhere}`,
  )
}
