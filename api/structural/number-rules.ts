/** Limits of numbers; whole numbers are compared as int64, for which Go cuts the fraction of a limit off (source: kube-openapi, validate/values.go). */
import { isWrittenNumber } from '#api/json-scan.ts'
import { invalid } from '#api/meta/field-error.ts'
import { goFloat } from '#api/meta/go-number.ts'
import type { Fault } from './fault.ts'
import type { Structural } from './schema.ts'
import type { WrittenNumber } from './values.ts'

export function numberFaults(value: number | WrittenNumber, schema: Structural, path: string): Fault[] {
  const { multipleOf, maximum, minimum, exclusiveMaximum = false, exclusiveMinimum = false } = schema
  const found: Fault[] = []
  const add = (text: string, shown: unknown = value): void => {
    found.push({ text, path, error: (field) => invalid(field, shown, text) })
  }
  const isWhole = isWrittenNumber(value) || Number.isSafeInteger(value)
  const limitText = (limit: number): string => (isWhole ? String(Math.trunc(limit)) : goFloat(limit))
  if (multipleOf !== undefined) {
    const factor = isWhole ? Math.trunc(multipleOf) : multipleOf
    if (factor <= 0) add(`factor MultipleOf declared for ${path} must be positive: ${limitText(factor)}`, factor)
    else if (!isMultiple(value, factor)) add(`${path} in body should be a multiple of ${limitText(factor)}`)
  }
  if (minimum !== undefined) {
    const order = compare(value, minimum)
    if (order < 0 || (exclusiveMinimum && order === 0))
      add(`${path} in body should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${limitText(minimum)}`)
  }
  if (maximum !== undefined) {
    const order = compare(value, maximum)
    if (order > 0 || (exclusiveMaximum && order === 0))
      add(`${path} in body should be less than ${exclusiveMaximum ? '' : 'or equal to '}${limitText(maximum)}`)
  }
  return found
}

function compare(value: number | WrittenNumber, limit: number): number {
  if (isWrittenNumber(value)) {
    const [a, b] = [BigInt(value.rawJSON), BigInt(Math.trunc(limit))]
    return a < b ? -1 : a > b ? 1 : 0
  }
  return value - (Number.isSafeInteger(value) ? Math.trunc(limit) : limit)
}

function isMultiple(value: number | WrittenNumber, factor: number): boolean {
  if (isWrittenNumber(value)) return BigInt(value.rawJSON) % BigInt(factor) === 0n
  if (Number.isSafeInteger(value)) return value % factor === 0
  return isJsonInteger(factor < 1 ? (1 / factor) * value : value / factor)
}

const EPSILON = 1e-9

/** As go-openapi's IsFloat64AJSONInteger: whole but for rounding. */
function isJsonInteger(value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return false
  const whole = Math.trunc(value)
  if (value === whole) return true
  if (value < 0 || whole === 0) return false
  return (value - whole) / (value + whole) < EPSILON
}
