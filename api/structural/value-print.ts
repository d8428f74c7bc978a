/** Values as Go prints them inside of messages (pure). */
import { isWrittenNumber } from '#api/json-scan.ts'
import { type Plain, setOwn } from '#api/own.ts'

/** A copy with the keys of all objects sorted, as Go writes its maps. */
export function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (typeof value !== 'object' || value === null || isWrittenNumber(value)) return value
  const sorted: Plain = {}
  for (const key of Object.keys(value).sort()) setOwn(sorted, key, sortedKeys((value as Plain)[key]))
  return sorted
}
