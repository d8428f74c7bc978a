/**
 * Which connection-tracking entries must go after a change. UDP has no end of connection: a client keeps an entry to an endpoint that is gone,
 * or one without translation from the time when a service had no endpoints. Pure; argv lists for the `conntrack` tool come out.
 */
import type { ServicePort } from './resolve.ts'

export function staleFlows(was: readonly ServicePort[], now: readonly ServicePort[]): readonly (readonly string[])[] {
  const flows: string[][] = []
  const current = new Map(now.map((port) => [`${port.id}/${port.protocol}`, port]))
  for (const old of was.filter((port) => port.protocol === 'udp')) {
    const next = current.get(`${old.id}/${old.protocol}`)
    const kept = new Set((next?.cluster ?? []).map((b) => b.ip))
    for (const { ip } of old.cluster.filter((b) => !kept.has(b.ip))) {
      for (const address of addresses(old)) flows.push(['-D', '--orig-dst', address, '--dst-nat', ip, '-p', 'udp'])
      if (old.nodePort !== undefined) flows.push(['-D', '-p', 'udp', '--dport', String(old.nodePort), '--dst-nat', ip])
    }
  }
  const before = new Map(was.map((port) => [`${port.id}/${port.protocol}`, port]))
  for (const port of now.filter((p) => p.protocol === 'udp' && p.cluster.length > 0)) {
    if ((before.get(`${port.id}/${port.protocol}`)?.cluster.length ?? 0) > 0) continue
    for (const address of addresses(port)) flows.push(['-D', '--orig-dst', address, '-p', 'udp'])
    if (port.nodePort !== undefined) flows.push(['-D', '-p', 'udp', '--dport', String(port.nodePort)])
  }
  return flows
}

const addresses = (port: ServicePort): readonly string[] => [...port.clusterIps, ...port.externalIps, ...port.loadBalancerIps]
