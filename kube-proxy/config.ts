/** Settings of kube-proxy: upstream's flags and its configuration file (kubeproxy.config.k8s.io/v1alpha1). */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { parse } from 'yaml'
import * as z from 'zod'
import { StartupError } from '#component/daemon.ts'
import { boolFlag, durationFlag, type FlagValues, parseDuration, stringFlag } from '#component/flags.ts'

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

const durationText = z.string().transform((text, context) => {
  try {
    return parseDuration(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
})

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
    .strictObject({ masqueradeAll: z.boolean().optional(), syncPeriod: durationText.optional(), minSyncPeriod: durationText.optional() })
    .optional(),
})

/** Throws StartupError with one line that names the file or flag at fault. */
export function loadConfig(values: FlagValues<typeof flags>): ProxyConfig {
  const file = values.config === '' ? undefined : readFile(values.config)
  const mode = file?.mode || values['proxy-mode']
  if (mode !== 'iptables') throw new StartupError(`proxy mode "${mode}" is not supported: use iptables`)
  const kubeconfig = file?.clientConnection?.kubeconfig || values.kubeconfig
  if (kubeconfig === '') throw new StartupError('no kubeconfig: pass --kubeconfig FILE or clientConnection.kubeconfig in --config')
  return {
    kubeconfig,
    nodeName: (file?.hostnameOverride || values['hostname-override'] || hostname()).toLowerCase(),
    clusterCidr: file?.clusterCIDR ?? values['cluster-cidr'],
    masqueradeAll: file?.iptables?.masqueradeAll ?? values['masquerade-all'],
    syncPeriodMs: file?.iptables?.syncPeriod ?? values['iptables-sync-period'],
    minSyncPeriodMs: file?.iptables?.minSyncPeriod ?? values['iptables-min-sync-period'],
    healthz: address(file?.healthzBindAddress || values['healthz-bind-address'], 10256),
    metrics: address(file?.metricsBindAddress || values['metrics-bind-address'], 10249),
  }
}

function readFile(path: string): z.output<typeof fileSchema> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new StartupError(`cannot read --config ${path}: ${(error as Error).message}`)
  }
  const result = fileSchema.safeParse(parse(text))
  if (!result.success) throw new StartupError(`--config ${path}: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`)
  return result.data
}

function address(text: string, fallbackPort: number): { bindAddress: string; port: number } {
  const match = /^(.*?)(?::(\d+))?$/.exec(text)
  return { bindAddress: match?.[1] || '0.0.0.0', port: Number(match?.[2] ?? fallbackPort) }
}
