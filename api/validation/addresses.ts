/** Syntax of IP addresses and CIDR ranges, as sloppy and as strict as upstream is with each kind of field. */
import { type FieldError, invalid } from '#api/meta/field-error.ts'

export interface IpAddress {
  family: 4 | 6
  /** Network order, 4 or 16 of them. An IPv4-mapped IPv6 address (`::ffff:1.2.3.4`) is its IPv4 address, as in Go. */
  bytes: readonly number[]
  /** An IPv4 part was written with leading zeros (`010.0.0.1`), which Go's newer parser refuses. */
  leadingZeros: boolean
  mapped: boolean
}

export interface Cidr {
  address: IpAddress
  /** Bits of the prefix, counted in the family of the written form. */
  prefixLength: number
  leadingZeros: boolean
}

function parseIpv4(text: string): { bytes: number[]; leadingZeros: boolean } | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part) && Number(part) <= 255)) return undefined
  return { bytes: parts.map(Number), leadingZeros: parts.some((part) => part.length > 1 && part.startsWith('0')) }
}

function groupsToBytes(groups: readonly string[]): number[] | undefined {
  const bytes: number[] = []
  for (const group of groups) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
    const value = Number.parseInt(group, 16)
    bytes.push(value >> 8, value & 255)
  }
  return bytes
}

function sideBytes(text: string, isLast: boolean): { bytes: number[]; leadingZeros: boolean } | undefined {
  if (text === '') return { bytes: [], leadingZeros: false }
  const groups = text.split(':')
  const last = groups[groups.length - 1] ?? ''
  if (!isLast || !last.includes('.')) {
    const bytes = groupsToBytes(groups)
    return bytes && { bytes, leadingZeros: false }
  }
  const tail = parseIpv4(last)
  const head = groupsToBytes(groups.slice(0, -1))
  if (!tail || !head) return undefined
  return { bytes: [...head, ...tail.bytes], leadingZeros: tail.leadingZeros }
}

function parseIpv6(text: string): { bytes: number[]; leadingZeros: boolean } | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  if (halves.length === 1) {
    const all = sideBytes(text, true)
    return all?.bytes.length === 16 ? all : undefined
  }
  const left = sideBytes(halves[0] ?? '', false)
  const right = sideBytes(halves[1] ?? '', true)
  if (!left || !right || left.bytes.length + right.bytes.length > 14) return undefined
  const gap = new Array<number>(16 - left.bytes.length - right.bytes.length).fill(0)
  return { bytes: [...left.bytes, ...gap, ...right.bytes], leadingZeros: right.leadingZeros }
}

/** Sloppy, as upstream's older fields are: leading zeros and IPv4-mapped forms pass. Undefined where the text is no address. */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const v4 = parseIpv4(text)
    return v4 && { family: 4, ...v4, mapped: false }
  }
  const v6 = parseIpv6(text)
  if (!v6) return undefined
  const mapped = v6.bytes.slice(0, 10).every((b) => b === 0) && v6.bytes[10] === 255 && v6.bytes[11] === 255
  if (mapped) return { family: 4, bytes: v6.bytes.slice(12), leadingZeros: v6.leadingZeros, mapped }
  return { family: 6, bytes: v6.bytes, leadingZeros: v6.leadingZeros, mapped }
}

/** The address in RFC 5952 form. */
export function formatIp(ip: Pick<IpAddress, 'family' | 'bytes'>): string {
  if (ip.family === 4) return ip.bytes.join('.')
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push(((ip.bytes[i] ?? 0) << 8) | (ip.bytes[i + 1] ?? 0))
  let best = { start: -1, length: 1 }
  for (let i = 0; i < 8; i++) {
    let length = 0
    while (i + length < 8 && groups[i + length] === 0) length++
    if (length > best.length) best = { start: i, length }
  }
  const hex = groups.map((g) => g.toString(16))
  if (best.start < 0) return hex.join(':')
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`
}

export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const address = parseIp(text.slice(0, slash))
  const length = text.slice(slash + 1)
  const written = text.slice(0, slash).includes(':') ? 128 : 32
  if (!address || !/^\d+$/.test(length) || Number(length) > written) return undefined
  const leadingZeros = address.leadingZeros || (length.length > 1 && length.startsWith('0'))
  return { address, prefixLength: Number(length), leadingZeros }
}

/** The bits of the range's own family: a mapped address counts its prefix as IPv6. */
function ownPrefix(cidr: Cidr): number {
  return cidr.address.mapped ? Math.max(0, cidr.prefixLength - 96) : cidr.prefixLength
}

/** The first address of a range. */
export function networkAddress(cidr: Cidr): number[] {
  const bits = ownPrefix(cidr)
  return cidr.address.bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff)
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp({ family: cidr.address.family, bytes: networkAddress(cidr) })}/${ownPrefix(cidr)}`
}

