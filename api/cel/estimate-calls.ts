/** Estimated costs of calls by function and overload (cel-go, checker/cost.go and ext/; apiserver, pkg/cel/library/cost.go). */
import { addRange, fixed, multiplyRange, type Range, scaleRange, unbounded, unknownSize } from './estimate-range.ts'

import { type CelType, isEquivalentType } from './type.ts'
import type { CelValue } from './value.ts'

/** What is known of an argument. */
export interface CostNode {
  /** Below a variable: fields, `@items`, `@values`, `@keys`. */
  path: readonly string[] | undefined
  type: CelType
  size: Range | undefined
  /** Undefined where it is no literal. */
  literal: CelValue | undefined
}

export interface CallParts {
  target: CostNode | undefined
  args: readonly CostNode[]
  /** The bound of a declared path. */
  sizeAt(path: readonly string[]): Range | undefined
}

export interface CallEstimate {
  cost: Range
  size?: Range | undefined
}

const stringTraversal = 0.1
const regexLength = 0.25
const maxFormatRegex = 128
const maxFormatSize = 64

const traversal = (size: Range, factor = 1): Range => scaleRange(size, factor * stringTraversal)
const one: CallEstimate = { cost: fixed(1) }

/** The cost of the call itself, without its arguments. */
export function estimateCall(name: string, overload: string, parts: CallParts): CallEstimate {
  return byExtension(overload, parts) ?? byFunction(name, overload, parts) ?? byOverload(overload, parts)
}

/** As Kubernetes' functions take it: the size, the declared bound, or no bound at all. */
const sizeOf = (node: CostNode, parts: CallParts): Range => node.size ?? (node.path && parts.sizeAt(node.path)) ?? unknownSize

/** As CEL's own functions take it. */
const ownSize = (node: CostNode | undefined): Range => node?.size ?? unknownSize

const intOf = (node: CostNode | undefined, otherwise: number): number => {
  if (typeof node?.literal !== 'bigint') return otherwise
  return node.literal < 0n ? 0 : Number(node.literal)
}

const allocating = (factor: number, size: Range): CallEstimate => ({ cost: addRange(scaleRange(size, factor), fixed(11)), size })

function byExtension(overload: string, parts: CallParts): CallEstimate | undefined {
  const { target, args } = parts
  const [first, second] = args
  switch (overload) {
    case 'list_sets_contains_list':
    case 'list_sets_intersects_list':
      return setEstimate(parts, 1)
    case 'list_sets_equivalent_list':
      return setEstimate(parts, 2)
    case 'list_slice': {
      const length = intOf(second, target ? sizeOf(target, parts).max : 0) - intOf(first, 0)
      return target && allocating(1, fixed(length < 0 ? unbounded + length : length))
    }
    case 'lists_range':
      return allocating(1, fixed(intOf(first, unbounded)))
    case 'list_reverse':
      return target && allocating(1, sizeOf(target, parts))
    case 'list_flatten':
      return target && allocating(1, sizeOf(target, parts))
    case 'list_flatten_int':
      return target && allocating(intOf(first, unbounded), sizeOf(target, parts))
    case 'list_distinct':
      return target && allocating(2, squared(sizeOf(target, parts)))
    default:
      return sortEstimate(overload, parts)
  }
}

const squared = (size: Range): Range => multiplyRange(size, size)

function setEstimate(parts: CallParts, factor: number): CallEstimate {
  const [left, right] = parts.args as [CostNode, CostNode]
  return { cost: addRange(scaleRange(multiplyRange(sizeOf(left, parts), sizeOf(right, parts)), factor), fixed(1)) }
}

function sortEstimate(overload: string, parts: CallParts): CallEstimate | undefined {
  const sorted = /^list_(.*)_sort(ByAssociatedKeys)?$/.exec(overload)
  if (!sorted) return undefined
  const keys = sorted[2] === undefined ? parts.target : parts.args[0]
  const factor = sorted[1] === 'string' || sorted[1] === 'bytes' ? 2.1 : 2
  return keys && allocating(factor, squared(sizeOf(keys, parts)))
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))
const cheap = words(
  'serviceAccount path group resource subresource namespace name allowed reason error errored masked prefixLength family isUnspecified ' +
    'isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast format.named sign asInteger isInteger asApproximateFloat ' +
    'isGreaterThan isLessThan compareTo add sub major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery',
)
const overList = words('isSorted sum max min indexOf lastIndexOf')
const rewriting = words('lowerAscii upperAscii substring trim')
const parsing = words('cidr isIP isCIDR quantity isQuantity semver isSemver')

