/**
 * Does for the network that we write for a node what the plug-ins bridge and host-local do, without running them: they would take a tenth of the
 * processor time of a pod's start. On the same files, and with the same outcome, so that either can undo what the other did.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Addresses } from './addresses.ts'
import type { IpBatch, IpReply } from './ip-batch.ts'
import { type Link, linksOf } from './links.ts'
import {
  bridgeLines,
  gatewayLines,
  hostEnd,
  joinLines,
  type OwnNetwork,
  type PodLink,
  podLink,
  resultOf,
  showLines,
} from './own-network.ts'
import { addressOf } from './subnet.ts'

const interfaceName = 'eth0'
/** A port's carrier is told a moment after its other end is up. */
const waitsMs = [0, 5, 20, 50, 500, 1000]

export class BridgeWiring {
  readonly #ip: Pick<IpBatch, 'run' | 'renew'>

  constructor(ip: Pick<IpBatch, 'run' | 'renew'>) {
    this.#ip = ip
  }

  /** Takes an address. The link is to be made inside the pod's new namespace. */
  begin(network: OwnNetwork, sandboxId: string): PodLink {
    const address = new Addresses(network.addressDir, network.subnet).reserve(sandboxId, interfaceName)
    return podLink(network, { sandboxId, address, hostPid: process.pid })
  }

  /** Joins the pair that was begun to the bridge, which is made where there is none. Answers as the plug-in does. */
  async finish(network: OwnNetwork, pod: { sandboxId: string; address: string; netns: string }): Promise<object> {
    const veth = hostEnd(pod.sandboxId)
    let reply = await this.#ip.run(joinLines(network, veth))
    if (!isWhole(network, reply)) {
      this.#ip.renew()
      await this.#makeBridge(network)
      reply = await this.#ip.run(joinLines(network, veth))
    }
    const why = reply.failed.values().next().value
    if (why !== undefined) throw new Error(`failed to connect "${veth}" to bridge ${network.bridge}: ${why}`)
    await this.#untilUp(network, veth, linksOf(reply.output))
    enableForwarding()
    const links = linksOf(reply.output)
    return resultOf(network, { ...pod, bridgeMac: links.get(network.bridge)?.mac ?? '', hostMac: links.get(veth)?.mac ?? '' })
  }

  /** Rejects where what `finish` left is not there any more. */
  async check(network: OwnNetwork, pod: { sandboxId: string; address: string | undefined }): Promise<void> {
    const { bridge } = network
    const veth = hostEnd(pod.sandboxId)
    const { address = '' } = pod
    if (!new Addresses(network.addressDir, network.subnet).isOf(pod.sandboxId, interfaceName, address))
      throw new Error(`host-local: Failed to find address added by container ${pod.sandboxId}`)
    const links = linksOf((await this.#ip.run(showLines(bridge, veth))).output)
    for (const name of [bridge, veth]) if (!links.has(name)) throw new Error(`Interface name ${name} not found`)
    if (links.get(veth)?.master !== bridge) throw new Error(`Interface ${veth} is not attached to bridge ${bridge}`)
  }

  /** Undoes `begin` and `finish`, however far they came. The address is searched for where it is not known. */
  async undo(network: OwnNetwork, pod: { sandboxId: string; address: string | undefined }): Promise<void> {
    const { failed } = await this.#ip.run([`link del ${hostEnd(pod.sandboxId)}`])
    const why = failed.values().next().value
    if (why !== undefined && !/Cannot find device|No such device/.test(why))
      throw new Error(`failed to delete "${hostEnd(pod.sandboxId)}": ${why}`)
    // Nobody else may get it before the pod can no longer be reached by it.
    new Addresses(network.addressDir, network.subnet).release(pod.sandboxId, interfaceName, pod.address)
  }

  async #makeBridge(network: OwnNetwork): Promise<void> {
    const { bridge } = network
    const made = await this.#ip.run(bridgeLines(network))
    const link = linksOf(made.output).get(bridge)
    if (link === undefined) throw new Error(`failed to create bridge "${bridge}": ${[...made.failed.values()].join('; ')}`)
    const gateway = gatewayOf(network)
    const other = link.addresses.find((address) => address !== gateway)
    if (other !== undefined && !link.addresses.includes(gateway))
      throw new Error(`failed to set bridge addr: "${bridge}" already has an IP address different from ${gateway}`)
    acceptNoRoutes(bridge)
    const { failed } = await this.#ip.run(gatewayLines(network, link.mac))
    const why = failed.get(1) ?? (link.addresses.includes(gateway) ? undefined : failed.get(0))
    if (why !== undefined && !/File exists|already assigned/.test(why))
      throw new Error(`failed to set bridge addr: could not add IP address to "${bridge}": ${why}`)
  }

  async #untilUp({ bridge }: OwnNetwork, veth: string, seen: ReadonlyMap<string, Link>): Promise<void> {
    let links = seen
    for (const wait of waitsMs) {
      if (links.get(veth)?.state === 'UP') return
      await sleep(wait)
      links = linksOf((await this.#ip.run(showLines(bridge, veth))).output)
    }
    if (links.get(veth)?.state !== 'UP') throw new Error(`bridge port in error state: ${(links.get(veth)?.state ?? 'gone').toLowerCase()}`)
  }
}

const gatewayOf = ({ subnet }: OwnNetwork): string => `${addressOf(subnet.gateway)}/${subnet.prefix}`

/** The bridge is as it should be, and the pod's port is one of its own. */
function isWhole(network: OwnNetwork, { output, failed }: IpReply): boolean {
  const bridge = linksOf(output).get(network.bridge)
  return failed.size === 0 && bridge?.isUp === true && bridge.addresses.includes(gatewayOf(network))
}

const forwarding = '/proc/sys/net/ipv4/ip_forward'

/** A container's runtime or the user may switch it off at any time, and the plug-in too sees to it for each pod. */
function enableForwarding(): void {
  if (readFileSync(forwarding, 'utf8').trim() !== '1') writeFileSync(forwarding, '1')
}

/** The bridge's routes are ours. There is no such setting where the kernel does without IPv6. */
function acceptNoRoutes(bridge: string): void {
  try {
    writeFileSync(`/proc/sys/net/ipv6/conf/${bridge}/accept_ra`, '0')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
