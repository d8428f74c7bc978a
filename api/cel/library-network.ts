/** IP addresses and CIDR ranges (apiserver, pkg/cel/library/ip.go and cidr.go). */
import { goQuote } from '#api/meta/go-quote.ts'
import { type Cidr, cidrContains, formatIp, type IpAddress, networkAddress, parseCidr, parseIp } from '#api/validation/addresses.ts'
import { addressFault } from './address-faults.ts'
import { type CelFunction, define, global, member, type Run } from './functions.ts'
import { boolType, type CelType, intType, opaqueType, stringType } from './type.ts'
import { CelError, CelObject, type CelValue, noSuchOverload } from './value.ts'

const ipType = opaqueType('net.IP')
const cidrType = opaqueType('net.CIDR')

class IpValue extends CelObject {
  readonly type: CelType = ipType
  readonly ip: IpAddress
  constructor(ip: IpAddress) {
    super()
    this.ip = ip
  }
  equals(other: CelValue): boolean | CelError {
    return other instanceof IpValue ? this.toString() === other.toString() : noSuchOverload
  }
  toString(): string {
    return formatIp(this.ip)
  }
  override costSize(): number {
    return this.ip.bytes.length
  }
}

class CidrValue extends CelObject {
  readonly type: CelType = cidrType
  readonly cidr: Cidr
  constructor(cidr: Cidr) {
    super()
    this.cidr = cidr
  }
  equals(other: CelValue): boolean | CelError {
    return other instanceof CidrValue ? this.toString() === other.toString() : noSuchOverload
  }
  toString(): string {
    return `${formatIp(this.cidr.address)}/${this.cidr.prefixLength}`
  }
  override costSize(): number {
    return Math.ceil(this.cidr.prefixLength / 8)
  }
}

function readIp(text: string): IpAddress | CelError {
  const zone = text.indexOf('%')
  const ip = parseIp(zone < 0 ? text : text.slice(0, zone))
  const fail = (why: string) => new CelError(why)
  if (!ip || ip.leadingZeros || (zone >= 0 && (ip.family === 4 || zone === text.length - 1))) {
    return fail(`IP Address ${goQuote(text)} parse error during conversion from string: ${addressFault(text)}`)
  }
  if (zone >= 0) return fail(`IP address ${goQuote(text)} with zone value is not allowed`)
  return ip.mapped ? fail(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`) : ip
}

function whyNoPrefix(text: string): string {
  const says = (why: string) => `netip.ParsePrefix(${goQuote(text)}): ${why}`
  const slash = text.lastIndexOf('/')
  if (slash < 0) return says("no '/'")
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)]
  const ip = parseIp(address)
  if (address.includes('%')) return says('IPv6 zones cannot be present in a prefix')
  if (!ip || ip.leadingZeros) return says(addressFault(address))
  if (bits.length > 1 && (bits[0] as string) < '1') return says(`bad bits after slash: ${goQuote(bits)}`)
  if (bits.length > 1 && (bits[0] as string) > '9') return says(`bad bits after slash: ${goQuote(bits)}`)
  return says(/^[+-]?\d+$/.test(bits) ? 'prefix length out of range' : `bad bits after slash: ${goQuote(bits)}`)
}

function readCidr(text: string): Cidr | CelError {
  const cidr = parseCidr(text)
  if (!cidr || cidr.leadingZeros) return new CelError(`network address parse error during conversion from string: ${whyNoPrefix(text)}`)
  return cidr.address.mapped ? new CelError(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`) : cidr
}

const toIp = (text: CelValue): CelValue => {
  const ip = readIp(text as string)
  return ip instanceof CelError ? ip : new IpValue(ip)
}
const toCidr = (text: CelValue): CelValue => {
  const cidr = readCidr(text as string)
  if (!(cidr instanceof CelError)) return new CidrValue(cidr)
  return new CelError(`network address parse error during conversion from string: ${cidr.message}`)
}

const ipTest = (name: string, id: string, test: (ip: IpAddress) => boolean): CelFunction =>
  define(
    name,
    member(id, [ipType], boolType, (ip) => test((ip as IpValue).ip)),
  )

