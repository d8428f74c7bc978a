/** Functions on lists: Kubernetes' own, cel-go's list (version 3) and set extensions, and map insertion of two-variable macros. */

import { formatValue } from './format-value.ts'
import { costExceeded } from './frame.ts'
import { type CelFunction, define, global, member, type Overload, type Run } from './functions.ts'
import { add, compare, contains, equal } from './operations.ts'
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  isExactType,
  listType,
  mapType,
  paramType,
  stringType,
  timestampType,
  uintType,
} from './type.ts'
import {
  ArrayList,
  CelError,
  CelList,
  type CelMap,
  type CelValue,
  Duration,
  elementsOf,
  type HashMap,
  hashKey,
  mapKey,
  typeOfValue,
  Uint,
} from './value.ts'

const a = paramType('A')
const t = paramType('T')
const listOfT = listType(t)

type Named = readonly [string, CelType]
const summable: readonly Named[] = [
  ['int', intType],
  ['uint', uintType],
  ['double', doubleType],
  ['duration', durationType],
]
const comparable: readonly Named[] = [
  ['int', intType],
  ['uint', uintType],
  ['double', doubleType],
  ['bool', boolType],
  ['duration', durationType],
  ['timestamp', timestampType],
  ['string', stringType],
  ['bytes', bytesType],
]
const zeros: Readonly<Record<string, CelValue>> = { int: 0n, uint: new Uint(0n), double: 0, duration: new Duration(0n) }

const perType = (types: readonly Named[], make: (name: string, type: CelType) => Overload): Overload[] =>
  types.map(([name, type]) => make(name, type))

const isSorted: Run = (list) => {
  let previous: CelValue | undefined
  for (const element of elementsOf(list as CelList)) {
    if (previous !== undefined && compare(previous, element) === 1) return false
    previous = element
  }
  return true
}

const sum =
  (zero: CelValue): Run =>
  (list) => {
    let total = zero
    for (const element of elementsOf(list as CelList)) {
      total = add(total, element)
      if (total instanceof CelError) return total
    }
    return total
  }

/** The element that no other is ahead of, in the given direction. */
const extreme =
  (name: string, replaces: number): Run =>
  (list) => {
    let best: CelValue | undefined
    for (const element of elementsOf(list as CelList)) {
      if (best === undefined || compare(best, element) === replaces) best = element
    }
    return best ?? new CelError(`${name} called on empty list`)
  }

const position =
  (last: boolean): Run =>
  (list, item) => {
    const elements = elementsOf(list as CelList)
    const isItem = (element: CelValue) => equal(element, item as CelValue) === true
    return BigInt(last ? elements.findLastIndex(isItem) : elements.findIndex(isItem))
  }

export const kubernetesListsLibrary: readonly CelFunction[] = [
  define('isSorted', ...perType(comparable, (name, type) => member(`list_${name}_is_sorted_bool`, [listType(type)], boolType, isSorted))),
  define(
    'sum',
    ...perType(summable, (name, type) => member(`list_${name}_sum_${name}`, [listType(type)], type, sum(zeros[name] as CelValue))),
  ),
  define('max', ...perType(comparable, (name, type) => member(`list_${name}_max_${name}`, [listType(type)], type, extreme('max', -1)))),
  define('min', ...perType(comparable, (name, type) => member(`list_${name}_min_${name}`, [listType(type)], type, extreme('min', 1)))),
  define('indexOf', member('list_a_index_of_int', [listType(a), a], intType, position(false))),
  define('lastIndexOf', member('list_a_last_index_of_int', [listType(a), a], intType, position(true))),
]

const slice: Run = (list, from, to) => {
  const [start, end] = [from as bigint, to as bigint]
  const size = BigInt((list as CelList).size)
  const fail = (why: string) => new CelError(`cannot slice(${start}, ${end}), ${why}`)
  if (start < 0n || end < 0n) return fail('negative indexes not supported')
  if (start > end) return fail('start index must be less than or equal to end index')
  if (size < end) return fail(`list is length ${size}`)
  return new ArrayList(elementsOf(list as CelList).slice(Number(start), Number(end)))
}

function flattened(list: CelList, depth: bigint): CelValue[] {
  return elementsOf(list).flatMap((element) => (element instanceof CelList && depth > 0n ? flattened(element, depth - 1n) : [element]))
}

const flatten: Run = (list, depth = 1n) => {
  if (!(list instanceof CelList)) return new CelError(`no such overload: ${typeOfValue(list as CelValue).name}.flatten()`)
  if (typeof depth !== 'bigint' || depth < 0n) return new CelError('level must be non-negative')
  return new ArrayList(flattened(list, depth))
}

