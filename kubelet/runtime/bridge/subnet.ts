/** Addresses of an IPv4 subnet as numbers, in the order in which host-local gives them out. Pure. */

export interface Subnet {
  prefix: number
  /** The first address, and never a pod's. */
  gateway: number
  /** The last but the broadcast address. */
  last: number
}

/** Undefined for what host-local does not allocate from either, or not as IPv4: a subnet of less than two hosts, one with host bits. */
export function subnetOf(cidr: string): Subnet | undefined {
  const [text = '', bits = ''] = cidr.split('/')
  const base = numberOf(text)
  const prefix = /^\d{1,2}$/.test(bits) ? Number(bits) : 32
  if (base === undefined || prefix > 30 || prefix < 1) return undefined
  const size = 2 ** (32 - prefix)
  return base % size === 0 ? { prefix, gateway: base + 1, last: base + size - 2 } : undefined
}

export function numberOf(address: string): number | undefined {
  const bytes = address.split('.')
  if (bytes.length !== 4 || bytes.some((byte) => !/^(0|[1-9]\d{0,2})$/.test(byte) || Number(byte) > 255)) return undefined
  return bytes.reduce((sum, byte) => sum * 256 + Number(byte), 0)
}

export const addressOf = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')

/** All that a pod can get, each once, from the one after `last`, which was given out most lately. */
export function* candidates(subnet: Subnet, last: number | undefined): Generator<number> {
  const first = subnet.gateway + 1
  const count = subnet.last - first + 1
  const start = last !== undefined && last >= subnet.gateway && last < subnet.last ? last + 1 : first
  for (let i = 0; i < count; i += 1) yield first + ((start - first + i) % count)
}