const isZero = (ip: IpAddress): boolean => ip.bytes.every((byte) => byte === 0)
const isLoopback = ({ family, bytes }: IpAddress): boolean =>
  family === 4 ? bytes[0] === 127 : bytes.every((byte, at) => byte === (at === 15 ? 1 : 0))
const isMulticast = ({ family, bytes }: IpAddress): boolean => (family === 4 ? ((bytes[0] ?? 0) & 0xf0) === 0xe0 : bytes[0] === 0xff)
const isLinkLocalMulticast = ({ family, bytes }: IpAddress): boolean =>
  family === 4 ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0 : bytes[0] === 0xff && ((bytes[1] ?? 0) & 0x0f) === 2
const isLinkLocalUnicast = ({ family, bytes }: IpAddress): boolean =>
  family === 4 ? bytes[0] === 169 && bytes[1] === 254 : bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80
const isBroadcast = ({ family, bytes }: IpAddress): boolean => family === 4 && bytes.every((byte) => byte === 255)
const isGlobalUnicast = (ip: IpAddress): boolean =>
  !isZero(ip) && !isBroadcast(ip) && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocalUnicast(ip)

const isCanonical: Run = (text) => {
  const ip = readIp(text as string)
  return ip instanceof CelError ? ip : formatIp(ip) === text
}

export const ipLibrary: readonly CelFunction[] = [
  define('ip', global('string_to_ip', [stringType], ipType, toIp as Run)),
  define(
    'family',
    member('ip_family', [ipType], intType, (ip) => BigInt((ip as IpValue).ip.family)),
  ),
  define('ip.isCanonical', global('ip_is_canonical', [stringType], boolType, isCanonical)),
  ipTest('isUnspecified', 'ip_is_unspecified', isZero),
  ipTest('isLoopback', 'ip_is_loopback', isLoopback),
  ipTest('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
  ipTest('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
  ipTest('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
  define(
    'isIP',
    global('is_ip', [stringType], boolType, (text) => !(readIp(text as string) instanceof CelError)),
  ),
  define(
    'string',
    global('ip_to_string', [ipType], stringType, (ip) => (ip as IpValue).toString()),
  ),
]

function containsIp(range: CelValue, ip: CelValue): CelValue {
  return ip instanceof IpValue ? cidrContains((range as CidrValue).cidr, ip.ip) : noSuchOverload
}

function containsCidr(range: CelValue, other: CelValue): CelValue {
  if (!(other instanceof CidrValue)) return other instanceof CelError ? other : noSuchOverload
  const outer = (range as CidrValue).cidr
  return outer.prefixLength <= other.cidr.prefixLength && cidrContains(outer, other.cidr.address)
}

const masked: Run = (range) => {
  const { cidr } = range as CidrValue
  return new CidrValue({ ...cidr, address: { ...cidr.address, bytes: networkAddress(cidr) } })
}

export const cidrLibrary: readonly CelFunction[] = [
  define('cidr', global('string_to_cidr', [stringType], cidrType, toCidr as Run)),
  define(
    'containsIP',
    member('cidr_contains_ip_string', [cidrType, stringType], boolType, (range, ip) => containsIp(range as CelValue, toIp(ip as CelValue))),
    member('cidr_contains_ip_ip', [cidrType, ipType], boolType, containsIp as Run),
  ),
  define(
    'containsCIDR',
    member('cidr_contains_cidr_string', [cidrType, stringType], boolType, (range, other) =>
      containsCidr(range as CelValue, toCidr(other as CelValue)),
    ),
    member('cidr_contains_cidr', [cidrType, cidrType], boolType, containsCidr as Run),
  ),
  define(
    'ip',
    member('cidr_ip', [cidrType], ipType, (range) => new IpValue((range as CidrValue).cidr.address)),
  ),
  define(
    'prefixLength',
    member('cidr_prefix_length', [cidrType], intType, (range) => BigInt((range as CidrValue).cidr.prefixLength)),
  ),
  define('masked', member('cidr_masked', [cidrType], cidrType, masked)),
  define(
    'isCIDR',
    global('is_cidr', [stringType], boolType, (text) => !(readCidr(text as string) instanceof CelError)),
  ),
  define(
    'string',
    global('cidr_to_string', [cidrType], stringType, (range) => (range as CidrValue).toString()),
  ),
]
