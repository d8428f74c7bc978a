/** Settings of kube-proxy: upstream's flags and its configuration file (kubeproxy.config.k8s.io/v1alpha1). */
import { hostname } from 'node:os'
import * as z from 'zod'
import { parseCidr, parseIp } from '#api/validation/addresses.ts'
import { StartupError } from '#component/daemon.ts'
import { boolFlag, durationFlag, type FlagValues, stringFlag } from '#component/flags.ts'
import { durationKey, readGivenYaml } from '#component/given-files.ts'

export const flags = {
  config: stringFlag('Configuration file; what it says wins over the other flags.'),
  kubeconfig: stringFlag('Kubeconfig that tells where the API server is and who this program is.'),
  'hostname-override': stringFlag("This node's name; the host name unless said."),
  'proxy-mode': stringFlag('Which kernel rules are written: iptables.', 'iptables'),
  'cluster-cidr': stringFlag("Addresses of the cluster's pods; traffic from elsewhere to a ClusterIP is masqueraded."),
  'masquerade-all': boolFlag('Masquerade all traffic to ClusterIPs.'),
  'iptables-sync-period': durationFlag('How often the rules are looked at although nothing changed.', 30_000),
  'iptables-min-sync-period': durationFlag('Least time between two writes of rules.', 0),
  'healthz-bind-address': stringFlag('Address and port of /healthz.', '0.0.0.0:10256'),
  'metrics-bind-address': stringFlag('Address and port of /metrics and /proxyMode.', '127.0.0.1:10249'),
}

export interface ProxyConfig {
  kubeconfig: string
  nodeName: string
  clusterCidr: string
  masqueradeAll: boolean
  syncPeriodMs: number
  minSyncPeriodMs: number
  healthz: { bindAddress: string; port: number }
  metrics: { bindAddress: string; port: number }
}

const fileSchema = z.strictObject({
  apiVersion: z.literal('kubeproxy.config.k8s.io/v1alpha1'),
  kind: z.literal('KubeProxyConfiguration'),
  clientConnection: z.strictObject({ kubeconfig: z.string().optional() }).optional(),
  hostnameOverride: z.string().optional(),
  mode: z.string().optional(),
  clusterCIDR: z.string().optional(),
  healthzBindAddress: z.string().optional(),
  metricsBindAddress: z.string().optional(),
  iptables: z
    .strictObject({ masqueradeAll: z.boolean().optional(), syncPeriod: durationKey.optional(), minSyncPeriod: durationKey.optional() })
    .optional(),
})

/** Throws StartupError with one line that names the file or flag at fault. */
export function loadConfig(values: FlagValues<typeof flags>): ProxyConfig {
  const file = values.config === '' ? undefined : readGivenYaml({ name: '--config', path: values.config }, fileSchema)
  const mode = file?.mode || values['proxy-mode']
  if (mode !== 'iptables') throw new StartupError(`proxy mode "${mode}" is not supported: use iptables`)
  const kubeconfig = file?.clientConnection?.kubeconfig || values.kubeconfig
  if (kubeconfig === '') throw new StartupError('no kubeconfig: pass --kubeconfig FILE or clientConnection.kubeconfig in --config')
  return {
    kubeconfig,
    nodeName: (file?.hostnameOverride || values['hostname-override'] || hostname()).toLowerCase(),
    clusterCidr: clusterCidr(file?.clusterCIDR ?? values['cluster-cidr']),
    masqueradeAll: file?.iptables?.masqueradeAll ?? values['masquerade-all'],
    syncPeriodMs: file?.iptables?.syncPeriod ?? values['iptables-sync-period'],
    minSyncPeriodMs: file?.iptables?.minSyncPeriod ?? values['iptables-min-sync-period'],
    healthz: address('healthz', file?.healthzBindAddress || values['healthz-bind-address'], 10256),
    metrics: address('metrics', file?.metricsBindAddress || values['metrics-bind-address'], 10249),
  }
}

/** Of two families the IPv4 range: the rules are iptables'. Another text would fail each write of rules. */
function clusterCidr(text: string): string {
  const ranges = text.split(',').filter((part) => part !== '')
  const odd = ranges.find((range) => !parseCidr(range))
  if (odd !== undefined) throw new StartupError(`--cluster-cidr (clusterCIDR): ${JSON.stringify(odd)} is not a CIDR such as 10.244.0.0/16`)
  return ranges.find((range) => parseCidr(range)?.address.family === 4) ?? ''
}

function address(what: string, text: string, fallbackPort: number): { bindAddress: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? []
  const bindAddress = (bracketed ?? plain) || '0.0.0.0'
  const port = Number(digits ?? fallbackPort)
  if (!parseIp(bindAddress) || port > 65_535)
    throw new StartupError(`--${what}-bind-address (${what}BindAddress): ${JSON.stringify(text)} is not of the form address:port`)
  return { bindAddress, port }
}
