/** What a call has cost, from its arguments and result (cel-go, interpreter/runtimecost.go; apiserver, pkg/cel/library/cost.go). */

import { Aborted } from './frame.ts'
import { codePoints } from './issues.ts'
import { NamedFormat } from './library-formats.ts'
import { Bytes, CelList, CelMap, CelObject, type CelValue, elementsOf, Optional } from './value.ts'

const stringTraversal = 0.1
const regexLength = 0.25

/** Code points, bytes, elements or entries; 1 for everything else. */
export function sizeForCost(value: CelValue | undefined): number {
  if (typeof value === 'string') return codePoints(value)
  if (typeof value !== 'object' || value === null) return 1
  if (value instanceof CelList || value instanceof CelMap) return value.size
  if (value instanceof Bytes) return value.bytes.length
  if (value instanceof Optional) return value.value === undefined ? 1 : sizeForCost(value.value)
  return value instanceof CelObject ? value.costSize() : 1
}

/** Rounded up; products of a tenth are not exact in binary, and neither are upstream's. */
const times = (size: number, factor: number): number => Math.ceil(size * factor)
const traversal = (value: CelValue | undefined, factor = 1): number => times(sizeForCost(value), factor * stringTraversal)

/** Text within a value, a tenth per byte; 1 for every other scalar. */
function deepTraversal(value: CelValue | undefined): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * stringTraversal)
  if (value instanceof Bytes) return Math.floor(value.bytes.length * stringTraversal)
  if (value instanceof CelList) return elementsOf(value).reduce<number>((sum, element) => sum + deepTraversal(element), 0)
  if (value instanceof CelMap)
    return value.keys().reduce<number>((sum, key) => sum + deepTraversal(key) + deepTraversal(value.find(key)), 0)
  return 1
}

type Cost = (args: readonly CelValue[], result: CelValue) => number

const matching = (text: CelValue | undefined, patternSize: number): number =>
  times(1 + sizeForCost(text), stringTraversal) * times(patternSize, regexLength)

const one: Cost = () => 1
const firstTraversal: Cost = ([first]) => traversal(first)
const twiceTraversal: Cost = ([first]) => traversal(first, 2)
const selector: Cost = (args) => {
  const size = sizeForCost(args[1])
  return 10 + times(size, stringTraversal) + times(times(size, 0.5), 50)
}

function containsNetwork(args: readonly CelValue[], parses: boolean): number {
  const size = sizeForCost(args[0])
  return times(size + size, stringTraversal) + (parses ? traversal(args[1]) : 0)
}

const entries = (names: string, cost: Cost): [string, Cost][] => names.split(' ').map((name) => [name, cost])

/** By function name; a cost of NaN stands for "as the overload says". */
const byFunction: ReadonlyMap<string, Cost> = new Map([
  ...entries('check', () => 350_000),
  ...entries('serviceAccount path group resource subresource namespace name allowed reason error errored', one),
  ...entries('fieldSelector labelSelector', selector),
  ...entries('isSorted sum max min indexOf lastIndexOf', ([first]) => deepTraversal(first)),
  ...entries('url lowerAscii upperAscii substring trim', firstTraversal),
  ...entries('replace split ip.isCanonical', twiceTraversal),
  ...entries('join', (_, result) => traversal(result, 2)),
  ...entries('find findAll', (args) => matching(args[0], sizeForCost(args[1]))),
  ...entries('cidr isIP isCIDR quantity isQuantity semver isSemver', firstTraversal),
  ...entries('masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast', one),
  ...entries('validate', ([format, text]) => (format instanceof NamedFormat ? matching(text, format.patternSize) : Number.NaN)),
  ...entries('format.named', one),
  ...entries('sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch', one),
  ...entries('getScheme getHostname getHost getPort getEscapedPath getQuery', one),
])

const notCounted = new Aborted('internal error: interface conversion: *types.Err is not traits.Lister: missing method Add')

const smaller: Cost = ([left, right]) => times(Math.min(sizeForCost(left), sizeForCost(right)), stringTraversal)
const selfCompared = (list: CelValue | undefined): number => {
  // Upstream counts before it looks whether there is a list.
  if (!(list instanceof CelList)) throw notCounted
  const first = list.size > 0 ? list.get(0) : undefined
  const factor = typeof first === 'string' || first instanceof Bytes ? 2.1 : 2
  return Math.floor(list.size * list.size * factor) + 11
}
const setCost =
  (factor: number): Cost =>
  ([left, right]) =>
    1 + Math.floor(sizeForCost(left) * sizeForCost(right) * factor)
const outputSize: Cost = (_, result) => sizeForCost(result) + 11

/** Overloads of extensions, which count before the function's name does. */
const byExtension: ReadonlyMap<string, Cost> = new Map<string, Cost>([
  ['list_sets_contains_list', setCost(1)],
  ['list_sets_intersects_list', setCost(1)],
  ['list_sets_equivalent_list', setCost(2)],
  ['list_slice', outputSize],
  ['lists_range', outputSize],
  ['list_reverse', outputSize],
  ['list_flatten', ([list]) => sizeForCost(list) + 11],
  ['list_flatten_int', ([list, depth]) => Math.floor(sizeForCost(list) * Number(depth)) + 11],
  ['list_distinct', ([list]) => selfCompared(list)],
])

const comparisons = ['less', 'greater', 'less_equals', 'greater_equals'].flatMap((name) => [`${name}_string`, `${name}_bytes`])

const byOverload: ReadonlyMap<string, Cost> = new Map<string, Cost>([
  ...entries('starts_with_string ends_with_string', firstTraversal),
  ...entries('string_to_bytes bytes_to_string strings_quote string_format', firstTraversal),
  ['in_list', ([, list]) => sizeForCost(list)],
  ...comparisons.map((id): [string, Cost] => [id, smaller]),
  ['equals', smaller],
  ['not_equals', smaller],
  ...entries('add_string add_bytes', ([left, right]) => times(sizeForCost(left) + sizeForCost(right), stringTraversal)),
  ['matches_string', (args) => matching(args[0], sizeForCost(args[1]))],
  ['contains_string', ([text, part]) => traversal(text) * traversal(part)],
])

/** How a call is charged; found once per call when a program is made. `overload` is '' where the choice is made at run time. */
export function callCost(name: string, overload: string): Cost {
  const extension = byExtension.get(overload) ?? sortCost(overload)
  if (extension) return extension
  const fallback = byOverload.get(overload) ?? one
  const special = specialCost(name, overload, fallback) ?? byFunction.get(name)
  if (!special) return fallback
  return (args, result) => {
    const cost = special(args, result)
    return Number.isNaN(cost) ? fallback(args, result) : cost
  }
}

function sortCost(overload: string): Cost | undefined {
  if (/^list_.*_sort$/.test(overload)) return ([list]) => selfCompared(list)
  return /^list_.*_sortByAssociatedKeys$/.test(overload) ? ([, keys]) => selfCompared(keys) : undefined
}

function specialCost(name: string, overload: string, fallback: Cost): Cost | undefined {
  switch (name) {
    case 'ip':
      return overload === 'cidr_ip' ? one : firstTraversal
    case 'containsIP':
      return (args) => containsNetwork(args, overload === 'cidr_contains_ip_string')
    case 'containsCIDR':
      return (args) => containsNetwork(args, overload === 'cidr_contains_cidr_string') + traversal(args[0]) + 1
    case '_==_':
      return (args, result) => (args[0] instanceof CelObject ? 1 : fallback(args, result))
    default:
      return undefined
  }
}
