/**
 * Values against the value rules of a schema, with the messages, the choice of alternatives and the quirks of upstream's validator
 * (source: kube-openapi, validation/validate). Unchanged values that were invalid before are let pass (ratcheting).
 */
import { isWrittenNumber } from '#api/json-scan.ts'
import {
  type FieldError,
  invalid,
  notSupported,
  required as requiredError,
  tooLong as tooLongError,
  tooMany,
  typeInvalid,
} from '#api/meta/field-error.ts'
import { goQuote } from '#api/meta/go-quote.ts'
import { type Plain, sameJson } from '#api/own.ts'
import { compileRe2, type Re2 } from '#api/regexp/re2.ts'
import type { Correlated } from './correlate.ts'
import type { Fault } from './fault.ts'
import { formatCheck } from './formats.ts'
import { numberFaults } from './number-rules.ts'
import { additionalOf, isIntOrString, itemsOf, propertyOf, type Structural } from './schema.ts'
import { sortedKeys } from './value-print.ts'
import { isObject } from './values.ts'

class Result {
  readonly faults: Fault[] = []
  /** How many rules held: the alternative with the most tells why none fits. */
  matches = 0

  add(...faults: readonly Fault[]): void {
    for (const fault of faults) if (!this.faults.some((known) => known.text === fault.text)) this.faults.push(fault)
  }

  merge(other: Result): void {
    this.add(...other.faults)
    this.matches += other.matches
  }

  get isValid(): boolean {
    return this.faults.length === 0
  }
}

/**
 * Causes for a value, below the path `field`; the value is the root where that is undefined. `correlated` gives the value before an update,
 * so that what did not change is not judged.
 */
export function validateValue(value: unknown, schema: Structural, field?: string, correlated?: Correlated): FieldError[] {
  const result = correlated === undefined ? against(value, schema, '', undefined) : ratcheted(value, schema, '', correlated)
  return result.faults.map((fault) => fault.error(fault.isComposite ? (field ?? '<nil>') : fieldOf(field, fault.path)))
}

function fieldOf(base: string | undefined, path: string): string {
  const name = path.startsWith('.') ? path.slice(1) : path
  if (base === undefined) return name === '' ? '<nil>' : name
  return name === '' ? base : `${base}.${name}`
}

function ratcheted(value: unknown, schema: Structural, path: string, correlated: Correlated): Result {
  const result = against(value, schema, path, correlated)
  if (result.isValid || !correlated.isSame) return result
  const passed = new Result()
  passed.matches = result.matches
  return passed
}

const next = (value: unknown, schema: Structural, path: string, correlated: Correlated | undefined): Result =>
  correlated === undefined ? against(value, schema, path, undefined) : ratcheted(value, schema, path, correlated)

function against(value: unknown, schema: Structural, path: string, correlated: Correlated | undefined): Result {
  const result = new Result()
  const type = typeResult(value, schema, path)
  if (value === null) {
    result.merge(type)
    result.add(...enumFaults(value, schema, path))
    return result
  }
  if (typesOf(schema).length > 0 || formatCheck(schema.format) !== undefined) count(result, type)
  count(result, alternatives(value, schema, path, correlated))
  if (typeof value === 'string') {
    countFaults(result, stringFaults(value, schema, path))
    if (formatCheck(schema.format) !== undefined) countFaults(result, formatFaults(value, schema, path))
  }
  if (typeof value === 'number' || isWrittenNumber(value)) {
    const numbers = new Result()
    numbers.add(...numberFaults(value, schema, path))
    numbers.matches++
    count(result, numbers)
  }
  if (Array.isArray(value)) count(result, listResult(value, schema, path, correlated))
  countFaults(result, enumFaults(value, schema, path))
  if (isObject(value)) count(result, objectResult(value, schema, path, correlated))
  result.matches++
  return result
}

function count(result: Result, part: Result): void {
  result.merge(part)
  result.matches++
}

function countFaults(result: Result, faults: readonly Fault[]): void {
  result.add(...faults)
  result.matches++
}

const typesOf = (schema: Structural): readonly string[] =>
  isIntOrString(schema) ? ['integer', 'string'] : schema.type === undefined || schema.type === '' ? [] : [schema.type]

interface Typed {
  type: string
  format: string
}

