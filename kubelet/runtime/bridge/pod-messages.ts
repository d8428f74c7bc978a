/** What the kernel is told over netlink inside a pod's new network namespace: what `podLines` has ip(8) do. Pure. */
import type { PodLink } from './own-network.ts'

export interface NetlinkRequest {
  /** For an error: what it was to do. */
  what: string
  bytes: Buffer
}

const newLink = 16
const newAddress = 20
const newRoute = 24
const request = 1
const acknowledge = 4
const exclusive = 0x200
const create = 0x400

const familyIpv4 = 2
const isUp = 1
/** The namespace's own loopback. */
const loopback = 1
/** Of eth0: known beforehand, and higher than those of the devices that some modules put into every new namespace. */
const podInterface = 32

const attributes = { address: 1, name: 3, mtu: 4, linkInfo: 18, namespaceOfPid: 19 }
const linkInfo = { kind: 1, data: 2 }
const peer = 1
const addressAttributes = { address: 1, local: 2, broadcast: 4 }
const routeAttributes = { outInterface: 4, gateway: 5 }
const mainTable = 254
const bootProtocol = 3
const unicast = 1

/** `link` is undefined where plug-ins make the pod's interface. */
export function podMessages(link: PodLink | undefined): readonly NetlinkRequest[] {
  const loopbackUp: Message = { what: 'link set lo up', type: newLink, flags: 0, parts: [linkHeader(loopback, isUp)] }
  return [loopbackUp, ...(link === undefined ? [] : ownMessages(link))].map(encoded)
}

interface Message {
  what: string
  type: number
  flags: number
  parts: readonly Buffer[]
}

function ownMessages(link: PodLink): readonly Message[] {
  const mtu = link.mtu === undefined ? [] : [attribute(attributes.mtu, word(link.mtu))]
  const otherEnd = [
    linkHeader(0, 0),
    attribute(attributes.name, text(link.hostEnd)),
    ...mtu,
    attribute(attributes.namespaceOfPid, word(link.hostPid)),
  ]
  const kind = [attribute(linkInfo.kind, text('veth')), attribute(linkInfo.data, attribute(peer, ...otherEnd))]
  const pair = [
    attribute(attributes.name, text('eth0')),
    ...mtu,
    attribute(attributes.address, mac(link.mac)),
    attribute(attributes.linkInfo, ...kind),
  ]
  const addresses = [
    attribute(addressAttributes.local, ipv4(link.address)),
    attribute(addressAttributes.address, ipv4(link.address)),
    attribute(addressAttributes.broadcast, ipv4(link.broadcast)),
  ]
  const route = [attribute(routeAttributes.gateway, ipv4(link.gateway)), attribute(routeAttributes.outInterface, word(podInterface))]
  return [
    { what: 'link add eth0', type: newLink, flags: create | exclusive, parts: [linkHeader(podInterface, 0), ...pair] },
    { what: 'addr add', type: newAddress, flags: create | exclusive, parts: [addressHeader(link.prefix), ...addresses] },
    { what: 'link set eth0 up', type: newLink, flags: 0, parts: [linkHeader(podInterface, isUp)] },
    { what: 'route add default', type: newRoute, flags: create | exclusive, parts: [routeHeader(), ...route] },
  ]
}

function encoded({ what, type, flags, parts }: Message, index: number): NetlinkRequest {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(16)
  head.writeUInt32LE(head.length + body.length, 0)
  head.writeUInt16LE(type, 4)
  head.writeUInt16LE(flags | request | acknowledge, 6)
  head.writeUInt32LE(index + 1, 8)
  return { what, bytes: Buffer.concat([head, body]) }
}

function linkHeader(index: number, up: number): Buffer {
  const header = Buffer.alloc(16)
  header.writeInt32LE(index, 4)
  header.writeUInt32LE(up, 8)
  // Which of the flags are meant.
  header.writeUInt32LE(up, 12)
  return header
}

function addressHeader(prefix: number): Buffer {
  const header = Buffer.from([familyIpv4, prefix, 0, 0, 0, 0, 0, 0])
  header.writeUInt32LE(podInterface, 4)
  return header
}

const routeHeader = (): Buffer => Buffer.from([familyIpv4, 0, 0, 0, mainTable, bootProtocol, 0, unicast, 0, 0, 0, 0])

/** Padded to four bytes, which its length does not tell. */
function attribute(type: number, ...values: readonly Buffer[]): Buffer {
  const value = Buffer.concat(values)
  const whole = Buffer.alloc((4 + value.length + 3) & ~3)
  whole.writeUInt16LE(4 + value.length, 0)
  whole.writeUInt16LE(type, 2)
  value.copy(whole, 4)
  return whole
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`)
const ipv4 = (address: string): Buffer => Buffer.from(address.split('.').map(Number))
const mac = (address: string): Buffer => Buffer.from(address.replaceAll(':', ''), 'hex')
