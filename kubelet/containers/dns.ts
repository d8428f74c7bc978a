/** The resolver configuration of a pod by its dnsPolicy and dnsConfig, within upstream's limits. Pure. */
import type { Pod } from '#api/core/pod.ts'

export interface DnsConfig {
  servers: string[]
  searches: string[]
  options: string[]
}

export interface DnsFacts {
  clusterDns: readonly string[]
  clusterDomain: string
  /** The node's own resolver configuration; undefined where the kubelet is told to use none. */
  node: DnsConfig | undefined
}

export interface DnsWarning {
  reason: string
  message: string
  /** What is told of the node as well. */
  ofNode?: string
}

export interface PodDns {
  config: DnsConfig
  /** What the pod asked for and does not get, for Warning events. */
  warnings: readonly DnsWarning[]
}

const maxServers = 3
const maxSearches = 32
const maxSearchLine = 2048
const maxSearchLength = 253

export function parseResolvConf(text: string): DnsConfig {
  const config: DnsConfig = { servers: [], searches: [], options: [] }
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)
    if (word === 'nameserver' && rest[0]) config.servers.push(rest[0])
    else if (word === 'search') config.searches = rest.filter((each) => each !== '.').map((each) => each.replace(/\.$/, ''))
    else if (word === 'options') config.options = mergedOptions(config.options, rest)
  }
  return config
}

export function podDns(pod: Pod, facts: DnsFacts): PodDns {
  const { config: base, warning } = baseOf(pod, facts)
  const own = pod.spec?.dnsConfig
  const servers = own ? [...new Set([...base.servers, ...(own.nameservers ?? [])])] : base.servers
  const searches = own ? [...new Set([...base.searches, ...(own.searches ?? [])])] : base.searches
  const asked = (own?.options ?? []).map(({ name = '', value }) => (value ? `${name}:${value}` : name))
  const shownServers = servers.slice(0, maxServers)
  const shownSearches = searchesWithinLimits(searches)
  const forming = (message: string) => [{ reason: 'DNSConfigForming', message }]
  return {
    config: { servers: shownServers, searches: shownSearches, options: mergedOptions(base.options, asked) },
    warnings: [
      ...(warning === undefined ? [] : [warning]),
      ...(shownServers.length < servers.length
        ? forming(
            `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${shownServers.join(' ')}`,
          )
        : []),
      ...(shownSearches.length < searches.length
        ? forming(
            `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${shownSearches.join(' ')}`,
          )
        : []),
    ],
  }
}

/** One of each name; the last one counts. */
function mergedOptions(...lists: readonly (readonly string[])[]): string[] {
  return [...new Map(lists.flat().map((text) => [text.split(':')[0] ?? '', text])).values()]
}

/** Too many, too long each (some resolvers abort on those) and too long together. */
function searchesWithinLimits(searches: readonly string[]): string[] {
  const kept = searches.slice(0, maxSearches).filter((search) => search.length <= maxSearchLength)
  while (kept.join(' ').length > maxSearchLine) kept.pop()
  return kept
}

function baseOf(pod: Pod, facts: DnsFacts): { config: DnsConfig; warning?: DnsWarning } {
  const policy = pod.spec?.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { config: { servers: [], searches: [], options: [] } }
  const ofNode = facts.node ?? { servers: ['127.0.0.1'], searches: ['.'], options: [] }
  if (policy === 'Default' || (policy === 'ClusterFirst' && pod.spec?.hostNetwork)) return { config: ofNode }
  if (facts.clusterDns.length === 0) {
    const { name, namespace, uid } = pod.metadata
    const fault =
      'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.'
    return {
      config: ofNode,
      warning: { reason: 'MissingClusterDNS', message: `pod: "${name}_${namespace}(${uid})". ${fault}`, ofNode: fault },
    }
  }
  const domain = facts.clusterDomain
  const own = domain === '' ? [] : [`${pod.metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain]
  const searches = [...new Set([...own, ...(facts.node?.searches ?? [])])]
  return { config: { servers: [...facts.clusterDns], searches, options: ['ndots:5'] } }
}
