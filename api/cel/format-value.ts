/** Values as text: conversions to string, and values within error texts. */
import { formatDouble } from './double-text.ts'
import { formatDuration, formatTimestamp } from './instant.ts'
import { Bytes, CelError, CelList, CelMap, type CelValue, Duration, elementsOf, Optional, Timestamp, TypeValue, Uint } from './value.ts'

/** A value as Go's %v prints it inside an error. */
export function formatValue(value: CelValue): string {
  if (typeof value === 'number') return formatDouble(value)
  if (value === null) return '0'
  if (typeof value !== 'object') return String(value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Bytes) return `[${[...value.bytes].join(' ')}]`
  if (value instanceof Timestamp) return formatTimestamp(value)
  if (value instanceof Duration) return formatDuration(value)
  if (value instanceof TypeValue) return value.name
  if (value instanceof Optional) return value.value === undefined ? 'optional.none()' : `optional(${formatValue(value.value)})`
  if (value instanceof CelList) return `[${elementsOf(value).map(formatValue).join(', ')}]`
  if (value instanceof CelMap)
    return `{${value
      .keys()
      .map((key) => `${formatValue(key)}: ${formatValue(value.find(key) ?? null)}`)
      .join(', ')}}`
  return value instanceof CelError ? value.message : value.toString()
}