function byFunction(name: string, overload: string, parts: CallParts): CallEstimate | undefined {
  const { target, args } = parts
  const [first] = args
  if (cheap.has(name)) return one
  if (overList.has(name)) return target && listEstimate(target, parts)
  if (parsing.has(name)) return first && { cost: traversal(sizeOf(first, parts)) }
  if (rewriting.has(name)) return target && rewritten(sizeOf(target, parts))
  switch (name) {
    case 'check':
      return { cost: fixed(350_000) }
    case 'fieldSelector':
    case 'labelSelector':
      return first && { cost: selectorCost(sizeOf(first, parts)) }
    case 'url':
      return first && rewritten(sizeOf(first, parts))
    case 'replace':
      return target && replaceEstimate(target, parts)
    case 'split':
      return target && splitEstimate(target, parts)
    case 'join':
      return target && joinEstimate(target, parts)
    case 'find':
    case 'findAll':
      return target && first && findEstimate(target, first, parts)
    default:
      return byKubernetesType(name, overload, parts)
  }
}

const rewritten = (size: Range): CallEstimate => ({ cost: traversal(size), size })

function selectorCost(length: Range): Range {
  return addRange(addRange(fixed(10), traversal(length)), scaleRange(scaleRange(length, 0.5), 50))
}

/** The elements of a list; undefined where the node is no list. */
function elementNode(list: CostNode): CostNode | undefined {
  const [type] = list.type.params
  return type && { path: list.path && [...list.path, '@items'], type, size: undefined, literal: undefined }
}

function listEstimate(target: CostNode, parts: CallParts): CallEstimate {
  const size = sizeOf(target, parts)
  const element = elementNode(target)
  if (!element) return { cost: traversal(size) }
  const text = element.type.kind === 'string' || element.type.kind === 'bytes'
  const perElement = text ? addRange(fixed(1), traversal(sizeOf(element, parts))) : fixed(1)
  return { cost: multiplyRange(size, perElement) }
}

function replaceEstimate(target: CostNode, parts: CallParts): CallEstimate {
  const [old, by] = parts.args as [CostNode, CostNode]
  const size = sizeOf(target, parts)
  const oldSize = sizeOf(old, parts)
  const bySize = sizeOf(by, parts)
  const longest = replacements(size.max, oldSize.min, bySize.max <= oldSize.min)
  const shortest = replacements(size.min, oldSize.max, oldSize.max <= bySize.min)
  const count: Range = { min: shortest.count, max: longest.count }
  const kept: Range = { min: shortest.kept, max: longest.kept }
  return { cost: traversal(size, 2), size: addRange(multiplyRange(count, bySize), kept) }
}

/** How often a text of this length may be replaced in, and how much of the original stays beside. */
function replacements(length: number, oldLength: number, neutral: boolean): { count: number; kept: number } {
  if (oldLength === 0) return { count: length < unbounded ? length + 1 : length, kept: length }
  return neutral ? { count: 0, kept: length } : { count: Math.ceil(length / oldLength), kept: 0 }
}

function splitEstimate(target: CostNode, parts: CallParts): CallEstimate {
  const size = sizeOf(target, parts)
  const limit = parts.args[1]?.literal
  const most = typeof limit === 'bigint' ? (limit < 0n ? unbounded : Number(limit)) : size.max
  return { cost: traversal(size, 2), size: { min: 0, max: most } }
}

function joinEstimate(target: CostNode, parts: CallParts): CallEstimate {
  const list = sizeOf(target, parts)
  const element = elementNode(target)
  const [separator] = parts.args
  let size = element ? multiplyRange(list, sizeOf(element, parts)) : fixed(0)
  if (separator) {
    const gaps: Range = { min: Math.max(0, list.min - 1), max: Math.max(0, list.max - 1) }
    size = addRange(size, multiplyRange(sizeOf(separator, parts), gaps))
  }
  return { cost: traversal(size), size }
}

