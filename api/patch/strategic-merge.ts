/**
 * Strategic merge patches: lists merge by key, and directives in the patch ($patch, $retainKeys, $setElementOrder/…,
 * $deleteFromPrimitiveList/…) say what plain merging cannot. Semantics: apimachinery, pkg/util/strategicpatch.
 */
import { isPlain, own, type Plain, sameJson, setOwn } from '#api/own.ts'
import type { MessageNode } from '#api/tree.ts'
import { goPrint } from './go-print.ts'
import { DIRECTIVE, isDeletion, keyOf, orderMerged, positions, requiredKeyOf } from './list-order.ts'
import { memberNamed, PatchError, type PatchMember, type PatchSchema, patchSchemaOf } from './patch-schema.ts'

export const RETAIN_KEYS = '$retainKeys'
export const SET_ORDER = '$setElementOrder'
export const DELETE_FROM = '$deleteFromPrimitiveList'

interface MergeOptions {
  /** True where a patch is applied to an object; false where two patches are joined, which keeps directives and nulls. */
  apply: boolean
}

/** The object with the patch applied; neither is changed. Throws PatchError. */
export function applyStrategicMergePatch(original: Plain, patch: Plain, message: MessageNode): Plain {
  return mergeObjects(original, patch, patchSchemaOf(message), { apply: true })
}

/** Two patches as one; directives stay. */
export function joinPatches(first: Plain, second: Plain, message: MessageNode): Plain {
  return mergeObjects(first, second, patchSchemaOf(message), { apply: false })
}

const typeName = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

function expectList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  throw new PatchError(
    `expected a []interface {}, but received a ${isPlain(value) ? 'map[string]interface {}' : value === null ? '%!s(<nil>)' : typeName(value)}`,
  )
}

function mergeObjects(original: Plain, patch: Plain, schema: PatchSchema, options: MergeOptions): Plain {
  const directive = own(patch, DIRECTIVE)
  if (directive !== undefined) return directedObject(directive, patch)
  const result: Plain = { ...original }
  const rest: Plain = { ...patch }
  retainKeys(result, rest, options)
  orderLists(result, rest, schema, options)
  for (const [key, value] of Object.entries(rest)) mergeMember(result, key, value, { schema, options })
  return result
}

function directedObject(directive: unknown, patch: Plain): Plain {
  if (directive === 'delete') return {}
  if (directive !== 'replace') throw new PatchError(`unknown patch type: ${String(directive)} in map: ${goPrint(patch)}`)
  const { [DIRECTIVE]: _, ...replacement } = patch
  return replacement
}

interface Context {
  schema: PatchSchema
  options: MergeOptions
}

function mergeMember(result: Plain, name: string, value: unknown, { schema, options }: Context): void {
  const deletes = name.startsWith(DELETE_FROM)
  if (deletes && !options.apply) {
    setOwn(result, name, value)
    return
  }
  const key = deletes ? targetOf(name, DELETE_FROM, 'invalid patch format of primitive list') : name
  if (value === null) {
    delete result[key]
    if (options.apply) return
  }
  const before = own(result, key)
  if (before === undefined || typeName(before) !== typeName(value)) {
    if (!deletes) setWithoutDirectives(result, key, options.apply ? withoutNulls(value) : value)
    return
  }
  if (isPlain(before) && isPlain(value)) {
    const member = memberNamed(schema, key)
    setOwn(result, key, member.strategy === 'replace' ? value : mergeObjects(before, value, member.schema, options))
  } else if (Array.isArray(before) && Array.isArray(value)) {
    setOwn(result, key, mergeLists(before, value, memberNamed(schema, key), { options, deletes }))
  } else setOwn(result, key, value)
}

function setWithoutDirectives(result: Plain, key: string, value: unknown): void {
  const kept = withoutDirectives(value)
  if (kept === undefined) delete result[key]
  else setOwn(result, key, kept)
}

