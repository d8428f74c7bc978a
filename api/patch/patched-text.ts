/** JSON of a patched object as upstream shows it: members of an object that the patch went into stand sorted, all others as they were. */
import { isPlain, type Plain } from '#api/own.ts'
import type { JsonPatchOperation } from './json-patch.ts'

export function patchedText(value: unknown, touched: unknown): string {
  if (!isPlain(value) || !isPlain(touched)) return JSON.stringify(value)
  const members = Object.keys(value).sort()
  return `{${members.map((key) => `${JSON.stringify(key)}:${patchedText(value[key], touched[key])}`).join(',')}}`
}

/** What operations went into, as nested objects. */
export function touchedBy(operations: readonly JsonPatchOperation[]): Plain {
  const root: Plain = {}
  for (const { path } of operations) {
    let at = root
    for (const part of String(path ?? '')
      .split('/')
      .slice(1, -1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const next = Object.hasOwn(at, key) ? at[key] : undefined
      const inner: Plain = isPlain(next) ? next : {}
      Object.defineProperty(at, key, { value: inner, enumerable: true, configurable: true, writable: true })
      at = inner
    }
  }
  return root
}
