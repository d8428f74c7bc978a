/** The order of --sort-by. */
import { compareQuantities, isQuantity } from '#api/meta/quantity.ts'
import { findJsonPath } from './jsonpath.ts'

/** Objects without the field come first; `500Mi` comes before `1Gi`, and `web-9` before `web-10`. */
export function compareBy(path: string, a: unknown, b: unknown): number {
  const [left, right] = [findJsonPath(path, a)[0], findJsonPath(path, b)[0]]
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? -1 : 1
  if (typeof left === 'number' && typeof right === 'number') return left - right
  const [one, other] = [String(left), String(right)]
  return isQuantity(one) && isQuantity(other) ? compareQuantities(one, other) : compareNaturally(one, other)
}

function compareNaturally(a: string, b: string): number {
  const [left, right] = [piecesOf(a), piecesOf(b)]
  for (const [i, piece] of left.entries()) {
    const other = right[i] ?? ''
    if (piece === other) continue
    const byNumber = /^\d/.test(piece) && /^\d/.test(other) ? Number(piece) - Number(other) : 0
    return byNumber || (piece < other ? -1 : 1)
  }
  return left.length - right.length
}

const piecesOf = (text: string): readonly string[] => text.match(/\d+|\D+/g) ?? []
