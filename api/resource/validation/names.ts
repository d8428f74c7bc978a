/** Names of devices, pools and their facts, and rules of bounded lists (upstream: pkg/apis/resource/validation). */
import { checkSubdomainName } from '#api/core/validation/values.ts'
import { duplicate, type FieldError, invalid, required, tooLong, tooMany } from '#api/meta/field-error.ts'
import { validateDriverName } from '#api/storage/validation/csi.ts'
import { byteLength } from '#api/validation/names.ts'

export const most = {
  requests: 32,
  constraints: 32,
  configs: 32,
  selectors: 32,
  firstAvailable: 8,
  results: 32,
  reservedFor: 256,
  devices: 128,
  attributes: 32,
  conditions: 8,
  ips: 16,
}
const longest = { pool: 253, id: 32, domain: 63, raw: 10 * 1024 }
const identifierForm = '[A-Za-z_][A-Za-z0-9_]*'
const identifierPattern = new RegExp(`^${identifierForm}$`)
const identifierText = `a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '${identifierForm}')`

/** Each item, unless there are too many. */
export function validateEach<T>(
  items: readonly T[],
  field: string,
  limit: number,
  validate: (item: T, at: string) => FieldError[],
): FieldError[] {
  if (items.length > limit) return [tooMany(field, items.length, limit)]
  return items.flatMap((item, i) => validate(item, `${field}[${i}]`))
}

/** Items whose key was there before; `shown` is what the message says of them, the key by default. */
export function findRepeated<T>(
  items: readonly T[],
  field: string,
  keyOf: (item: T) => string,
  shown: (item: T) => unknown = keyOf,
): FieldError[] {
  const seen = new Set<string>()
  return items.flatMap((item, i) => {
    const key = keyOf(item)
    const again = seen.has(key)
    seen.add(key)
    return again ? [duplicate(`${field}[${i}]`, shown(item))] : []
  })
}

export function validatePoolName(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)]
  const found = byteLength(name) > longest.pool ? [tooLong(field, longest.pool)] : []
  return [...found, ...name.split('/').flatMap((part) => checkSubdomainName(field, part))]
}

function validateIdentifier(id: string, field: string): FieldError[] {
  const found = byteLength(id) > longest.id ? [tooLong(field, longest.id)] : []
  return identifierPattern.test(id) ? found : [...found, invalid(field, id, identifierText)]
}

/** `name` or `domain/name`. */
export function validateQualifiedName(name: string, field: string): FieldError[] {
  const [first = '', second, ...more] = name.split('/')
  if (more.length > 0) return []
  if (second === undefined) return validateIdentifier(first, field)
  return [
    ...(first === '' ? [invalid(field, '', 'the domain must not be empty')] : validateDriverName(first, field)),
    ...(second === '' ? [invalid(field, '', 'the name must not be empty')] : validateIdentifier(second, field)),
  ]
}

export function validateFullyQualifiedName(name: string, field: string): FieldError[] {
  const found = validateQualifiedName(name, field)
  if (name.includes('/')) return found
  return [...found, invalid(field, name, 'a fully qualified name must be a domain and a name separated by a slash')]
}

/** Long keys are cut in the middle where they stand in a path. */
export function keyPath(field: string, key: string): string {
  const limit = longest.domain + 1 + longest.id
  if (byteLength(key) <= limit) return `${field}[${key}]`
  const rest = limit - 3
  return `${field}[${key.slice(0, Math.trunc((rest + 1) / 2))}...${key.slice(key.length - Math.trunc(rest / 2))}]`
}

/** An object of a driver's own kind; upstream counts the bytes of its JSON as they were sent. */
export function validateRawObject(value: unknown, field: string): FieldError[] {
  if (value === undefined || value === null) return [required(field)]
  if (byteLength(JSON.stringify(value)) > longest.raw) return [tooLong(field, longest.raw)]
  const isObject = typeof value === 'object' && !Array.isArray(value)
  return isObject ? [] : [invalid(field, '<value omitted>', 'must be a valid JSON object')]
}
