/**
 * Turns resolved service ports into iptables rules, as text per chain. Pure.
 * Endpoints of a chain take strict turns: rule i of n matches every (n-i)th packet that reaches it, and only the first packet of a
 * connection passes the nat table.
 */
import { clusterChain, endpointChain, externalChain, firewallChain, localChain } from './chain-names.ts'
import type { Backend, ServicePort } from './resolve.ts'

export type Table = 'nat' | 'filter'

/** `nat KUBE-SVC-…`. */
export type ChainKey = `${Table} ${string}`

/** Where a packet enters a service: an address and port, or a node port. The rule's tail says what happens then. */
export interface Entry {
  table: Table
  protocol: ServicePort['protocol']
  /** Undefined for a node port. */
  ip: string | undefined
  port: number
  /** Everything behind the match, such as `-j KUBE-SVC-…`. */
  tail: string
  comment: string
}

export interface NodeView {
  /** Pods' addresses; traffic from elsewhere to a ClusterIP is masqueraded. Empty: never. */
  clusterCidr: string
  masqueradeAll: boolean
}

export interface RenderedService {
  /** Rules of a chain, one a line, each `-A CHAIN …`. */
  chains: ReadonlyMap<ChainKey, string>
  entries: readonly Entry[]
}

const reject = '-j REJECT --reject-with icmp-port-unreachable'

export function renderService(ports: readonly ServicePort[], view: NodeView): RenderedService {
  const chains = new Map<ChainKey, string>()
  const entries: Entry[] = []
  for (const port of ports) renderPort(port, view, { chains, entries })
  return { chains, entries }
}

interface Output {
  chains: Map<ChainKey, string>
  entries: Entry[]
}

function renderPort(port: ServicePort, view: NodeView, out: Output): void {
  const anywhere = port.cluster.length > 0
  const inside = port.internalLocal ? port.local : port.cluster
  for (const ip of port.clusterIps) {
    const entry = { protocol: port.protocol, ip, port: port.port, comment: `${port.id} cluster IP` }
    if (inside.length > 0)
      out.entries.push({ ...entry, table: 'nat', tail: `-j ${port.internalLocal ? localChain(port) : clusterChain(port)}` })
    else out.entries.push({ ...entry, table: 'filter', tail: anywhere ? '-j DROP' : reject })
  }
  const outside = port.externalLocal ? port.local : port.cluster
  const fromOutside = outsideEntries(port)
  for (const entry of fromOutside) {
    if (outside.length > 0 || anywhere) out.entries.push({ ...entry, table: 'nat' })
    if (outside.length === 0) out.entries.push({ ...entry, table: 'filter', tail: anywhere ? '-j DROP' : reject })
  }
  if (fromOutside.length > 0 && anywhere) out.chains.set(`nat ${externalChain(port)}`, externalRules(port, view))
  if (port.sourceRanges.length > 0 && port.loadBalancerIps.length > 0 && anywhere)
    out.chains.set(`nat ${firewallChain(port)}`, firewallRules(port))
  if (anywhere) out.chains.set(`nat ${clusterChain(port)}`, turns(clusterChain(port), port, { backends: port.cluster, view }))
  const usesLocal = port.internalLocal || (port.externalLocal && fromOutside.length > 0)
  if (usesLocal && port.local.length > 0)
    out.chains.set(`nat ${localChain(port)}`, turns(localChain(port), port, { backends: port.local, view }))
  for (const backend of new Set([...port.cluster, ...(usesLocal ? port.local : [])]))
    out.chains.set(`nat ${endpointChain(port, backend)}`, endpointRules(port, backend))
}

/** Entries for traffic from outside; `table` and, where there is nobody to answer, `tail` are the caller's. */
function outsideEntries(port: ServicePort): Omit<Entry, 'table'>[] {
  const { protocol } = port
  const tail = `-j ${externalChain(port)}`
  const guarded = port.sourceRanges.length > 0 ? `-j ${firewallChain(port)}` : tail
  return [
    ...port.externalIps.map((ip) => ({ protocol, ip, port: port.port, tail, comment: `${port.id} external IP` })),
    ...port.loadBalancerIps.map((ip) => ({ protocol, ip, port: port.port, tail: guarded, comment: `${port.id} loadbalancer IP` })),
    ...(port.nodePort === undefined ? [] : [{ protocol, ip: undefined, port: port.nodePort, tail, comment: port.id }]),
  ]
}

function lines(chain: string, rules: readonly string[]): string {
  return rules.map((rule) => `-A ${chain} ${rule}`).join('\n')
}

/** Balanced rules of one chain. With session affinity a client that is remembered goes back to its endpoint first. */
function turns(chain: string, port: ServicePort, how: { backends: readonly Backend[]; view: NodeView }): string {
  const { backends, view } = how
  const rules: string[] = []
  if (chain === clusterChain(port)) {
    for (const ip of port.clusterIps) {
      const from = view.masqueradeAll ? '' : view.clusterCidr === '' ? undefined : `! -s ${view.clusterCidr} `
      if (from !== undefined)
        rules.push(`${from}-d ${ip}/32 -p ${port.protocol} -m ${port.protocol} --dport ${port.port} -j KUBE-MARK-MASQ`)
    }
  }
  if (port.affinitySeconds !== undefined)
    for (const backend of backends) {
      const target = endpointChain(port, backend)
      rules.push(`-m recent --name ${target} --rcheck --seconds ${port.affinitySeconds} --reap -j ${target}`)
    }
  backends.forEach((backend, i) => {
    const left = backends.length - i
    const share = left > 1 ? `-m statistic --mode nth --every ${left} --packet 0 ` : ''
    rules.push(`-m comment --comment "${port.id} -> ${backend.ip}:${backend.port}" ${share}-j ${endpointChain(port, backend)}`)
  })
  return lines(chain, rules)
}

function endpointRules(port: ServicePort, backend: Backend): string {
  const chain = endpointChain(port, backend)
  const remember = port.affinitySeconds === undefined ? '' : ` -m recent --name ${chain} --set`
  return lines(chain, [
    // A pod that reaches itself through its service must see another source than itself.
    `-s ${backend.ip}/32 -m comment --comment "${port.id}" -j KUBE-MARK-MASQ`,
    `-p ${port.protocol} -m comment --comment "${port.id}"${remember} -m ${port.protocol} -j DNAT --to-destination ${backend.ip}:${backend.port}`,
  ])
}

function externalRules(port: ServicePort, view: NodeView): string {
  const chain = externalChain(port)
  if (!port.externalLocal) return lines(chain, ['-j KUBE-MARK-MASQ', `-j ${clusterChain(port)}`])
  const rules: string[] = []
  // Pods and the node itself are inside: they may use any endpoint.
  if (view.clusterCidr !== '') rules.push(`-s ${view.clusterCidr} -j ${clusterChain(port)}`)
  rules.push('-m addrtype --src-type LOCAL -j KUBE-MARK-MASQ', `-m addrtype --src-type LOCAL -j ${clusterChain(port)}`)
  if (port.local.length > 0) rules.push(`-j ${localChain(port)}`)
  return lines(chain, rules)
}

/** Sources outside the ranges fall through here and are dropped by the filter entry for the address. */
function firewallRules(port: ServicePort): string {
  const chain = firewallChain(port)
  return lines(chain, [...port.sourceRanges.map((range) => `-s ${range} -j ${externalChain(port)}`), '-j KUBE-MARK-DROP'])
}