function typeOfValue(value: unknown): Typed {
  if (value === null) return { type: 'null', format: '' }
  if (Array.isArray(value)) return { type: 'array', format: '' }
  if (isWrittenNumber(value)) return { type: 'integer', format: 'int64' }
  switch (typeof value) {
    case 'boolean':
      return { type: 'boolean', format: '' }
    case 'string':
      return { type: 'string', format: '' }
    case 'number':
      return Number.isSafeInteger(value) ? { type: 'integer', format: 'int64' } : { type: 'number', format: 'float64' }
    default:
      return { type: 'object', format: '' }
  }
}

const wrongType = (path: string, wanted: string, got: string): Fault => {
  const text = `${path} in body must be of type ${wanted}: ${goQuote(got)}`
  return { text, path, error: (field) => typeInvalid(field, got, text) }
}

function typeResult(value: unknown, schema: Structural, path: string): Result {
  const result = new Result()
  const types = typesOf(schema)
  const { type, format } = typeOfValue(value)
  if (value === null) {
    if (types.length > 0 && schema.nullable !== true) result.add(wrongType(path, types.join(','), 'null'))
    else result.matches++
    return result
  }
  const fits = types.includes(type) || (type === 'integer' && types.includes('number'))
  const wanted = formatCheck(schema.format) === undefined ? '' : (schema.format ?? '')
  const isText = type === 'string' || type === 'array'
  const isNumeric = types.includes('number') || types.includes('integer')
  if (wanted !== '' && !isText && !fits && format !== wanted) result.add(wrongType(path, wanted, format))
  else if ((wanted !== '' && isText && !isNumeric) || fits) result.matches++
  else result.add(wrongType(path, types.join(','), type))
  return result
}

const composite = (text: string): Fault => ({ text, path: '', isComposite: true, error: (field) => invalid(field, '', text) })

function alternatives(value: unknown, schema: Structural, path: string, correlated: Correlated | undefined): Result {
  const result = new Result()
  const name = goQuote(path)
  anyOf(result, value, schema, path, correlated)
  oneOf(result, value, schema, path, correlated)
  const all = schema.allOf ?? []
  let held = 0
  for (const part of all) {
    const found = against(value, part, path, correlated)
    if (found.isValid) held++
    result.merge(found)
  }
  if (held !== all.length) result.add(composite(`${name} must validate all the schemas (allOf)${held === 0 ? '. None validated' : ''}`))
  if (schema.not !== undefined && against(value, schema.not, path, correlated).isValid)
    result.add(composite(`${name} must not validate the schema (not)`))
  result.matches++
  return result
}

// biome-ignore lint/complexity/useMaxParams: the four are what every rule works on, and the result it adds to
function anyOf(result: Result, value: unknown, schema: Structural, path: string, correlated: Correlated | undefined): void {
  if (schema.anyOf === undefined || schema.anyOf.length === 0) return
  let best: Result | undefined
  for (const part of schema.anyOf) {
    const found = against(value, part, path, correlated)
    if (found.isValid) {
      result.merge(found)
      return
    }
    if (best === undefined || found.matches > best.matches) best = found
  }
  result.add(composite(`${goQuote(path)} must validate at least one schema (anyOf)`))
  if (best !== undefined) result.merge(best)
}

// biome-ignore lint/complexity/useMaxParams: as above
function oneOf(result: Result, value: unknown, schema: Structural, path: string, correlated: Correlated | undefined): void {
  if (schema.oneOf === undefined || schema.oneOf.length === 0) return
  let best: Result | undefined
  let first: Result | undefined
  let held = 0
  for (const part of schema.oneOf) {
    const found = against(value, part, path, correlated)
    if (found.isValid) {
      held++
      best = undefined
      first ??= found
    } else if (held === 0 && (best === undefined || found.matches > best.matches)) best = found
  }
  if (held === 1 && first !== undefined) {
    result.merge(first)
    return
  }
  const why = held === 0 ? 'Found none valid' : `Found ${held} valid alternatives`
  result.add(composite(`${goQuote(path)} must validate one and only one schema (oneOf). ${why}`))
  if (best !== undefined) result.merge(best)
}

const patterns = new WeakMap<Structural, Re2 | string>()

function stringFaults(value: string, schema: Structural, path: string): readonly Fault[] {
  const { maxLength, minLength, pattern = '' } = schema
  const length = maxLength === undefined && minLength === undefined ? 0 : [...value].length
  if (maxLength !== undefined && length > maxLength) {
    const text = `${path} in body should be at most ${maxLength} chars long`
    return [{ text, path, error: (field) => tooLongError(field, maxLength) }]
  }
  if (minLength !== undefined && length < minLength) {
    const text = `${path} in body should be at least ${minLength} chars long`
    return [{ text, path, error: (field) => invalid(field, value, text) }]
  }
  if (pattern === '') return []
  const compiled = compiledPattern(schema, pattern)
  if (typeof compiled !== 'string' && compiled.test(value)) return []
  const shown = typeof compiled === 'string' ? `${pattern}, but pattern is invalid: ${compiled}` : pattern
  const text = `${path} in body should match '${shown}'`
  return [{ text, path, error: (field) => invalid(field, value, text) }]
}

