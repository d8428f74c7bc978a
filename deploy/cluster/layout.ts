/**
 * Every path, port, address and name of a cluster on this machine, computed from its options and from nothing else, so that starting,
 * stopping and removing always speak of the same things. Pure.
 */
import { join } from 'node:path'
import { defaultPort } from '#deploy/bootstrap/usage.mjs'
import type { Options } from './options.ts'

export interface NodeLayout {
  name: string
  address: string
  /** Folder of the node in the state directory. */
  folder: string
  /** The end of the cable that stays on the host. */
  link: string
  cgroup: string
  logs: string
}

export interface Layout {
  options: Options
  /** Folder of the bundles of what is started with this layout; without it sources run. */
  bundles?: string
  checkout: string
  state: string
  logs: string
  run: string
  pki: string
  adminConf: string
  journal: string
  ports: { apiserver: number; etcdClient: number; etcdPeer: number; etcdMetrics: number; controllerManager: number; scheduler: number }
  bridge: string
  hostAddress: string
  nodeNetwork: string
  podNetwork: string
  serviceNetwork: string
  /** First address of the service network: the `kubernetes` Service. */
  serviceAddress: string
  chains: { nat: string; forward: string; input: string }
  cgroup: string
  nodes: readonly NodeLayout[]
}

/** A cluster on the default port is slot 0; others spread over 199 slots, so that several clusters can stand beside each other. */
export function slotOf(port: number): number {
  return port === defaultPort ? 0 : 1 + (port % 199)
}

function portsOf(port: number): Layout['ports'] {
  if (port === defaultPort) {
    return { apiserver: port, etcdClient: 2379, etcdPeer: 2380, etcdMetrics: 2381, controllerManager: 10_257, scheduler: 10_259 }
  }
  return {
    apiserver: port,
    etcdClient: port + 1,
    etcdPeer: port + 2,
    etcdMetrics: port + 3,
    controllerManager: port + 4,
    scheduler: port + 5,
  }
}

/** Slot 0 has upstream's usual /16; the others a /18 each, room for 64 nodes. */
function podNetworkOf(slot: number): string {
  return slot === 0 ? '10.244.0.0/16' : `10.${180 + (slot >> 2)}.${(slot & 3) * 64}.0/18`
}

export function layoutOf(options: Options, checkout: string): Layout {
  const slot = slotOf(options.port)
  const state = options.state
  const nodeNetwork = options.nodeCidr ?? `10.243.${slot}.0/24`
  const prefix = nodeNetwork.slice(0, nodeNetwork.lastIndexOf('.'))
  const cgroup = `typernetes/${slot}`
  const nodes = Array.from({ length: options.nodes }, (_, index): NodeLayout => {
    const name = `node-${index + 1}`
    return {
      name,
      address: `${prefix}.${11 + index}`,
      folder: join(state, 'nodes', name),
      link: `tn${slot}-${index + 1}`,
      cgroup: `${cgroup}/${name}`,
      logs: join(state, 'logs', name),
    }
  })
  return {
    options,
    checkout,
    state,
    logs: join(state, 'logs'),
    run: join(state, 'run'),
    pki: join(state, 'pki'),
    adminConf: join(state, 'admin.conf'),
    journal: join(state, 'journal.jsonl'),
    ports: portsOf(options.port),
    bridge: `typernetes${slot}`,
    hostAddress: `${prefix}.1`,
    nodeNetwork,
    podNetwork: options.podCidr ?? podNetworkOf(slot),
    serviceNetwork: '10.96.0.0/16',
    serviceAddress: '10.96.0.1',
    chains: { nat: `TYPERNETES-${slot}-NAT`, forward: `TYPERNETES-${slot}-FORWARD`, input: `TYPERNETES-${slot}-INPUT` },
    cgroup,
    nodes,
  }
}
