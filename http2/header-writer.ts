/**
 * Writes header blocks (HPACK, RFC 7541) with the static table alone: the same bytes on every connection, so that what repeats is made once (pure).
 * Blocks are texts of one character for each byte.
 */
import { staticPlaces } from './header-table.ts'

/** Integers with `prefixBits` bits in their first byte, whose other bits are `first`. */
function integer(value: number, prefixBits: number, first: number): string {
  const most = 2 ** prefixBits - 1
  if (value < most) return String.fromCharCode(first | value)
  let text = String.fromCharCode(first | most)
  let rest = value - most
  for (; rest >= 128; rest >>>= 7) text += String.fromCharCode((rest & 127) | 128)
  return text + String.fromCharCode(rest)
}

const isOneByteEach = (text: string): boolean => !/[\u0100-\uffff]/.test(text)
/** Latin text as it is, and all else as UTF-8. */
const literal = (text: string): string => {
  const bytes = isOneByteEach(text) ? text : Buffer.from(text).toString('latin1')
  return integer(bytes.length, 7, 0) + bytes
}

const names = new Map<string, string>()
const known = new Map<string, string>()

/** Names are those that this program writes, but proxies pass on what they are given. */
const MOST_NAMES = 512
const MOST_FIELDS = 512

/** A name, lower-case as HTTP/2 demands, for a value that follows and is not to be kept. */
function nameOf(name: string): string {
  const made = names.get(name)
  if (made !== undefined) return made
  const lower = name.toLowerCase()
  const place = staticPlaces.get(lower)
  const text = place === undefined ? `\0${literal(lower)}` : integer(place, 4, 0)
  if (names.size < MOST_NAMES) names.set(name, text)
  return text
}

/** A field whose value is seldom the same twice. */
export const field = (name: string, value: string): string => nameOf(name) + literal(value)

/** A field that comes again and again. */
export function repeatedField(name: string, value: string): string {
  const key = `${name}\0${value}`
  const made = known.get(key)
  if (made !== undefined) return made
  const place = staticPlaces.get(key)
  const text = place === undefined ? field(name, value) : integer(place, 7, 0x80)
  if (known.size < MOST_FIELDS) known.set(key, text)
  return text
}
