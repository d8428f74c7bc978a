/** The formats of strings that schemas of custom resources know; unknown ones are ignored (source: kube-openapi, validation/strfmt). */
import { parseDuration, TimeError } from '#api/meta/time.ts'
import { compileRe2, type Re2 } from '#api/regexp/re2.ts'
import { parseCidr, parseIp } from '#api/validation/addresses.ts'

const lazyRe2 = (pattern: string): ((text: string) => boolean) => {
  let compiled: Re2 | undefined
  return (text) => {
    if (compiled === undefined) {
      const result = compileRe2(pattern)
      if (!result.ok) throw new Error(result.error)
      compiled = result.re2
    }
    return compiled.test(text)
  }
}

const matchesHostname = lazyRe2(
  '^([a-zA-Z0-9\\p{S}\\p{L}]((-?[a-zA-Z0-9\\p{S}\\p{L}]{0,62})?)|([a-zA-Z0-9\\p{S}\\p{L}](([a-zA-Z0-9-\\p{S}\\p{L}]{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?)(\\.)){1,}([a-zA-Z\\p{L}]){2,63})$',
)

const bytes = (text: string): number => Buffer.byteLength(text)

const isHostname = (text: string): boolean =>
  matchesHostname(text) && bytes(text) <= 255 && text.split('.').every((part) => bytes(part) <= 63)

/** As Go's ParseRequestURI: an absolute URI or an absolute path, without control characters and bad escapes. */
function isRequestUri(text: string): boolean {
  if (text === '' || hasControls(text) || text.includes(' ') || /%(?![0-9a-fA-F]{2})/.test(text.split('?', 1)[0] ?? '')) return false
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text)
  if (scheme === null) return text === '*' || (text.startsWith('/') && !text.startsWith('//')) || isAuthority(text)
  const rest = text.slice(scheme[0].length)
  if (!rest.startsWith('/')) return rest !== '' || scheme[0].length > 1
  return !rest.startsWith('//') || isAuthority(rest)
}

function isAuthority(text: string): boolean {
  if (!text.startsWith('//')) return false
  const host = (text.slice(2).split(/[/?]/, 1)[0] ?? '').replace(/^.*@/, '')
  return /^(\[[0-9a-fA-F:.%]+\]|[^\s:<>"[\]]*)(:\d*)?$/.test(host)
}

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 32 || code === 127) return true
  }
  return false
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

function isDateTime(text: string): boolean {
  const parts = text.toLowerCase().split('t')
  if (parts.length < 2 || !isDate(parts[0] ?? '')) return false
  const match = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/.exec(parts[1] ?? '')
  return match !== null && (match[1] ?? '') <= '23' && (match[2] ?? '') <= '59' && (match[3] ?? '') <= '59'
}

const units = /^(ns|us|µs|ms|s|m|h|d|w|hr|wk|nano.*|micro.*|milli.*|sec.*|min.*|hour.*|day.*|week.*)$/i

/** Go's durations, and words as in `22 ns` and `3 days`. */
function isDuration(text: string): boolean {
  try {
    parseDuration(text)
    return true
  } catch (error) {
    if (!(error instanceof TimeError)) throw error
  }
  return [...text.matchAll(/\d+\s*([A-Za-zµ]+)/g)].some((match) => units.test(match[1] ?? ''))
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '')
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < 10; i++) sum += (i + 1) * (digits[i] === 'X' ? 10 : Number(digits[i]))
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '')
  if (!/^[0-9]{13}$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < 12; i++) sum += (i % 2 === 0 ? 1 : 3) * Number(digits[i])
  return Number(digits[12]) === (10 - (sum % 10)) % 10
}

const creditCard =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '')
  if (!creditCard.test(digits)) return false
  let sum = 0
  for (let i = digits.length - 1, isDoubled = false; i >= 0; i--, isDoubled = !isDoubled) {
    const digit = Number(digits[i]) * (isDoubled ? 2 : 1)
    sum += digit >= 10 ? digit - 9 : digit
  }
  return sum % 10 === 0
}

const byte255 = '(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])'
const rgb = new RegExp(`^rgb\\(\\s*${byte255}\\s*,\\s*${byte255}\\s*,\\s*${byte255}\\s*\\)$`)
const uuid = (middle: string): RegExp => new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${middle}-?[0-9a-f]{12}$`, 'i')
const uuids = [
  uuid('[0-9a-f]{4}-?[0-9a-f]{4}'),
  uuid('3[0-9a-f]{3}-?[0-9a-f]{4}'),
  uuid('4[0-9a-f]{3}-?[89ab][0-9a-f]{3}'),
  uuid('5[0-9a-f]{3}-?[89ab][0-9a-f]{3}'),
] as const
const mac =
  /^([0-9a-f]{2}([:-][0-9a-f]{2}){5}|[0-9a-f]{2}([:-][0-9a-f]{2}){7}|[0-9a-f]{2}([:-][0-9a-f]{2}){19}|[0-9a-f]{4}(\.[0-9a-f]{4}){2}|[0-9a-f]{4}(\.[0-9a-f]{4}){3}|[0-9a-f]{4}(\.[0-9a-f]{4}){9})$/i
const shortName = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const shortNamePattern = new RegExp(`^${shortName}$`)
const email = /^(?:[^<>]*<)?[^\s@<>(),;:\\"[\]]+@[^\s@<>(),;:\\"]+>?$/

/** By name without dashes, as upstream looks them up. */
const checks: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  uri: isRequestUri,
  email: (text) => text.length < 1000 && email.test(text) && !/(^|<)\.|\.\.|\.@/.test(text),
  hostname: isHostname,
  ipv4: (text) => parseIp(text) !== undefined && text.includes('.'),
  ipv6: (text) => parseIp(text) !== undefined && text.includes(':'),
  cidr: (text) => parseCidr(text) !== undefined,
  mac: (text) => mac.test(text),
  uuid: (text) => uuids[0].test(text),
  uuid3: (text) => uuids[1].test(text),
  uuid4: (text) => uuids[2].test(text),
  uuid5: (text) => uuids[3].test(text),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (text) => text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: (text) => rgb.test(text),
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/.test(text),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  k8sshortname: (text) => text.length <= 63 && shortNamePattern.test(text),
  k8slongname: (text) => text.length <= 253 && text.split('.').every((label) => shortNamePattern.test(label)),
}

/** The check of a format; undefined where it is not known and so ignored. */
export function formatCheck(format: string | undefined): ((text: string) => boolean) | undefined {
  if (format === undefined || format === '') return undefined
  const name = format.replaceAll('-', '')
  return Object.hasOwn(checks, name) ? checks[name] : undefined
}
