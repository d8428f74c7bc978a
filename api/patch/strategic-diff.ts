/** Making strategic merge patches: what kubectl sends for apply (three-way), edit and set (two-way). */
import { isPlain, own, type Plain, sameJson, setOwn } from '#api/own.ts'
import type { MessageNode } from '#api/tree.ts'
import { DIRECTIVE, inOrderOf, keyOf, requiredKeyOf } from './list-order.ts'
import { memberNamed, PatchError, type PatchMember, type PatchSchema, patchSchemaOf } from './patch-schema.ts'
import { DELETE_FROM, joinPatches, RETAIN_KEYS, SET_ORDER } from './strategic-merge.ts'

interface DiffOptions {
  setOrder: boolean
  ignoreChanges: boolean
  ignoreDeletions: boolean
  retainKeys: boolean
}

const everything: DiffOptions = { setOrder: true, ignoreChanges: false, ignoreDeletions: false, retainKeys: false }

/** The patch that turns `original` into `modified`. Throws PatchError. */
export function createTwoWayPatch(original: Plain, modified: Plain, message: MessageNode): Plain {
  return diffObjects(original, modified, patchSchemaOf(message), everything)
}

/**
 * The patch that brings `current` to what `modified` says, and removes what `original` (the last applied object) had and `modified` has
 * no more. What only `current` has stays.
 */
export function createThreeWayPatch(objects: { original: Plain; modified: Plain; current: Plain }, message: MessageNode): Plain {
  const schema = patchSchemaOf(message)
  const changes = diffObjects(objects.current, objects.modified, schema, { ...everything, ignoreDeletions: true })
  const deletions = diffObjects(objects.original, objects.modified, schema, { ...everything, ignoreChanges: true })
  return joinPatches(deletions, changes, message)
}

function diffObjects(original: Plain, modified: Plain, schema: PatchSchema, options: DiffOptions): Plain {
  const patch: Plain = {}
  for (const [key, after] of Object.entries(modified)) {
    const before = own(original, key)
    if (before === undefined) {
      if (!options.ignoreChanges) setOwn(patch, key, after)
    } else if (isPlain(before) && isPlain(after)) diffMember(patch, key, [before, after], { schema, options })
    else if (Array.isArray(before) && Array.isArray(after)) diffList(patch, key, [before, after], { schema, options })
    else if (!options.ignoreChanges && !sameJson(before, after)) setOwn(patch, key, after)
  }
  const removed = Object.keys(original).filter((key) => !Object.hasOwn(modified, key))
  if (!options.ignoreDeletions) for (const key of removed) setOwn(patch, key, null)
  const loses = removed.some((key) => original[key] !== null)
  const retained = Object.keys(modified).filter((key) => modified[key] !== null)
  if (options.retainKeys && retained.length > 0 && (Object.keys(patch).length > 0 || loses)) patch[RETAIN_KEYS] = retained.sort()
  return patch
}

interface Context {
  schema: PatchSchema
  options: DiffOptions
}

/** The member's schema; none is needed where nothing changed. */
function memberFor(schema: PatchSchema, key: string, [before, after]: readonly [unknown, unknown]): PatchMember | undefined {
  try {
    return memberNamed(schema, key)
  } catch (error) {
    if (error instanceof PatchError && sameJson(before, after)) return undefined
    throw error
  }
}

function diffMember(patch: Plain, key: string, pair: readonly [Plain, Plain], { schema, options }: Context): void {
  const member = memberFor(schema, key, pair)
  if (member === undefined) return
  if (member.strategy === 'replace') {
    if (!options.ignoreChanges) setOwn(patch, key, pair[1])
    return
  }
  const inner = diffObjects(...pair, member.schema, { ...options, retainKeys: member.retainKeys })
  if (Object.keys(inner).length > 0) setOwn(patch, key, inner)
}