/** What stands in a value for the first time is taken as it is; objects with a $patch directive have nothing to act upon and go. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined)
  if (!isPlain(value)) return value
  if (Object.hasOwn(value, DIRECTIVE)) return undefined
  const kept: Plain = {}
  for (const [key, item] of Object.entries(value)) setWithoutDirectives(kept, key, item)
  return kept
}

/** Nulls as members of new objects mean nothing; nulls as list items stay. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isPlain(value)) return value
  const kept: Plain = {}
  for (const [key, item] of Object.entries(value)) if (item !== null) setOwn(kept, key, withoutNulls(item))
  return kept
}

/** `$directive/name` → `name`. */
function targetOf(key: string, prefix: string, problem: string): string {
  const slash = key.indexOf('/')
  if (slash < 0 || key.slice(0, slash) !== prefix) throw new PatchError(problem, 400)
  return key.slice(slash + 1)
}

/** `$retainKeys` names all keys that may stay: those of a union whose member was changed. */
function retainKeys(result: Plain, patch: Plain, options: MergeOptions): void {
  const names = own(patch, RETAIN_KEYS)
  if (names === undefined) return
  delete patch[RETAIN_KEYS]
  if (!options.apply) {
    const before = own(result, RETAIN_KEYS)
    if (before !== undefined && !sameJson(before, names)) {
      throw new PatchError(
        `${goPrint(before)} and ${goPrint(names)} are not deep equal: this may happen when calculating the 3-way diff patch`,
      )
    }
    setOwn(result, RETAIN_KEYS, names)
    return
  }
  if (!Array.isArray(names)) throw new PatchError('invalid patch format of retainKeys', 400)
  const retained = new Set<unknown>(names)
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(DELETE_FROM) || key.startsWith(SET_ORDER)) continue
    if (!retained.has(key)) throw new PatchError('invalid patch format of retainKeys', 400)
  }
  for (const key of Object.keys(result)) if (!retained.has(key)) delete result[key]
}

/** Lists with a `$setElementOrder/name` beside them are merged here, and taken out of the patch. */
function orderLists(result: Plain, patch: Plain, schema: PatchSchema, options: MergeOptions): void {
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(SET_ORDER)) continue
    const order = own(patch, key)
    delete patch[key]
    if (!options.apply) {
      const before = own(result, key)
      if (before !== undefined && !sameJson(before, order)) throw new PatchError('invalid patch format of setElementOrder list', 400)
      setOwn(result, key, order)
    }
    orderList(result, patch, targetOf(key, SET_ORDER, 'invalid patch format of setElementOrder list'), {
      schema,
      options,
      order: expectList(order),
    })
  }
}

function orderList(result: Plain, patch: Plain, name: string, context: Context & { order: unknown[] }): void {
  const { schema, options, order } = context
  const before = own(result, name)
  const after = own(patch, name)
  const original = before === undefined ? [] : expectList(before)
  const added = after === undefined ? [] : expectList(after)
  const member = memberNamed(schema, name)
  checkOrder(added, order, member.mergeKey)
  if (before === undefined && after === undefined) return
  let merged = original
  if (after !== undefined) {
    merged =
      before === undefined ? (withoutDirectives(added) as unknown[]) : mergeLists(original, added, member, { options, deletes: false })
  }
  checkAlike(original, added)
  setOwn(result, name, orderMerged(merged, order, serverOrder(original, added, member), member.mergeKey))
  delete patch[name]
}

/**
 * The server's order as upstream sees it here: it deletes from and appends to the very list that it then takes the order from, so that
 * deleted items' places are taken by what follows and by new items.
 */
function serverOrder(original: readonly unknown[], added: readonly unknown[], { mergeKey }: PatchMember): readonly unknown[] {
  const deleted = added.filter(isDeletion)
  if (mergeKey === '' || deleted.length === 0) return original
  const { kept, behind } = deletedInPlace(original, deleted, mergeKey)
  const places = [...kept, ...behind]
  if (added.some((item) => isPlain(item) && own(item, DIRECTIVE) === 'replace')) return places
  let length = kept.length
  const known = new Set(kept.map((item) => keyOf(item, mergeKey)))
  for (const item of added) {
    const key = keyOf(item, mergeKey)
    if (isDeletion(item) || known.has(key) || length === places.length) continue
    places[length++] = item
    known.add(key)
  }
  return places
}

