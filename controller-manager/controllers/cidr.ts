/** Address ranges as numbers. */
import { isIP } from 'node:net'

export interface CidrRange {
  family: 4 | 6
  first: bigint
  prefix: number
}

/** Undefined for text that is no CIDR; host bits are cleared. */
export function parseCidr(text: string): CidrRange | undefined {
  const [address = '', prefixText = ''] = text.split('/')
  const family = isIP(address)
  const bits = family === 4 ? 32 : 128
  if ((family !== 4 && family !== 6) || !/^\d+$/.test(prefixText) || Number(prefixText) > bits) return undefined
  const prefix = Number(prefixText)
  const host = BigInt(bits - prefix)
  const value = family === 4 ? ipv4Value(address) : ipv6Value(address)
  return { family, first: (value >> host) << host, prefix }
}

export function cidrText({ family, first, prefix }: CidrRange): string {
  return `${family === 4 ? ipv4Text(first) : ipv6Text(first)}/${prefix}`
}

export function overlaps(a: CidrRange, b: CidrRange): boolean {
  if (a.family !== b.family) return false
  const host = BigInt((a.family === 4 ? 32 : 128) - Math.min(a.prefix, b.prefix))
  return a.first >> host === b.first >> host
}

const ipv4Value = (text: string): bigint => text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n)
const ipv4Text = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')

function ipv6Value(text: string): bigint {
  const [head = '', tail] = text.replace(/(\d+\.\d+\.\d+\.\d+)$/, ipv4AsGroups).split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const zeros = Array<string>(tail === undefined ? 0 : 8 - left.length - right.length).fill('0')
  return [...left, ...zeros, ...right].reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n)
}

function ipv4AsGroups(text: string): string {
  const value = ipv4Value(text)
  return `${(value >> 16n).toString(16)}:${(value & 65535n).toString(16)}`
}

/** RFC 5952: lower case, the longest run of at least two zero groups shortened. */
function ipv6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 65535n).toString(16))
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === '0') length++
    if (length > best.length) best = { start, length }
  }
  if (best.start < 0) return groups.join(':')
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`
}
