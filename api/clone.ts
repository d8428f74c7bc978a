/** Deep copies of plain JSON values: several times faster than structuredClone. */

import { isWrittenNumber } from './json-scan.ts'
import { isNilList, nilList } from './nil-list.ts'

/** Copies objects and arrays; own keys only, `__proto__` among them. */
export function clone<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value) && value.length === 0) return (isNilList(value) ? nilList() : []) as T
  if (Array.isArray(value)) return value.map((item) => clone(item as unknown)) as T
  if (isWrittenNumber(value)) return value
  const copy = { ...value } as Record<string, unknown>
  for (const key in copy) {
    const item = copy[key]
    if (typeof item === 'object' && item !== null && Object.hasOwn(copy, key)) copy[key] = clone(item)
  }
  return copy as T
}
