/** Reading and writing keys that users chose: `__proto__` and `constructor` are keys like any other, and only own ones count. */
import { isWrittenNumber } from './json-scan.ts'

export type Plain = Record<string, unknown>

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isWrittenNumber(value)
}

/** The own value of a key, or undefined. */
export function own(object: Plain, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

export function setOwn(object: Plain, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  else object[key] = value
}

/** Deep equality of JSON values; key order does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]))
  if (isWrittenNumber(a)) return isWrittenNumber(b) && a.rawJSON === b.rawJSON
  if (!isPlain(a) || !isPlain(b)) return false
  let keys = 0
  for (const key in a) {
    if (!Object.hasOwn(b, key) || !sameJson(a[key], b[key])) return false
    keys++
  }
  for (const _ in b) keys--
  return keys === 0
}
