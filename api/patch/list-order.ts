/** The order of merged lists: what a patch names stands in its order, what only the server has keeps its own, both woven together. */
import { isPlain, own, type Plain } from '#api/own.ts'
import { goPrint } from './go-print.ts'
import { PatchError } from './patch-schema.ts'

export const DIRECTIVE = '$patch'

/** The value of the merge key; the item itself where the list holds scalars (`mergeKey` is ''). */
export function keyOf(item: unknown, mergeKey: string): unknown {
  if (mergeKey === '') return item
  return isPlain(item) ? own(item, mergeKey) : undefined
}

/** As keyOf, but the key must be there. */
export function requiredKeyOf(item: unknown, mergeKey: string): unknown {
  if (mergeKey === '') return item
  if (!isPlain(item)) throw new PatchError(`expected a map[string]interface {}, but received a ${typeof item}`)
  if (!Object.hasOwn(item, mergeKey)) throw new PatchError(`map: ${goPrint(item)} does not contain declared merge key: ${mergeKey}`)
  return item[mergeKey]
}

export const isDeletion = (item: unknown): item is Plain => isPlain(item) && own(item, DIRECTIVE) === 'delete'

/** Positions by key; of equal keys the first counts. */
export function positions(items: readonly unknown[], mergeKey: string): Map<unknown, number> {
  const found = new Map<unknown, number>()
  items.forEach((item, i) => {
    const key = keyOf(item, mergeKey)
    if (!found.has(key)) found.set(key, i)
  })
  return found
}

/** Sorting takes the square of the time where an order leaves items out; a server must not be kept busy by that. */
const MAX_UNKNOWN = 2000

/** Items in the order of another list; deletions go last. */
export function inOrderOf(items: readonly unknown[], order: readonly unknown[], mergeKey: string): unknown[] {
  if (mergeKey !== '') for (const item of [...items, ...order]) requiredKeyOf(item, mergeKey)
  const deletions = mergeKey === '' ? [] : items.filter(isDeletion)
  const kept = mergeKey === '' ? [...items] : items.filter((item) => !isDeletion(item))
  const at = positions(order, mergeKey)
  const rank = (item: unknown): number | undefined => at.get(keyOf(item, mergeKey))
  const ranks = kept.map(rank)
  if (ranks.every((place) => place !== undefined))
    return [
      ...kept
        .map((item, i) => ({ item, place: ranks[i] ?? 0 }))
        .sort((a, b) => a.place - b.place)
        .map(({ item }) => item),
      ...deletions,
    ]
  if (kept.length > MAX_UNKNOWN)
    throw new PatchError(`lists of more than ${MAX_UNKNOWN} items cannot be ordered where the order leaves some out`, 422)
  // An insertion sort on purpose: upstream calls an item that the order does not know "less" than whatever stands before it.
  for (let i = 1; i < kept.length; i++) {
    for (let j = i; j > 0; j--) {
      const right = rank(kept[j])
      const left = rank(kept[j - 1])
      if (right !== undefined && left !== undefined && right >= left) break
      ;[kept[j - 1], kept[j]] = [kept[j], kept[j - 1]]
    }
  }
  return [...kept, ...deletions]
}

/** Weaves two ordered lists: an item of the server goes before one of the patch only where the server's own order says so. */
function woven(serverOnly: readonly unknown[], patched: readonly unknown[], serverOrder: readonly unknown[], mergeKey: string): unknown[] {
  const at = positions(serverOrder, mergeKey)
  const result: unknown[] = []
  let i = 0
  let j = 0
  while (i < serverOnly.length || j < patched.length) {
    const left = i < serverOnly.length ? at.get(keyOf(serverOnly[i], mergeKey)) : undefined
    const right = j < patched.length ? at.get(keyOf(patched[j], mergeKey)) : undefined
    const serverFirst = left !== undefined && right !== undefined && left < right
    if (j >= patched.length || (i < serverOnly.length && serverFirst)) result.push(serverOnly[i++])
    else result.push(patched[j++])
  }
  return result
}

/** The merged list in its final order: `patchOrder` is the patch's (or its $setElementOrder list), `serverOrder` the original's. */
export function orderMerged(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const named = new Set(patchOrder.map((item) => keyOf(item, mergeKey)))
  const isNamed = (item: unknown): boolean => named.has(requiredKeyOf(item, mergeKey))
  const patched = inOrderOf(merged.filter(isNamed), patchOrder, mergeKey)
  const serverOnly = inOrderOf(
    merged.filter((item) => !isNamed(item)),
    serverOrder,
    mergeKey,
  )
  return woven(serverOnly, patched, serverOrder, mergeKey)
}