const sortByKeys: Run = (list, keys) => {
  const elements = elementsOf(list as CelList)
  const order = elementsOf(keys as CelList)
  if (elements.length !== order.length) {
    const sizes = `${elements.length} and ${order.length} elements respectively`
    return new CelError(`@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${sizes}`)
  }
  const first = order[0]
  if (first === undefined) return list as CelValue
  const type = typeOfValue(first)
  if (order.some((key) => !isExactType(typeOfValue(key), type))) return new CelError('list elements must have the same type')
  if (typeof compare(first, first) !== 'number') return new CelError('list elements must be comparable')
  const indices = order.map((_, at) => at).sort((x, y) => Number(compare(order[x] as CelValue, order[y] as CelValue)))
  return new ArrayList(indices.map((at) => elements[at] as CelValue))
}

/** More than any budget pays for. */
const largestRange = 1_100_000n

const range: Run = (count) => {
  if ((count as bigint) > largestRange) throw costExceeded
  return new ArrayList(Array.from({ length: Math.max(0, Number(count)) }, (_, at) => BigInt(at)))
}

const distinct: Run = (list) => {
  const unique: CelValue[] = []
  const seen = new Set<string>()
  for (const element of elementsOf(list as CelList)) {
    const hash = hashKey(element)
    const known = hash === undefined ? unique.some((other) => equal(element, other) === true) : seen.has(hash)
    if (known) continue
    if (hash !== undefined) seen.add(hash)
    unique.push(element)
  }
  return new ArrayList(unique)
}

export const listsLibrary: readonly CelFunction[] = [
  define('slice', member('list_slice', [listOfT, intType, intType], listOfT, slice)),
  {
    name: 'flatten',
    overloads: [
      member('list_flatten', [listType(listOfT)], listOfT, flatten),
      member('list_flatten_int', [listType(dynType), intType], listType(dynType), flatten),
    ],
    unguarded: true,
  },
  define(
    'sort',
    ...perType(comparable, (_, type) =>
      member(`list_${type.name}_sort`, [listType(type)], listType(type), (list) => sortByKeys(list as CelValue, list as CelValue)),
    ),
  ),
  define(
    '@sortByAssociatedKeys',
    ...perType(comparable, (_, type) => member(`list_${type.name}_sortByAssociatedKeys`, [listOfT, listType(type)], listOfT, sortByKeys)),
  ),
  define('lists.range', global('lists_range', [intType], listType(intType), range)),
  define(
    'reverse',
    member('list_reverse', [listOfT], listOfT, (list) => new ArrayList(elementsOf(list as CelList).reverse())),
  ),
  define('distinct', member('list_distinct', [listOfT], listOfT, distinct)),
]

function containsAll(list: CelValue, sublist: CelValue): CelValue {
  for (const element of elementsOf(sublist as CelList)) {
    const found = contains(list, element)
    if (found !== true) return found
  }
  return true
}

const intersects: Run = (left, right) => elementsOf(left as CelList).some((element) => contains(right as CelValue, element) === true)

const equivalent: Run = (left, right) => {
  const forth = containsAll(left as CelValue, right as CelValue)
  return forth === true ? containsAll(right as CelValue, left as CelValue) : forth
}

const setFunction = (name: string, run: Run): CelFunction =>
  define(`sets.${name}`, global(`list_sets_${name}_list`, [listOfT, listOfT], boolType, run))

export const setsLibrary: readonly CelFunction[] = [
  setFunction('contains', containsAll as Run),
  setFunction('equivalent', equivalent),
  setFunction('intersects', intersects),
]

const k = paramType('K')
const v = paramType('V')
const mapOfKV = mapType(k, v)

/** Adds in place: the map is the accumulator of a comprehension. */
function insert(map: HashMap, key: CelValue, value: CelValue): CelValue {
  const hash = mapKey(key) ?? `o${map.size}`
  if (map.entries.has(hash)) return new CelError(`insert failed: key ${formatValue(key)} already exists`)
  map.entries.set(hash, [key, value])
  return map
}

function insertAll(map: HashMap, other: CelMap): CelValue {
  for (const key of other.keys()) {
    const inserted = insert(map, key, other.find(key) ?? null)
    if (inserted instanceof CelError) return inserted
  }
  return map
}

export const comprehensionLibrary: readonly CelFunction[] = [
  define(
    'cel.@mapInsert',
    global('@mapInsert_map_key_value', [mapOfKV, k, v], mapOfKV, (map, key, value) =>
      insert(map as HashMap, key as CelValue, value as CelValue),
    ),
    global('@mapInsert_map_map', [mapOfKV, mapOfKV], mapOfKV, (map, other) => insertAll(map as HashMap, other as CelMap)),
  ),
]
