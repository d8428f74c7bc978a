/** String functions of cel-go's extension (version 2), and Kubernetes' regular expressions: find, findAll. Indices count code points. */
import { cachedRe2 } from '#api/regexp/re2.ts'
import { formatString } from './format-string.ts'
import { formatValue } from './format-value.ts'
import { costExceeded } from './frame.ts'
import { type CelFunction, define, global, member, type Run } from './functions.ts'
import { dynType, intType, listType, stringType } from './type.ts'
import { ArrayList, CelError, type CelList, type CelValue, elementsOf } from './value.ts'

const outOfRange = (index: bigint): CelError => new CelError(`index out of range: ${index}`)
const strings = listType(stringType)

/** Indices beyond every string are alike. */
const index = (value: CelValue): number => Number(value)

const charAt: Run = (text, at) => {
  const points = [...(text as string)]
  const position = index(at as bigint)
  if (position < 0 || position > points.length) return outOfRange(at as bigint)
  return points[position] ?? ''
}

function indexIn(points: readonly string[], part: readonly string[], from: number, step: 1 | -1): number {
  for (let at = from; at >= 0 && at <= points.length - part.length; at += step) {
    if (part.every((point, ahead) => points[at + ahead] === point)) return at
  }
  return -1
}

const indexOf: Run = (text, part, offset = 0n) => {
  if (part === '') return offset
  if ((offset as bigint) < 0n) return outOfRange(offset as bigint)
  const points = [...(text as string)]
  const from = index(offset)
  return from >= points.length ? -1n : BigInt(indexIn(points, [...(part as string)], from, 1))
}

const lastIndexOf: Run = (text, part, offset) => {
  const points = [...(text as string)]
  if (part === '') return offset ?? BigInt(points.length)
  const sought = [...(part as string)]
  if (offset === undefined && Buffer.byteLength(text as string) < Buffer.byteLength(part as string)) return -1n
  const from = offset === undefined ? points.length - 1 : index(offset)
  if (from < 0) return outOfRange(BigInt(from))
  if (from >= points.length) return -1n
  return BigInt(indexIn(points, sought, Math.min(from, points.length - sought.length), -1))
}

/** More text than any budget pays for. */
const longestText = 2 ** 26

/** Go's strings.Replace: an empty `old` matches before every code point and at the end. */
function replaceText(text: string, old: string, by: string, limit: number): string {
  if (limit === 0) return text
  const most = old === '' ? text.length + 1 : Math.floor(text.length / old.length)
  if (text.length + (limit < 0 ? most : Math.min(limit, most)) * by.length > longestText) throw costExceeded
  if (old === '') return replaceEmpty(text, by, limit)
  if (limit < 0) return text.split(old).join(by)
  const parts = text.split(old)
  const cut = Math.min(limit, parts.length - 1)
  return [...parts.slice(0, cut), parts.slice(cut).join(old)].join(by)
}

function replaceEmpty(text: string, by: string, limit: number): string {
  let left = limit < 0 ? Number.POSITIVE_INFINITY : limit
  return text.replaceAll(/(?:)/gu, () => (left-- > 0 ? by : ''))
}

/** Go's strings.SplitN. */
function splitText(text: string, separator: string, limit: number): string[] {
  if (limit === 0) return []
  const parts = separator === '' ? [...text] : text.split(separator)
  if (limit < 0 || parts.length <= limit) return parts
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)]
}

const substring: Run = (text, start, end) => {
  const points = [...(text as string)]
  const length = BigInt(points.length)
  const from = start as bigint
  if (end !== undefined && from > (end as bigint)) return new CelError(`invalid substring range. start: ${from}, end: ${end}`)
  if (from < 0n || from > length) return outOfRange(from)
  if (end !== undefined && ((end as bigint) < 0n || (end as bigint) > length)) return outOfRange(end as bigint)
  return points.slice(index(from), end === undefined ? undefined : index(end)).join('')
}

const goSpace = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+'
const outerSpace = new RegExp(`^${goSpace}|${goSpace}$`, 'g')

