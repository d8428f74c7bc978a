/**
 * Sets of field paths, in the very JSON form of fieldsV1: `{"f:spec":{"f:containers":{"k:{…}":{".":{},"f:image":{}}}}}`. An element that
 * has no content is a member of the set; one that has content is a member if `.` is in it. Sets are immutable and share what they can, so
 * that what the store holds is never parsed and what did not change is never made anew (source: structured-merge-diff, fieldpath.Set).
 */
import { isPlain } from '#api/own.ts'
import { BadPathElement, compareElements, isFieldElement, type PathElement, readElement } from './path-element.ts'

export interface FieldSet {
  readonly [element: PathElement]: FieldSet
}
/** A set that is being made and that nobody else knows. */
export type Building = Record<PathElement, FieldSet>

const self = '.'
/** The content of an element without paths below it. */
export const leaf: FieldSet = Object.freeze({})
export const emptySet: FieldSet = Object.freeze({})

const isLeaf = (node: FieldSet): boolean => {
  for (const _ in node) return false
  return true
}

export const isEmpty = (set: FieldSet): boolean => isLeaf(set)

/** Whether the element that holds this content is a member itself. */
const isMember = (node: FieldSet): boolean => node[self] !== undefined || isLeaf(node)

/** Whether the path is in the set. */
export function has(set: FieldSet, path: readonly PathElement[]): boolean {
  let node: FieldSet | undefined = set
  for (const element of path) {
    node = node[element]
    if (node === undefined) return false
  }
  return path.length > 0 && isMember(node)
}

export const hasMember = (set: FieldSet, element: PathElement): boolean => {
  const node = set[element]
  return node !== undefined && isMember(node)
}

/** What the set holds below an element, undefined where that is nothing. */
export function below(set: FieldSet, element: PathElement): FieldSet | undefined {
  const node = set[element]
  return node === undefined || isLeaf(node) ? undefined : node
}

/** The set of these paths. */
export function setOf(...paths: readonly (readonly PathElement[])[]): FieldSet {
  let set: FieldSet = emptySet
  for (const path of paths) {
    let node: FieldSet = leaf
    for (const element of [...path].reverse()) node = { [element]: node }
    set = union(set, node)
  }
  return set
}

/** Puts the elements in fieldsV1's order, `.` first. */
function sorted(node: Building): FieldSet {
  const out: Building = {}
  const keys = Object.keys(node)
  if (node[self] !== undefined) out[self] = leaf
  for (const key of keys.filter((k) => k !== self).sort(compareElements)) out[key] = node[key] as FieldSet
  return out
}

const memberAnd = (member: boolean, content: FieldSet): FieldSet => (member && !isLeaf(content) ? { [self]: leaf, ...content } : content)

/** What is in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isLeaf(b)) return a
  if (isLeaf(a)) return b
  let out: Building | undefined
  let added = false
  for (const element in b) {
    if (element === self) continue
    const theirs = b[element] as FieldSet
    const mine = a[element]
    const both = mine === undefined ? theirs : unionOfNodes(mine, theirs)
    if (both === mine) continue
    out ??= { ...a }
    out[element] = both
    if (mine === undefined) added = true
  }
  if (out === undefined) return a
  return added ? sorted(out) : out
}

/** What is in any of them: by halves, as each union takes the time of its result. */
export function unionOfAll(sets: readonly FieldSet[]): FieldSet {
  if (sets.length < 2) return sets[0] ?? emptySet
  const half = sets.length >> 1
  return union(unionOfAll(sets.slice(0, half)), unionOfAll(sets.slice(half)))
}

function unionOfNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a
  const member = isMember(a) || isMember(b)
  const content = isLeaf(a) ? b : isLeaf(b) ? a : union(a, b)
  if (!member || content[self] !== undefined || isLeaf(content)) return content
  return memberAnd(true, content)
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const out: Building = {}
  for (const element in a) {
    const theirs = b[element]
    if (theirs === undefined || element === self) continue
    const mine = a[element] as FieldSet
    const member = isMember(mine) && isMember(theirs)
    const content = intersection(mine, theirs)
    if (member || !isLeaf(content)) out[element] = memberAnd(member, content)
  }
  return out
}

/** What is in `a` and not in `b`; what lies below a member of `b` stays, unless `deep`. The same object where that is all of it. */
export function difference(a: FieldSet, b: FieldSet, deep = false): FieldSet {
  let changed: Record<PathElement, FieldSet | undefined> | undefined
  for (const element in b) {
    const mine = a[element]
    if (mine === undefined || element === self) continue
    const left = differenceOfNodes(mine, b[element] as FieldSet, deep)
    if (left === mine) continue
    changed ??= {}
    changed[element] = left
  }
  return changed === undefined ? a : replaced(a, changed)
}

/** With other contents for some elements, and without those that have none. */
function replaced(set: FieldSet, changed: Readonly<Record<PathElement, FieldSet | undefined>>): FieldSet {
  const out: Building = {}
  for (const element in set) {
    const content = element in changed ? changed[element] : set[element]
    if (content !== undefined) out[element] = content
  }
  return out
}

function differenceOfNodes(a: FieldSet, b: FieldSet, deep: boolean): FieldSet | undefined {
  const theirs = isMember(b)
  if (theirs && deep) return undefined
  const mine = isMember(a)
  const content = difference(a, b, deep)
  if (isLeaf(a)) return theirs ? undefined : a
  const hasSelf = content[self] !== undefined
  if (mine && theirs && hasSelf) {
    const { [self]: _, ...others } = content
    return isLeaf(others) ? undefined : others
  }
  if (hasSelf && onlySelf(content)) return leaf
  return isLeaf(content) ? undefined : content
}

const onlySelf = (node: FieldSet): boolean => {
  for (const element in node) if (element !== self) return false
  return true
}

/** All members, each level's before those below: the order in which upstream lists conflicts. */
export function paths(set: FieldSet): PathElement[][] {
  const found: PathElement[][] = []
  walk(set, [], found)
  return found
}

function walk(set: FieldSet, prefix: readonly PathElement[], found: PathElement[][]): void {
  for (const element in set) if (element !== self && isMember(set[element] as FieldSet)) found.push([...prefix, element])
  for (const element in set) if (element !== self) walk(set[element] as FieldSet, [...prefix, element], found)
}

/** fieldsV1 as a client wrote it, in canonical form; kinds of elements that are not known are dropped. Throws BadPathElement. */
export function readSet(value: unknown): FieldSet {
  if (value === undefined || value === null) return emptySet
  if (!isPlain(value)) throw new BadPathElement('expected an object')
  const { [self]: _, ...content } = readNode(value)
  return content
}

function readNode(value: Record<string, unknown>): FieldSet {
  let out: Building = {}
  let inOrder = true
  let last = ''
  for (const [key, child] of Object.entries(value)) {
    if (key === self) continue
    const element = readElement(key)
    if (element === undefined) continue
    const node = isPlain(child) ? readNode(child) : leaf
    const there = out[element]
    out[element] = there === undefined ? node : unionOfNodes(there, node)
    if (last !== '' && inOrder && !(isFieldElement(last) && isFieldElement(element) && last < element))
      inOrder = compareElements(last, element) < 0
    last = element
  }
  if (!inOrder) out = sorted(out) as Building
  return Object.hasOwn(value, self) && !isLeaf(out) ? { [self]: leaf, ...out } : out
}
