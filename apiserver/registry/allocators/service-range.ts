/** An address range of services: index to address and back (pure). IPv6 ranges are used up to 2^16 addresses. */
import { cidrContains, formatCidr, formatIp, networkAddress, parseCidr, parseIp } from '#api/validation/addresses.ts'
import { staticBand } from './pool.ts'

export type Family = 'IPv4' | 'IPv6'

export interface ServiceRange {
  family: Family
  text: string
  /** Addresses that can be given away. */
  size: number
  band: number
  at(index: number): string
  contains(address: string): boolean
}

/** Throws where the text is no CIDR. */
export function serviceRange(text: string): ServiceRange {
  const cidr = parseCidr(text)
  if (!cidr) throw new Error(`${JSON.stringify(text)} is not a CIDR`)
  const base = networkAddress(cidr)
  const bits = base.length * 8
  const hostBits = bits - cidr.prefixLength
  const family: Family = base.length === 4 ? 'IPv4' : 'IPv6'
  const all = 2 ** Math.min(hostBits, 16 + (family === 'IPv4' ? 16 : 0))
  // The network's own address is never given away, nor IPv4's broadcast address.
  const size = Math.max(0, all - (family === 'IPv4' ? 2 : 1))
  const first = number(base) + 1n
  return {
    family,
    text: formatCidr(cidr),
    size,
    band: staticBand(size, 'addresses'),
    at: (index) => formatIp({ family: cidr.address.family, bytes: bytesOf(first + BigInt(index), base.length) }),
    contains: (address) => {
      const ip = parseIp(address)
      if (!ip || ip.bytes.length !== base.length || !cidrContains(cidr, ip)) return false
      const offset = number(ip.bytes) - number(base)
      return offset > 0n && (family === 'IPv6' || offset <= BigInt(size))
    },
  }
}

const number = (bytes: readonly number[]): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

function bytesOf(value: bigint, length: number): number[] {
  const bytes: number[] = []
  for (let i = length - 1; i >= 0; i--) bytes.push(Number((value >> BigInt(i * 8)) & 0xffn))
  return bytes
}
