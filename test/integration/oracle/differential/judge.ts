/** Whether two answers say the same: code, reason, message, causes and object, but for what no two servers can have in common (pure). */
import type { Reply } from '#test/integration/oracle/upstream.ts'

type Plain = Record<string, unknown>

const volatile: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'time',
  'selfLink',
  'deletionTimestamp',
  'lastPhaseTransitionTime',
  'extra',
])

interface Cause {
  reason?: string
  message?: string
  field?: string
}

const causeText = ({ reason, message, field }: Cause): string => `${reason}|${field}|${message}`

/**
 * What is compared of an answer. Causes are a set: upstream repeats those that several of its layers find, and orders some by Go's maps; the message
 * repeats them.
 */
export function comparable({ code, body }: Reply): unknown {
  if (code < 400) return { code, object: cleaned(body) }
  const { reason, message, details } = body as { reason?: string; message?: string; details?: Plain & { causes?: Cause[] } }
  const causes = [...new Set((details?.causes ?? []).map(causeText).map(cleanedText))].sort()
  return { code, reason, message: causes.length > 0 ? '' : cleanedText(message ?? ''), causes }
}

/** What no other program can repeat: addresses in memory, versions, dumps of Go structs, and documents in the order of Go's maps. */
const cleanedText = (text: string): string =>
  generated(text)
    .replaceAll(/0x[0-9a-f]{6,}/g, '0x')
    .replaceAll(/resourceVersion:\d+|\d{4}-\d\d-\d\dT[\d:.]+Z/g, '')
    .replace(/(\|Invalid value: )"\{.*\}": /s, '$1{…}: ')
    .replaceAll(/Invalid value: [[{].*[\]}]: field is immutable/gs, 'Invalid value: {…}: field is immutable')
    .replace(/(immutable|may not change fields|updates to \w+ spec).*$/s, '$1…')

/** Names and identities that a server makes up. */
const generated = (text: string): string =>
  text.replaceAll(/kube-api-access-\w{5}/g, 'kube-api-access-x').replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'uid')

/** Entries of upstream's own controllers, which live in its server. */
const isOfController = (item: unknown): boolean => /^api-/.test(String((item as { manager?: string } | null)?.manager ?? ''))

/** Set by one of the servers a moment ago; clients of the comparison write other times. */
const isOfNow = (time: string): boolean => Math.abs(Date.parse(time) - Date.now()) < 3_600_000

function cleaned(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isOfController(item)).map((item) => cleaned(item, key))
  if (typeof value === 'string') return key === 'lastTransitionTime' && isOfNow(value) ? 'now' : generated(value)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => !volatile.has(name))
  return Object.fromEntries(
    entries.map(([name, item]) => [generated(name), cleaned(item, name)]).sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
  )
}

/** Undefined where the answers agree. */
export function differenceOf(ours: Reply, upstream: Reply): { ours: string; upstream: string } | undefined {
  const [mine, theirs] = [ours, upstream].map((reply) => JSON.stringify(comparable(reply)))
  return mine === theirs ? undefined : { ours: mine ?? '', upstream: theirs ?? '' }
}
