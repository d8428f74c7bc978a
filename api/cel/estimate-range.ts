/** Ranges of sizes and costs: 64-bit numbers that stop at their largest (cel-go, checker/cost.go). Kept as doubles, exact below 2^53. */

export interface Range {
  readonly min: number
  readonly max: number
}

export const unbounded = 2 ** 64

const capped = (value: number): number => Math.min(unbounded, value)
const product = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : capped(a * b))

export const fixed = (value: number): Range => ({ min: value, max: value })
export const unknownSize: Range = { min: 0, max: unbounded }
export const addRange = (a: Range, b: Range): Range => ({ min: capped(a.min + b.min), max: capped(a.max + b.max) })
export const multiplyRange = (a: Range, b: Range): Range => ({ min: product(a.min, b.min), max: product(a.max, b.max) })
export const unionRange = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) })

/** Times a factor, rounded up. */
export function scaleRange(range: Range, factor: number): Range {
  const scaled = (value: number) => (value === 0 ? 0 : capped(Math.ceil(value * factor)))
  return { min: scaled(range.min), max: scaled(range.max) }
}

export const sumRanges = (ranges: readonly Range[]): Range => ranges.reduce(addRange, fixed(0))
