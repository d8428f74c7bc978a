/** Network configurations of /etc/cni/net.d, what plug-ins are told of a pod, and the one that we write for a node. Pure. */

export interface CniPlugin {
  type: string
  capabilities: Readonly<Record<string, boolean>>
  configuration: Readonly<Record<string, unknown>>
}

export interface CniNetwork {
  name: string
  cniVersion: string
  disableCheck: boolean
  plugins: readonly CniPlugin[]
}

type Json = Record<string, unknown>

/** A conflist, or a single plug-in's conf. Throws on what is neither, naming the file. */
export function parseNetwork(text: string, file: string): CniNetwork {
  let json: Json
  try {
    json = JSON.parse(text) as Json
  } catch (error) {
    throw new Error(`CNI configuration ${file} is not JSON: ${(error as Error).message}`, { cause: error })
  }
  const plugins = Array.isArray(json['plugins']) ? (json['plugins'] as Json[]) : [json]
  if (typeof json['name'] !== 'string' || plugins.length === 0 || plugins.some((plugin) => typeof plugin['type'] !== 'string')) {
    throw new Error(`CNI configuration ${file} has no name or a plug-in without type`)
  }
  return {
    name: json['name'],
    cniVersion: typeof json['cniVersion'] === 'string' ? json['cniVersion'] : '0.4.0',
    disableCheck: json['disableCheck'] === true,
    plugins: plugins.map((plugin) => ({
      type: String(plugin['type']),
      capabilities: (plugin['capabilities'] ?? {}) as Record<string, boolean>,
      configuration: plugin,
    })),
  }
}

/** `runtimeConfig` for the capabilities that the plug-in asks for. */
export function capabilityArguments(
  plugin: CniPlugin,
  pod: {
    portMappings: readonly { containerPort: number; hostPort: number; protocol: string; hostIp: string }[]
    annotations: Readonly<Record<string, string>>
  },
): { runtimeConfig?: Json } {
  const runtimeConfig: Json = {}
  const mapped = pod.portMappings.filter((mapping) => mapping.hostPort > 0)
  if (plugin.capabilities['portMappings'] === true && mapped.length > 0) {
    runtimeConfig['portMappings'] = mapped.map(({ hostPort, containerPort, protocol, hostIp }) => ({
      hostPort,
      containerPort,
      protocol: protocol.toLowerCase(),
      ...(hostIp === '' ? {} : { hostIP: hostIp }),
    }))
  }
  return Object.keys(runtimeConfig).length === 0 ? {} : { runtimeConfig }
}

/** The plug-ins that have something to do for a pod: portmap hands through what it is given where no port is mapped. */
export const pluginsFor = (network: CniNetwork, pod: { portMappings: readonly { hostPort: number }[] }): readonly CniPlugin[] =>
  network.plugins.filter((plugin, i) => i === 0 || plugin.type !== 'portmap' || pod.portMappings.some((mapping) => mapping.hostPort > 0))

/** Bridges that the chain's plug-ins would make themselves. */
export const bridgesOf = (network: CniNetwork): readonly string[] =>
  network.plugins
    .filter((plugin) => plugin.type === 'bridge')
    .map((plugin) => (typeof plugin.configuration['bridge'] === 'string' ? plugin.configuration['bridge'] : 'cni0'))

/** The standard chain of a node that has no other: a bridge with addresses of the node's podCIDR, host ports through portmap. */
export function bridgeNetwork(options: { podCidr: string; bridge?: string; mtu?: number; stateDir?: string }): string {
  const bridge = {
    type: 'bridge',
    bridge: options.bridge ?? 'cni0',
    isGateway: true,
    ipMasq: false,
    hairpinMode: true,
    ...(options.mtu === undefined ? {} : { mtu: options.mtu }),
    ipam: {
      type: 'host-local',
      ranges: [[{ subnet: options.podCidr }]],
      routes: [{ dst: '0.0.0.0/0' }],
      ...(options.stateDir === undefined ? {} : { dataDir: options.stateDir }),
    },
  }
  const portmap = { type: 'portmap', capabilities: { portMappings: true }, snat: true }
  return `${JSON.stringify({ cniVersion: '0.4.0', name: 'typernetes', plugins: [bridge, portmap] }, undefined, 2)}\n`
}