/** Go's strings.TrimSpace. */
export const trimSpace = (text: string): string => text.replaceAll(outerSpace, '')

const join: Run = (list, separator = '') => {
  const parts: string[] = []
  for (const element of elementsOf(list as CelList)) {
    if (typeof element !== 'string') return new CelError(`join: invalid input: ${formatValue(element)}`)
    parts.push(element)
  }
  return parts.join(separator as string)
}

const quoteEscapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}
const toQuote = new RegExp(
  `[${Object.keys(quoteEscapes)
    .map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')}]`,
  'g',
)
const quote: Run = (text) => `"${(text as string).replaceAll(toQuote, (char) => quoteEscapes[char] as string)}"`

const asciiCase =
  (pattern: RegExp, change: (text: string) => string): Run =>
  (text) =>
    (text as string).replaceAll(pattern, change)

const find: Run = (text, pattern) => {
  const compiled = cachedRe2(pattern as string)
  return compiled.ok ? (compiled.re2.find(text as string) ?? '') : new CelError(`Illegal regex: ${compiled.error}`)
}

const findAll: Run = (text, pattern, limit = -1n) => {
  const compiled = cachedRe2(pattern as string)
  if (!compiled.ok) return new CelError(`Illegal regex: ${compiled.error}`)
  return new ArrayList(compiled.re2.findAll(text as string, Number(limit)))
}

export const regexLibrary: readonly CelFunction[] = [
  define('find', member('string_find_string', [stringType, stringType], stringType, find)),
  define(
    'findAll',
    member('string_find_all_string', [stringType, stringType], strings, findAll),
    member('string_find_all_string_int', [stringType, stringType, intType], strings, findAll),
  ),
]

export const stringsLibrary: readonly CelFunction[] = [
  define('charAt', member('string_char_at_int', [stringType, intType], stringType, charAt)),
  define(
    'indexOf',
    member('string_index_of_string', [stringType, stringType], intType, indexOf),
    member('string_index_of_string_int', [stringType, stringType, intType], intType, indexOf),
  ),
  define(
    'lastIndexOf',
    member('string_last_index_of_string', [stringType, stringType], intType, lastIndexOf),
    member('string_last_index_of_string_int', [stringType, stringType, intType], intType, lastIndexOf),
  ),
  define(
    'lowerAscii',
    member(
      'string_lower_ascii',
      [stringType],
      stringType,
      asciiCase(/[A-Z]+/g, (part) => part.toLowerCase()),
    ),
  ),
  define(
    'replace',
    member('string_replace_string_string', [stringType, stringType, stringType], stringType, (text, old, by) =>
      replaceText(text as string, old as string, by as string, -1),
    ),
    member('string_replace_string_string_int', [stringType, stringType, stringType, intType], stringType, (text, old, by, limit) =>
      replaceText(text as string, old as string, by as string, Number(limit)),
    ),
  ),
  define(
    'split',
    member(
      'string_split_string',
      [stringType, stringType],
      strings,
      (text, separator) => new ArrayList(splitText(text as string, separator as string, -1)),
    ),
    member(
      'string_split_string_int',
      [stringType, stringType, intType],
      strings,
      (text, separator, limit) => new ArrayList(splitText(text as string, separator as string, Number(limit))),
    ),
  ),
  define(
    'substring',
    member('string_substring_int', [stringType, intType], stringType, substring),
    member('string_substring_int_int', [stringType, intType, intType], stringType, substring),
  ),
  define(
    'trim',
    member('string_trim', [stringType], stringType, (text) => trimSpace(text as string)),
  ),
  define(
    'upperAscii',
    member(
      'string_upper_ascii',
      [stringType],
      stringType,
      asciiCase(/[a-z]+/g, (part) => part.toUpperCase()),
    ),
  ),
  define(
    'format',
    member('string_format', [stringType, listType(dynType)], stringType, (text, args) =>
      formatString(text as string, elementsOf(args as CelList)),
    ),
  ),
  define('strings.quote', global('strings_quote', [stringType], stringType, quote)),
  define('join', member('list_join', [strings], stringType, join), member('list_join_string', [strings, stringType], stringType, join)),
]
