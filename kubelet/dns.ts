/** The resolver configuration of a pod by its dnsPolicy and dnsConfig. Pure. */
import type { Pod } from '#api/core/pod.ts'

export interface DnsConfig {
  servers: string[]
  searches: string[]
  options: string[]
}

export interface DnsFacts {
  clusterDns: readonly string[]
  clusterDomain: string
  /** The node's own resolver configuration. */
  node: DnsConfig
}

const maxServers = 3
const maxSearches = 32

export function parseResolvConf(text: string): DnsConfig {
  const config: DnsConfig = { servers: [], searches: [], options: [] }
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)
    if (word === 'nameserver' && rest[0]) config.servers.push(rest[0])
    else if (word === 'search') config.searches = rest.filter((each) => each !== '.')
    else if (word === 'options') config.options = rest
  }
  return config
}

export function podDns(pod: Pod, facts: DnsFacts): DnsConfig {
  const base = baseOf(pod, facts)
  const own = pod.spec?.dnsConfig
  const options = new Map(
    [...base.options, ...(own?.options ?? []).map((o) => `${o.name ?? ''}${o.value === undefined ? '' : `:${o.value}`}`)].map((text) => [
      text.split(':')[0] ?? '',
      text,
    ]),
  )
  return {
    servers: [...new Set([...base.servers, ...(own?.nameservers ?? [])])].slice(0, maxServers),
    searches: [...new Set([...base.searches, ...(own?.searches ?? [])])].slice(0, maxSearches),
    options: [...options.values()],
  }
}

function baseOf(pod: Pod, facts: DnsFacts): DnsConfig {
  const policy = pod.spec?.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { servers: [], searches: [], options: [] }
  const ofNode = policy === 'Default' || (policy === 'ClusterFirst' && pod.spec?.hostNetwork)
  if (ofNode || facts.clusterDns.length === 0) return facts.node
  const domain = facts.clusterDomain
  const searches = domain === '' ? [] : [`${pod.metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain]
  return { servers: [...facts.clusterDns], searches: [...new Set([...searches, ...facts.node.searches])], options: ['ndots:5'] }
}