function findEstimate(target: CostNode, pattern: CostNode, parts: CallParts): CallEstimate {
  const size = sizeOf(target, parts)
  const text = traversal(addRange(size, fixed(1)))
  return { cost: multiplyRange(text, scaleRange(sizeOf(pattern, parts), regexLength)), size: { min: 0, max: size.max } }
}

const addressBytes: Range = { min: 4, max: 16 }

function byKubernetesType(name: string, overload: string, parts: CallParts): CallEstimate | undefined {
  const [first, second] = parts.args
  switch (name) {
    case 'ip':
      if (overload === 'cidr_ip') return one
      return first && { cost: traversal(sizeOf(first, parts)) }
    case 'ip.isCanonical':
      return first && { cost: traversal(sizeOf(first, parts), 2) }
    case 'containsIP':
      return first && containment(overload === 'cidr_contains_ip_string' ? sizeOf(first, parts) : undefined, fixed(0))
    case 'containsCIDR': {
      const extra = addRange(traversal(addressBytes), fixed(1))
      return first && containment(overload === 'cidr_contains_cidr_string' ? sizeOf(first, parts) : undefined, extra)
    }
    case 'validate':
      return first && { cost: scaleRange(traversal(sizeOf(first, parts)), maxFormatRegex * regexLength) }
    case '_==_':
      return first && second && objectEquality(first, second)
    default:
      return undefined
  }
}

function containment(parsed: Range | undefined, extra: Range): CallEstimate {
  const compared = addRange(traversal(addRange(addressBytes, addressBytes)), extra)
  return { cost: parsed ? addRange(compared, traversal(parsed)) : compared }
}

const unitEquality = new Set([
  'net.IP',
  'net.CIDR',
  'kubernetes.Quantity',
  'kubernetes.Semver',
  'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.PathCheck',
  'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.ResourceCheck',
  'kubernetes.authorization.Decision',
])

function objectEquality(left: CostNode, right: CostNode): CallEstimate | undefined {
  if (!isEquivalentType(left.type, right.type)) return undefined
  const { name } = left.type
  if (unitEquality.has(name)) return one
  if (name === 'kubernetes.NamedFormat') return { cost: traversal({ min: 1, max: maxFormatSize }) }
  if (name !== 'kubernetes.URL') return undefined
  // Upstream takes the right side's size for both.
  return { cost: traversal({ min: 1, max: right.size?.max ?? 1 }) }
}

const compared = new Set(
  ['less', 'greater', 'less_equals', 'greater_equals']
    .flatMap((name) => [`${name}_string`, `${name}_bytes`])
    .concat('equals', 'not_equals'),
)

function byOverload(overload: string, parts: CallParts): CallEstimate {
  const { target, args } = parts
  const [first, second] = args
  if (compared.has(overload)) return comparison(ownSize(first), ownSize(second))
  switch (overload) {
    case 'string_format':
      return { cost: traversal(ownSize(target)) }
    case 'string_to_bytes': {
      const size = ownSize(first)
      return { cost: traversal(size), size: { min: size.min, max: Math.min(unbounded, size.max * 4) } }
    }
    case 'bytes_to_string': {
      const size = ownSize(first)
      return { cost: traversal(size), size: { min: Math.floor(size.min / 4), max: size.max } }
    }
    case 'strings_quote': {
      const size = ownSize(first)
      return { cost: traversal(size), size: { min: size.min + 2, max: Math.min(unbounded, size.max * 2 + 2) } }
    }
    case 'starts_with_string':
    case 'ends_with_string':
      return { cost: traversal(ownSize(first)) }
    case 'in_list':
      return { cost: ownSize(second) }
    case 'matches_string':
      return { cost: multiplyRange(traversal(addRange(ownSize(target), fixed(1))), scaleRange(ownSize(first), regexLength)) }
    case 'contains_string':
      return { cost: multiplyRange(traversal(ownSize(target)), traversal(ownSize(first))) }
    case 'add_list':
      return { cost: fixed(1), size: addRange(ownSize(first), ownSize(second)) }
    case 'add_string':
    case 'add_bytes': {
      const size = addRange(ownSize(first), ownSize(second))
      return { cost: traversal(size), size }
    }
    default:
      return one
  }
}

/** As long as the shorter side. */
function comparison(left: Range, right: Range): CallEstimate {
  const shortest = Math.min(left.max, right.max)
  return { cost: traversal({ min: shortest > 0 ? 1 : 0, max: shortest }) }
}