export function cidrContains(cidr: Cidr, ip: IpAddress): boolean {
  if (cidr.address.family !== ip.family) return false
  const masked = networkAddress({ address: ip, prefixLength: ownPrefix(cidr), leadingZeros: false })
  return networkAddress(cidr).every((byte, i) => byte === masked[i])
}

/** Fields older than strict checking (pod, service and node addresses): any form that Go once parsed. */
export function validateIpForLegacyField(field: string, value: string, validOld: readonly string[] = []): FieldError[] {
  if (validOld.includes(value) || parseIp(value)) return []
  return [invalid(field, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
}

/** Newer fields: canonical form only. */
export function validateIp(field: string, value: string): FieldError[] {
  const ip = parseIp(value)
  if (!ip) return validateIpForLegacyField(field, value)
  const found: FieldError[] = []
  if (ip.leadingZeros) found.push(invalid(field, value, 'must not have leading 0s'))
  else if (ip.mapped) found.push(invalid(field, value, 'must not be an IPv4-mapped IPv6 address'))
  if (found.length > 0) return found
  const canonical = formatIp(ip)
  return value === canonical ? [] : [invalid(field, value, `must be in canonical form (${JSON.stringify(canonical)})`)]
}

export function validateCidrForLegacyField(field: string, value: string, validOld: readonly string[] = []): FieldError[] {
  if (validOld.includes(value) || parseCidr(value)) return []
  return [invalid(field, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
}

/** Newer fields: canonical form only, and no bits beyond the prefix. */
export function validateCidr(field: string, value: string): FieldError[] {
  const cidr = parseCidr(value)
  if (!cidr) return validateCidrForLegacyField(field, value)
  if (cidr.leadingZeros) return [invalid(field, value, 'must not have leading 0s in IP or prefix length')]
  if (cidr.address.mapped) return [invalid(field, value, 'must not have an IPv4-mapped IPv6 address')]
  if (networkAddress(cidr).some((byte, i) => byte !== cidr.address.bytes[i])) {
    return [invalid(field, value, 'must not have bits set beyond the prefix length')]
  }
  const canonical = formatCidr(cidr)
  return value === canonical ? [] : [invalid(field, value, `must be in canonical form (${JSON.stringify(canonical)})`)]
}

/** Texts for the Warning header where a legacy field holds an address that newer fields would refuse. */
export function warningsForIp(field: string, value: string): string[] {
  const ip = parseIp(value)
  if (!ip) return []
  const canonical = formatIp(ip)
  if (ip.leadingZeros || ip.mapped) {
    return [
      `${field}: non-standard IP address ${JSON.stringify(value)} will be considered invalid in a future Kubernetes release: use ${JSON.stringify(canonical)}`,
    ]
  }
  if (ip.family === 6 && canonical !== value) {
    return [`${field}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`]
  }
  return []
}

/** The same for ranges. */
export function warningsForCidr(field: string, value: string): string[] {
  const cidr = parseCidr(value)
  if (!cidr) return []
  const canonical = JSON.stringify(formatCidr(cidr))
  const quoted = JSON.stringify(value)
  const found: string[] = []
  if (networkAddress(cidr).some((byte, i) => byte !== cidr.address.bytes[i])) {
    const single = JSON.stringify(`${formatIp(cidr.address)}/${cidr.address.family === 4 ? 32 : 128}`)
    found.push(`${field}: CIDR value ${quoted} is ambiguous in this context (should be ${canonical} or ${single}?)`)
  }
  if (cidr.leadingZeros || cidr.address.mapped) {
    found.push(`${field}: non-standard CIDR value ${quoted} will be considered invalid in a future Kubernetes release: use ${canonical}`)
  } else if (found.length === 0 && cidr.address.family === 6 && formatCidr(cidr) !== value) {
    found.push(`${field}: IPv6 CIDR value ${quoted} should be in RFC 5952 canonical format (${canonical})`)
  }
  return found
}