/** Each deletion moves what follows it to the left; the place that becomes free at the end goes on holding what was last. */
function deletedInPlace(
  original: readonly unknown[],
  deleted: readonly unknown[],
  mergeKey: string,
): { kept: unknown[]; behind: unknown[] } {
  const places = new Map<unknown, Set<number>>()
  for (const [at, item] of original.entries()) {
    const key = keyOf(item, mergeKey)
    const same = places.get(key)
    if (same) same.add(at)
    else places.set(key, new Set([at]))
  }
  const gone = new Set<number>()
  const behind: unknown[] = []
  let last = original.length - 1
  for (const item of deleted) {
    const key = keyOf(item, mergeKey)
    for (const at of places.get(key) ?? []) {
      while (gone.has(last)) last--
      behind.push(original[last])
      gone.add(at)
    }
    places.delete(key)
  }
  return { kept: original.filter((_, at) => !gone.has(at)), behind: behind.reverse() }
}

/** The items of a patch must come in the order that the patch itself asks for. */
function checkOrder(added: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (added.length === 0 || order.length === 0) return
  const items = mergeKey === '' ? added : added.filter((item) => !isDeletion(item))
  let at = 0
  for (let i = 0; at < items.length && i < order.length; ) {
    const item = items[at]
    const directed = isPlain(item) && Object.hasOwn(item, DIRECTIVE)
    if (directed || requiredKeyOf(item, mergeKey) === requiredKeyOf(order[i], mergeKey)) at++
    if (!directed) i++
  }
  if (at < items.length) {
    throw new PatchError(`The order in patch list:\n${goPrint(added)}\n doesn't match ${SET_ORDER} list:\n${goPrint(order)}\n`)
  }
}

function checkAlike(original: readonly unknown[], patch: readonly unknown[]): void {
  const items = [...original, ...patch]
  if (items.length === 0) throw new PatchError('no elements in any of the given slices')
  if (Array.isArray(items[0])) throw new PatchError('lists of lists are not supported', 422)
  if (items.some((item) => typeName(item) !== typeName(items[0])))
    throw new PatchError(`list element types are not identical: ${goPrint([original, patch])}`)
}

function mergeLists(
  original: readonly unknown[],
  patch: readonly unknown[],
  member: PatchMember,
  { options, deletes }: { options: MergeOptions; deletes: boolean },
): unknown[] {
  if (member.strategy !== 'merge' && !deletes) return [...patch]
  if (original.length === 0 && patch.length === 0) return []
  checkAlike(original, patch)
  if (!isPlain(original[0] ?? patch[0])) {
    const named = new Set(patch)
    if (deletes) return original.filter((item) => !named.has(item))
    return orderMerged([...new Set([...original, ...patch])], patch, original, '')
  }
  if (member.mergeKey === '') throw new PatchError(`cannot merge lists without merge key for ${schemaName(member.schema)}`)
  return mergeKeyed(original as Plain[], patch as Plain[], member, options)
}

const schemaName = (schema: PatchSchema): string => (schema.kind === 'message' ? schema.message.goName : schema.kind)

function mergeKeyed(original: readonly Plain[], patch: readonly Plain[], member: PatchMember, options: MergeOptions): unknown[] {
  const { mergeKey } = member
  const plain: Plain[] = []
  const deleted = new Set<unknown>()
  let replaces = false
  for (const item of patch) {
    const directive = own(item, DIRECTIVE)
    if (directive === undefined) plain.push(item)
    else if (directive === 'replace') replaces = true
    else if (isDeletion(item)) deleted.add(requiredKeyOf(item, mergeKey))
    else if (directive === 'merge') throw new PatchError('merging lists cannot yet be specified in the patch')
    else throw new PatchError(`unknown patch type: ${String(directive)} in map: ${goPrint(item)}`)
  }
  if (replaces) return orderMerged(plain, [], plain, mergeKey)
  const kept = original.filter((item) => !deleted.has(keyOf(item, mergeKey)))
  const merged = [...kept]
  const at = positions(merged, mergeKey)
  for (const item of plain) {
    const key = requiredKeyOf(item, mergeKey)
    const place = at.get(key) ?? merged.length
    const found = merged[place]
    merged[place] = found === undefined ? item : mergeObjects(found, item, member.schema, options)
    at.set(key, place)
  }
  return orderMerged(merged, plain, kept, mergeKey)
}
