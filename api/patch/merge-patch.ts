/** JSON Merge Patch (RFC 7386). */
import { isPlain, own, type Plain, setOwn } from '#api/own.ts'

/** The target with the patch applied; neither is changed. Null removes a key. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isPlain(patch)) return patch
  const result: Plain = isPlain(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else setOwn(result, key, applyMergePatch(own(result, key), value))
  }
  return result
}

/** The merge patch that turns `original` into `modified`. */
export function createMergePatch(original: Plain, modified: Plain): Plain {
  const patch: Plain = {}
  for (const [key, value] of Object.entries(modified)) {
    const before = own(original, key)
    if (isPlain(value) && isPlain(before)) {
      const inner = createMergePatch(before, value)
      if (Object.keys(inner).length > 0) setOwn(patch, key, inner)
    } else if (JSON.stringify(value) !== JSON.stringify(before)) setOwn(patch, key, value)
  }
  for (const key of Object.keys(original)) if (!Object.hasOwn(modified, key)) setOwn(patch, key, null)
  return patch
}

/**
 * kubectl's three-way patch for kinds without a schema: what changes from `current` to `modified`, and removes what `original` had and
 * `modified` has no more.
 */
export function createThreeWayMergePatch(original: Plain, modified: Plain, current: Plain): Plain {
  const additions = withoutNulls(createMergePatch(current, modified)) as Plain
  const removals = onlyNulls(createMergePatch(original, modified))
  return merged(additions, removals)
}

function withoutNulls(value: unknown): unknown {
  if (!isPlain(value)) return value
  const kept: Plain = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === null) continue
    const inner = withoutNulls(item)
    if (!isPlain(item) || Object.keys(item).length === 0 || Object.keys(inner as Plain).length > 0) setOwn(kept, key, inner)
  }
  return kept
}

function onlyNulls(value: Plain): Plain {
  const kept: Plain = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === null) setOwn(kept, key, null)
    else if (isPlain(item)) {
      const inner = onlyNulls(item)
      if (Object.keys(inner).length > 0) setOwn(kept, key, inner)
    }
  }
  return kept
}

function merged(a: Plain, b: Plain): Plain {
  const result: Plain = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const before = own(result, key)
    if (isPlain(before) && isPlain(value)) setOwn(result, key, merged(before, value))
    else if (!Object.hasOwn(result, key)) setOwn(result, key, value)
  }
  return result
}
