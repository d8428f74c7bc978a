/** JSON values of custom resources: numbers keep what a double would lose, everything else is plain (pure). */
import { isWrittenNumber, type numberText } from '#api/json-scan.ts'
import { type Plain, setOwn } from '#api/own.ts'

export type WrittenNumber = Exclude<Parameters<typeof numberText>[0], number>

export function isObject(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isWrittenNumber(value)
}

/** A deep copy; written numbers are shared, they cannot change. */
export function copyJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyJson)
  if (!isObject(value)) return value
  const copy: Plain = {}
  for (const [key, item] of Object.entries(value)) setOwn(copy, key, copyJson(item))
  return copy
}

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/** Only whole numbers of 64 bits that a double cannot hold stay as they were written; all others are doubles, as in Go. */
function settledNumber(text: string): number | undefined {
  if (/[.eE]/.test(text)) return Number(text)
  const exact = BigInt(text)
  if (exact < INT64_MIN || exact > INT64_MAX || Number.isSafeInteger(Number(text))) return Number(text)
  return undefined
}

/** Brings the numbers of a parsed value into their one form, in place; returns the value. */
export function settleNumbers(value: unknown): unknown {
  if (isWrittenNumber(value)) return settledNumber(value.rawJSON) ?? value
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = settleNumbers(value[i])
  } else if (typeof value === 'object' && value !== null) {
    const object = value as Plain
    for (const key of Object.keys(object)) {
      const item = object[key]
      if (typeof item !== 'object' || item === null) continue
      const settled = settleNumbers(item)
      if (settled !== item) setOwn(object, key, settled)
    }
  }
  return value
}
