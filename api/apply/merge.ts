/**
 * Merging an applied configuration into an object, and taking paths out of one (source: structured-merge-diff, typed.Merge and
 * RemoveItems). Neither argument is changed; results share with them what they can.
 */
import { own, type Plain, setOwn } from '#api/own.ts'
import { type ApplyType, deducedMap, type ListType, type MapType } from './apply-type.ts'
import { isMap, listOf, mapOf, typeOfKey } from './compare.ts'
import { below, type FieldSet, hasMember } from './field-set.ts'
import { elementOfItem } from './list-items.ts'
import { fieldElement, type PathElement } from './path-element.ts'

/** The live object with all that the configuration says; nothing is taken away. Throws BadItem. */
export function merge(type: MapType, live: Plain, config: Plain): Plain {
  return mergeMaps(type, live, config)
}

/** Undefined means absent. */
function mergeValues(type: ApplyType, live: unknown, config: unknown): unknown {
  if (config === undefined) return live
  if (live === undefined) return config
  switch (type.kind) {
    case 'list':
      if (type.atomic || (listOf(live).length === 0 && listOf(config).length === 0)) return config
      return mergeLists(type, listOf(live), listOf(config))
    case 'map':
      return type.atomic ? config : mergeFields(type, live, config)
    case 'deduced':
      return isMap(config) || (config === null && isMap(live)) ? mergeFields(deducedMap, live, config) : config
    default:
      return config
  }
}

function mergeFields(type: MapType, live: unknown, config: unknown): unknown {
  const [left, right] = [mapOf(live), mapOf(config)]
  if (Object.keys(left).length === 0 && Object.keys(right).length === 0) return config
  return mergeMaps(type, left, right)
}

function mergeMaps(type: MapType, live: Plain, config: Plain): Plain {
  const out = { ...live }
  for (const key of Object.keys(config)) setOwn(out, key, mergeValues(typeOfKey(type, key), own(live, key), config[key]))
  return out
}

interface Listed {
  elements: readonly PathElement[]
  /** The item of each element; null for one that stands twice, which is not merged but replaced. */
  items: ReadonlyMap<PathElement, unknown>
}

function listed(type: ListType, values: readonly unknown[]): Listed {
  const items = new Map<PathElement, unknown>()
  const elements = values.map((value) => {
    const element = elementOfItem(type, value)
    items.set(element, items.has(element) ? null : value)
    return element
  })
  return { elements, items }
}

/** Items of the live list keep their places as far as the order of the configuration allows; its own order wins. */
function mergeLists(type: ListType, live: readonly unknown[], config: readonly unknown[]): unknown[] {
  const [left, right] = [listed(type, live), listed(type, config)]
  const shared = right.elements.filter((element) => left.items.has(element))
  const done = new Set<PathElement>()
  const out: unknown[] = []
  let [l, r, s] = [0, 0, 0]
  const take = (element: PathElement): void => {
    done.add(element)
    out.push(mergeValues(type.element, left.items.get(element), right.items.get(element)))
    r++
    if (shared[s] === element) s++
  }
  while (l < left.elements.length || r < right.elements.length) {
    const mine = left.elements[l]
    const theirs = right.elements[r]
    if (mine !== undefined && mine === theirs) {
      take(mine)
      l++
    } else if (mine !== undefined && !right.items.has(mine)) out.push(live[l++])
    else if (mine !== undefined && theirs !== undefined && shared[s] !== undefined && shared[s] !== mine) l++
    else {
      if (mine !== undefined && done.has(mine)) l++
      if (theirs !== undefined) take(theirs)
    }
  }
  return out
}

/** The object without these paths; what is emptied by that becomes null. */
export function remove(type: MapType, object: Plain, paths: FieldSet): Plain {
  return (removeFromMap(type, object, paths) ?? {}) as Plain
}

function removeFrom(type: ApplyType, value: unknown, paths: FieldSet): unknown {
  if (Array.isArray(value)) return type.kind === 'list' && !type.atomic ? removeFromList(type, value, paths) : null
  if (!isMap(value)) return value
  if (type.kind === 'deduced') return removeFromMap(deducedMap, value, paths)
  return type.kind === 'map' && !type.atomic ? removeFromMap(type, value, paths) : null
}

function removeFromMap(type: MapType, map: Plain, paths: FieldSet): Plain | null {
  const out: Plain = {}
  let kept = false
  for (const key of Object.keys(map)) {
    const element = fieldElement(key)
    if (hasMember(paths, element)) continue
    const inner = below(paths, element)
    setOwn(out, key, inner === undefined ? map[key] : removeFrom(typeOfKey(type, key), map[key], inner))
    kept = true
  }
  return kept ? out : null
}

function removeFromList(type: ListType, items: readonly unknown[], paths: FieldSet): unknown[] | null {
  const out: unknown[] = []
  for (const item of items) {
    const element = elementOfItem(type, item)
    if (hasMember(paths, element)) continue
    const inner = below(paths, element)
    out.push(inner === undefined ? item : removeFrom(type.element, item, inner))
  }
  return out.length > 0 ? out : null
}
