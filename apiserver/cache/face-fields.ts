/** Field selectors on a second face of a kind: its fields are read from the converted object, once per entry. */
import type { Resource } from '#api/resource.ts'
import { type Entry, objectOf } from './entry.ts'
import type { FieldReader } from './predicate.ts'

export function faceReader(face: Resource): FieldReader {
  const names = Object.keys(face.selectableFields ?? {})
  const values = new WeakMap<Entry, Readonly<Record<string, string>>>()
  const read = (entry: Entry): Readonly<Record<string, string>> => {
    let known = values.get(entry)
    if (known === undefined) {
      const object = face.storedAs?.fromStored(objectOf(entry)) ?? objectOf(entry)
      known = Object.fromEntries(names.map((name) => [name, face.selectableFields?.[name]?.(object) ?? '']))
      values.set(entry, known)
    }
    return known
  }
  return (field) => {
    if (field === 'metadata.name') return (entry) => entry.name
    if (field === 'metadata.namespace') return (entry) => entry.namespace
    return names.includes(field) ? (entry) => read(entry)[field] ?? '' : undefined
  }
}