function diffList(patch: Plain, key: string, pair: readonly [unknown[], unknown[]], { schema, options }: Context): void {
  const member = memberFor(schema, key, pair)
  if (member === undefined) return
  if (member.strategy !== 'merge') {
    if (!options.ignoreChanges && !sameJson(...pair)) setOwn(patch, key, pair[1])
    return
  }
  const { added, deleted, order } = diffMergingLists(...pair, member, { ...options, retainKeys: member.retainKeys })
  if (added.length > 0) setOwn(patch, key, added)
  if (deleted.length > 0) setOwn(patch, `${DELETE_FROM}/${key}`, deleted)
  if (order.length > 0) setOwn(patch, `${SET_ORDER}/${key}`, order)
}

interface ListDiff {
  added: unknown[]
  /** Scalars to delete; items of lists of messages are deleted by a directive among `added`. */
  deleted: unknown[]
  order: unknown[]
}

function diffMergingLists(original: unknown[], modified: unknown[], member: PatchMember, options: DiffOptions): ListDiff {
  if (original.length === 0) return { added: options.ignoreChanges ? [] : modified, deleted: [], order: [] }
  const items = [...original, ...modified]
  if (items.every(isPlain)) return diffKeyedLists(original as Plain[], modified as Plain[], member, options)
  if (items.some((item) => Array.isArray(item))) throw new PatchError('lists of lists are not supported')
  if (items.some((item) => typeof item !== typeof items[0])) throw new PatchError('list element types are not identical')
  const added = options.ignoreChanges ? [] : inOrderOf(without(modified, original), modified, '')
  const deleted = options.ignoreDeletions ? [] : [...new Set(without(original, modified))].sort()
  const reorders = options.setOrder && (deleted.length > 0 || (!options.ignoreChanges && !sameJson(original, modified)))
  return { added, deleted, order: reorders ? modified : [] }
}

/** Items of a list that another one has not, or has fewer times. */
function without(items: readonly unknown[], others: readonly unknown[]): unknown[] {
  const left = [...others]
  return items.filter((item) => {
    const at = left.indexOf(item)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

const byKeyText = (mergeKey: string) => (a: Plain, b: Plain) => {
  const [left, right] = [String(keyOf(a, mergeKey)), String(keyOf(b, mergeKey))]
  return left < right ? -1 : left > right ? 1 : 0
}

function diffKeyedLists(original: Plain[], modified: Plain[], member: PatchMember, options: DiffOptions): ListDiff {
  const { mergeKey, schema } = member
  const before = new Map(original.map((item) => [requiredKeyOf(item, mergeKey), item]))
  const after = new Map(modified.map((item) => [requiredKeyOf(item, mergeKey), item]))
  const changed: Plain[] = []
  for (const item of [...modified].sort(byKeyText(mergeKey))) {
    const key = keyOf(item, mergeKey)
    const was = before.get(key)
    if (was === undefined) {
      if (!options.ignoreChanges) changed.push(item)
      continue
    }
    const inner = diffObjects(was, item, schema, options)
    if (Object.keys(inner).length > 0) changed.push({ ...inner, [mergeKey]: key })
  }
  const gone = options.ignoreDeletions ? [] : [...original].sort(byKeyText(mergeKey)).filter((item) => !after.has(keyOf(item, mergeKey)))
  const deletions = gone.map((item) => ({ [mergeKey]: keyOf(item, mergeKey), [DIRECTIVE]: 'delete' }))
  const added = [...inOrderOf(changed, modified, mergeKey), ...deletions]
  const sameOrder =
    original.length === modified.length && modified.every((item, i) => keyOf(item, mergeKey) === keyOf(original[i], mergeKey))
  const reorders = (!options.ignoreChanges && (added.length > 0 || !sameOrder)) || (!options.ignoreDeletions && added.length > 0)
  const order = options.setOrder && reorders ? modified.map((item) => ({ [mergeKey]: keyOf(item, mergeKey) })) : []
  return { added, deleted: [], order }
}
