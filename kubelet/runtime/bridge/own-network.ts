/** The network that we write for a node, recognized, and what ip(8) is told to attach a pod to it. Pure. */
import { isDeepStrictEqual } from 'node:util'
import { bridgeNetwork, type CniNetwork, parseNetwork } from '#kubelet/runtime/cni-config.ts'
import { addressOf, type Subnet, subnetOf } from './subnet.ts'

export interface OwnNetwork {
  name: string
  cniVersion: string
  bridge: string
  mtu: number | undefined
  subnet: Subnet
  /** Where host-local keeps the addresses in use. */
  addressDir: string
}

const defaultDataDir = '/var/lib/cni/networks'
const interfaceName = /^[A-Za-z0-9_.-]{1,15}$/

/** Undefined for each network that is not, to the last field, one that `bridgeNetwork` writes: that one is the plug-ins'. IPv4 only. */
export function ownNetwork(network: CniNetwork): OwnNetwork | undefined {
  const { bridge, mtu, ipam } = (network.plugins[0]?.configuration ?? {}) as {
    bridge?: unknown
    mtu?: unknown
    ipam?: { ranges?: { subnet?: unknown }[][]; dataDir?: unknown }
  }
  const podCidr = ipam?.ranges?.[0]?.[0]?.subnet
  const subnet = typeof podCidr === 'string' ? subnetOf(podCidr) : undefined
  if (typeof podCidr !== 'string' || subnet === undefined || typeof bridge !== 'string' || !interfaceName.test(bridge)) return undefined
  const stateDir = typeof ipam?.dataDir === 'string' ? ipam.dataDir : undefined
  const given = typeof mtu === 'number' ? mtu : undefined
  const ours = bridgeNetwork({
    podCidr,
    bridge,
    ...(given === undefined ? {} : { mtu: given }),
    ...(stateDir === undefined ? {} : { stateDir }),
  })
  if (!isDeepStrictEqual(parseNetwork(ours, 'ours'), network)) return undefined
  const { name, cniVersion } = network
  return { name, cniVersion, bridge, mtu: given, subnet, addressDir: `${stateDir ?? defaultDataDir}/${name}` }
}

/** The host's end of a pod's pair, named as the plug-in names them; the sandbox's id is random, so that it takes the place of chance. */
export const hostEnd = (sandboxId: string): string => `veth${sandboxId.slice(0, 8)}`

/**
 * An address has always the same hardware address: a pod that gets one that another pod had is reached at once by those that still know it.
 * (The plug-in gives a random one and has the kernel announce it.)
 */
export const hardwareAddress = (address: string): string =>
  `0a:58:${address
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join(':')}`

const mtuWords = ({ mtu }: { mtu: number | undefined }): string => (mtu === undefined ? '' : `mtu ${mtu} `)

/** A pod's interface, and the pair that it is one end of. */
export interface PodLink {
  /** Of the other end, in the namespace of the process `hostPid`. */
  hostEnd: string
  hostPid: number
  mac: string
  mtu: number | undefined
  address: string
  prefix: number
  broadcast: string
  gateway: string
}

export function podLink({ mtu, subnet }: OwnNetwork, pod: { sandboxId: string; address: string; hostPid: number }): PodLink {
  const { sandboxId, address, hostPid } = pod
  return {
    hostEnd: hostEnd(sandboxId),
    hostPid,
    mac: hardwareAddress(address),
    mtu,
    address,
    prefix: subnet.prefix,
    broadcast: addressOf(subnet.last + 1),
    gateway: addressOf(subnet.gateway),
  }
}

/** Inside the pod's new namespace; without a link plug-ins make the pod's interface. */
export function podLines(link: PodLink | undefined): readonly string[] {
  const loopbackUp = 'link set lo up'
  if (link === undefined) return [loopbackUp]
  const peer = `peer name ${link.hostEnd} ${mtuWords(link)}netns /proc/${link.hostPid}/ns/net`
  return [
    loopbackUp,
    `link add eth0 ${mtuWords(link)}address ${link.mac} type veth ${peer}`,
    `addr add ${link.address}/${link.prefix} brd ${link.broadcast} dev eth0`,
    'link set eth0 up',
    `route add default via ${link.gateway} dev eth0`,
  ]
}

/** On the node: the pair's other end becomes a port, and both are shown. */
export const joinLines = ({ bridge }: OwnNetwork, veth: string): readonly string[] => [
  `link set ${veth} master ${bridge} up`,
  `link set ${veth} type bridge_slave hairpin on`,
  ...showLines(bridge, veth),
]

export const showLines = (bridge: string, veth: string): readonly string[] => [`addr show dev ${bridge}`, `addr show dev ${veth}`]

/** A bridge that is there stays what it is: the first line fails. */
export const bridgeLines = (network: OwnNetwork): readonly string[] => [
  `link add ${network.bridge} ${mtuWords(network)}type bridge`,
  `link set ${network.bridge} up`,
  `addr show dev ${network.bridge}`,
]

/** With a hardware address that is set, if to its own, a bridge does not change it as ports come and go. */
export const gatewayLines = ({ bridge, subnet }: OwnNetwork, mac: string): readonly string[] => [
  `addr add ${addressOf(subnet.gateway)}/${subnet.prefix} brd + dev ${bridge}`,
  `link set ${bridge} address ${mac}`,
]

/** The plug-in's result in its own words, so that plug-ins after it, and this one should it take over, can work with it. */
export function resultOf(
  network: OwnNetwork,
  pod: { sandboxId: string; address: string; netns: string; bridgeMac: string; hostMac: string },
): object {
  const { subnet } = network
  return {
    cniVersion: network.cniVersion,
    interfaces: [
      { name: network.bridge, mac: pod.bridgeMac },
      { name: hostEnd(pod.sandboxId), mac: pod.hostMac },
      { name: 'eth0', mac: hardwareAddress(pod.address), sandbox: pod.netns },
    ],
    ips: [{ version: '4', interface: 2, address: `${pod.address}/${subnet.prefix}`, gateway: addressOf(subnet.gateway) }],
    routes: [{ dst: '0.0.0.0/0' }],
    dns: {},
  }
}
