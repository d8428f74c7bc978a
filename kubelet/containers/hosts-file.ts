/** The texts of a pod's /etc/hosts and its names. Pure; the forms are upstream's. */
import type { Pod } from '#api/core/pod.ts'

const header = '# Kubernetes-managed hosts file.\n'
const hostHeader = '# Kubernetes-managed hosts file (host network).\n'

const longestHostname = 63
const longestKernelName = 64

/** Cut to what a host name may be long; never ends in a hyphen or dot. */
export function hostnameOf(pod: Pod): string {
  const { hostname, hostnameOverride } = pod.spec ?? {}
  const name = hostnameOverride || hostname || pod.metadata.name || ''
  return name.length <= longestHostname ? name : name.slice(0, longestHostname).replace(/[-.]+$/, '')
}

/** The name within the cluster's domain, for pods that belong to a governing service. */
export function domainNameOf(pod: Pod, clusterDomain: string): string | undefined {
  const subdomain = pod.spec?.subdomain
  if (!subdomain || pod.spec?.hostnameOverride) return undefined
  return `${hostnameOf(pod)}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`
}

/** What `hostname` says inside. Throws with upstream's words for a full name that the kernel cannot hold. */
export function sandboxHostname(pod: Pod, clusterDomain: string, nodeHostname: string): string {
  if (pod.spec?.hostNetwork) return nodeHostname
  const full = pod.spec?.setHostnameAsFQDN ? domainNameOf(pod, clusterDomain) : undefined
  if (full === undefined) return hostnameOf(pod)
  if (full.length <= longestKernelName) return full
  throw new Error(
    `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (${longestKernelName} characters is the max, ${full.length} characters requested)`,
  )
}

/** `nodeHosts` is the node's own file, which pods in the host's network start from. */
export function hostsFile(pod: Pod, ips: readonly string[], facts: { clusterDomain: string; nodeHosts: string }): string {
  const aliases = (pod.spec?.hostAliases ?? []).map((alias) => `${alias.ip}\t${(alias.hostnames ?? []).join('\t')}\n`).join('')
  const added = aliases === '' ? '' : `\n# Entries added by HostAliases.\n${aliases}`
  if (pod.spec?.hostNetwork) return hostHeader + facts.nodeHosts + added
  const hostname = hostnameOf(pod)
  const domain = domainNameOf(pod, facts.clusterDomain)
  const own = ips.map((ip) => `${ip}\t${domain === undefined ? '' : `${domain}\t`}${hostname}\n`).join('')
  const fixed = [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
  ]
  return `${header}${fixed.join('\n')}\n${own}${added}`
}