function compiledPattern(schema: Structural, pattern: string): Re2 | string {
  const known = patterns.get(schema)
  if (known !== undefined) return known
  const result = compileRe2(pattern)
  const compiled = result.ok ? result.re2 : result.error
  patterns.set(schema, compiled)
  return compiled
}

function formatFaults(value: string, schema: Structural, path: string): readonly Fault[] {
  return formatCheck(schema.format)?.(value) === false ? [wrongType(path, schema.format ?? '', value)] : []
}

function enumFaults(value: unknown, schema: Structural, path: string): readonly Fault[] {
  const values = schema.enum ?? []
  if (values.length === 0 || values.some((allowed) => isAllowed(value, allowed))) return []
  const texts = values.map((allowed) => (typeof allowed === 'string' ? allowed : JSON.stringify(sortedKeys(allowed))))
  return [
    {
      text: `${path} in body should be one of ${JSON.stringify(values)}`,
      path,
      error: (field) => notSupported(field, sortedKeys(value), texts),
    },
  ]
}

/** A number counts as the whole number that Go's conversion makes of it; null is never in a list. */
function isAllowed(value: unknown, allowed: unknown): boolean {
  if (value === null || allowed === null) return false
  if (typeof value === 'number' && typeof allowed === 'number')
    return Number.isInteger(allowed) ? Math.trunc(value) === allowed : value === allowed
  if (isWrittenNumber(value)) return isWrittenNumber(allowed) && value.rawJSON === allowed.rawJSON
  return sameJson(value, allowed)
}

function listResult(list: readonly unknown[], schema: Structural, path: string, correlated: Correlated | undefined): Result {
  const result = new Result()
  const items = itemsOf(schema)
  if (items !== undefined) list.forEach((item, i) => void result.merge(next(item, items, `${path}[${i}]`, correlated?.index(i))))
  const { minItems, maxItems } = schema
  const size = list.length
  if (minItems !== undefined && size < minItems) {
    const text = `${path} in body should have at least ${minItems} items`
    result.add({ text, path, error: (field) => invalid(field, size, text) })
  }
  if (maxItems !== undefined && size > maxItems)
    result.add({ text: `${path} in body should have at most ${maxItems} items`, path, error: (field) => tooMany(field, size, maxItems) })
  result.matches++
  return result
}

function objectResult(object: Plain, schema: Structural, path: string, correlated: Correlated | undefined): Result {
  const result = new Result()
  const keys = Object.keys(object)
  sizeFaults(result, keys.length, schema, path)
  const additional = additionalOf(schema)
  for (const key of keys) {
    if (propertyOf(schema, key) !== undefined) continue
    if (schema.additionalProperties === false) {
      const text = `${path}.${key} in body is a forbidden property`
      result.add({ text, path, error: (field) => invalid(field, key, text) })
    } else if (additional !== undefined) result.merge(next(object[key], additional, `${path}.${key}`, correlated?.key(key)))
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (!Object.hasOwn(object, name)) continue
    const isTypeMeta = path === '' && (name === 'kind' || name === 'apiVersion')
    result.merge(next(object[name], property, path === '' ? name : `${path}.${name}`, isTypeMeta ? undefined : correlated?.key(name)))
  }
  for (const name of schema.required ?? []) {
    if (Object.hasOwn(object, name)) continue
    const at = `${path}.${name}`
    result.add({ text: `${at} in body is required`, path: at, error: (field) => requiredError(field) })
  }
  return result
}

function sizeFaults(result: Result, size: number, schema: Structural, path: string): void {
  const { minProperties, maxProperties } = schema
  if (minProperties !== undefined && size < minProperties) {
    const text = `${path} in body should have at least ${minProperties} properties`
    result.add({ text, path, error: (field) => invalid(field, size, text) })
  }
  if (maxProperties !== undefined && size > maxProperties)
    result.add({
      text: `${path} in body should have at most ${maxProperties} properties`,
      path,
      error: (field) => tooMany(field, size, maxProperties),
    })
}
