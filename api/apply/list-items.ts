/** Path elements of the items of associative lists and sets (source: structured-merge-diff, typed). */
import { isWrittenNumber } from '#api/json-scan.ts'
import { isPlain, own } from '#api/own.ts'
import type { ListType } from './apply-type.ts'
import { keyElement, type PathElement, valueElement } from './path-element.ts'

/** An item that cannot be told from others; the message is upstream's. */
export class BadItem extends Error {}

/** Throws BadItem. */
export function elementOfItem(type: ListType, item: unknown): PathElement {
  return type.keys.length > 0 ? keyedElement(type, item) : setElement(item)
}

function keyedElement(type: ListType, item: unknown): PathElement {
  if (item === null || item === undefined) throw new BadItem('associative list with keys may not have a null element')
  if (!isPlain(item) || isWrittenNumber(item)) throw new BadItem('associative list with keys may not have non-map elements')
  const fields: [string, unknown][] = []
  const missing = type.element.kind === 'map' ? type.element.keyDefaults : undefined
  for (const key of type.keys) {
    // a key that is written as null is no absent one
    const value = Object.hasOwn(item, key) ? (own(item, key) ?? null) : missing?.get(key)
    if (value !== undefined) fields.push([key, value])
  }
  if (fields.length === 0) {
    const keys = type.keys.map((key) => JSON.stringify(key)).join(' ')
    throw new BadItem(
      `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`,
    )
  }
  return keyElement(fields)
}

function setElement(item: unknown): PathElement {
  if (Array.isArray(item)) throw new BadItem('not supported: associative list with lists as elements')
  if (item === null || item === undefined) throw new BadItem("associative list without keys has an element that's an explicit null")
  if (typeof item === 'object' && !isWrittenNumber(item))
    throw new BadItem("associative list without keys has an element that's a map type")
  return valueElement(item)
}

/** Items by their elements, in the order in which they first stand; several where a list holds duplicates. */
export function itemsByElement(type: ListType, items: readonly unknown[]): Map<PathElement, unknown[]> {
  const found = new Map<PathElement, unknown[]>()
  for (const item of items) {
    const element = elementOfItem(type, item)
    const there = found.get(element)
    if (there === undefined) found.set(element, [item])
    else there.push(item)
  }
  return found
}
