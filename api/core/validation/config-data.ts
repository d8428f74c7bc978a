/** Rules of config maps and secrets: keys, size, contents by type, immutability. */
import type { ConfigMap } from '#api/core/config-map.ts'
import type { Secret } from '#api/core/secret.ts'
import { type FieldError, forbidden, invalid, required, tooLong } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { byteLength, checkConfigMapKey } from '#api/validation/names.ts'
import { validateKubeFinalizers } from './finalizers.ts'
import { immutableMessage, invalids, sortedKeys } from './values.ts'

const mostBytes = 1024 * 1024
const fixedMessage = 'field is immutable when `immutable` is set'

type Data = Readonly<Record<string, string>> | undefined

const own = (data: Data, key: string): string | undefined => (data && Object.hasOwn(data, key) ? data[key] : undefined)
/** Bytes behind base64 text. */
const decodedLength = (text: string): number => Math.floor((text.replace(/=+$/, '').length * 3) / 4)

function validateImmutable<T extends { immutable?: boolean | undefined }>(
  next: T,
  prev: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (!prev.immutable) return []
  const found = next.immutable ? [] : [forbidden('immutable', fixedMessage)]
  return [...found, ...fields.filter((name) => !sameValue(next[name], prev[name])).map((name) => forbidden(name, fixedMessage))]
}

function validateConfigMapContent({ data, binaryData }: ConfigMap): FieldError[] {
  const found: FieldError[] = []
  let size = 0
  for (const key of sortedKeys(data)) {
    found.push(...invalids(`data[${key}]`, key, checkConfigMapKey(key)))
    if (own(binaryData, key) !== undefined) found.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    size += byteLength(own(data, key) ?? '')
  }
  for (const key of sortedKeys(binaryData)) {
    found.push(...invalids(`binaryData[${key}]`, key, checkConfigMapKey(key)))
    size += decodedLength(own(binaryData, key) ?? '')
  }
  if (size > mostBytes) found.push(tooLong('[]', mostBytes))
  return found
}

export function validateConfigMap(next: ConfigMap, prev: ConfigMap | undefined): FieldError[] {
  const found = validateKubeFinalizers(next.metadata)
  if (prev) found.push(...validateImmutable(next, prev, ['data', 'binaryData']))
  return [...found, ...validateConfigMapContent(next)]
}

/** Go's words for the commonest faults of JSON text. */
function jsonFault(base64: string): string | undefined {
  const text = Buffer.from(base64, 'base64').toString('utf8')
  if (text.trim() === '') return 'unexpected end of JSON input'
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`
  } catch {
    const first = text.trim()[0] ?? ''
    if (!'{["-0123456789tfn'.includes(first)) return `invalid character '${first}' looking for beginning of value`
    return 'unexpected end of JSON input'
  }
}

function validateDockerConfig(data: Data, key: string): FieldError[] {
  const value = own(data, key)
  if (value === undefined) return [required(`data[${key}]`)]
  const fault = jsonFault(value)
  return fault === undefined ? [] : [invalid(`data[${key}]`, '<secret contents redacted>', fault)]
}

const missing = (data: Data, keys: readonly string[]): FieldError[] =>
  keys.filter((key) => own(data, key) === undefined).map((key) => required(`data[${key}]`))

function validateByType({ type, data, metadata }: Secret): FieldError[] {
  switch (type) {
    case 'kubernetes.io/service-account-token': {
      const key = 'kubernetes.io/service-account.name'
      return own(metadata.annotations, key) ? [] : [required(`metadata.annotations[${key}]`)]
    }
    case 'kubernetes.io/dockercfg':
      return validateDockerConfig(data, '.dockercfg')
    case 'kubernetes.io/dockerconfigjson':
      return validateDockerConfig(data, '.dockerconfigjson')
    case 'kubernetes.io/basic-auth': {
      const found = missing(data, ['username', 'password'])
      return found.length === 2 ? found : []
    }
    case 'kubernetes.io/ssh-auth':
      return own(data, 'ssh-privatekey') ? [] : [required('data[ssh-privatekey]')]
    case 'kubernetes.io/tls':
      return missing(data, ['tls.crt', 'tls.key'])
    default:
      return []
  }
}

export function validateSecret(next: Secret, prev: Secret | undefined): FieldError[] {
  const found = validateKubeFinalizers(next.metadata)
  if (prev) {
    if (next.type !== prev.type) found.push(invalid('type', next.type ?? '', immutableMessage))
    found.push(...validateImmutable(next, prev, ['data']))
  }
  let size = 0
  for (const key of sortedKeys(next.data)) {
    found.push(...invalids(`data[${key}]`, key, checkConfigMapKey(key)))
    size += decodedLength(own(next.data, key) ?? '')
  }
  if (size > mostBytes) found.push(tooLong('data', mostBytes))
  return [...found, ...validateByType(next)]
}
