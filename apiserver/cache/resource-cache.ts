/** All stored objects of one resource, with indexes and a bounded history. It only follows the store's events; it never asks the store. */
import { groupResourceOf, type Resource } from '#api/resource.ts'
import { prefixOf } from '#apiserver/storage/keys.ts'
import type { Entry, Shape } from './entry.ts'
import { type Change, History, type HistoryLimits } from './history.ts'
import { type FieldReader, indexableValues, type Predicate } from './predicate.ts'
import { afterPrefix, type Cell, SortedCells } from './sorted-cells.ts'
import { ValueIndex } from './value-index.ts'

export interface Listed {
  entries: Entry[]
  /** How many keys follow the last entry in the listed range, whether selected or not. */
  behind: number
}

export interface ListRange {
  predicate: Predicate
  /** 0: no limit. */
  limit: number
  /** First key that may be listed; the whole range if empty. */
  from: string
}

export class ResourceCache {
  readonly shape: Shape
  readonly history: History
  /** All keys begin with it. */
  readonly prefix: string
  readonly #cells = new SortedCells()
  readonly #labels = new ValueIndex()
  readonly #fields = new ValueIndex()
  /** Positions of the fields that are indexed. */
  readonly #indexed: readonly { name: string; at: number }[]
  #bytes = 0
  #version = 0

  constructor(shape: Shape, floor: number, options: { history: HistoryLimits; indexedFields: readonly string[] }) {
    this.shape = shape
    this.prefix = prefixOf(shape.resource)
    this.history = new History(floor, options.history)
    this.#indexed = options.indexedFields.map((name) => ({ name, at: shape.fieldNames.indexOf(name) })).filter(({ at }) => at >= 0)
  }

  get resource(): Resource {
    return this.shape.resource
  }

  get groupResource(): string {
    return groupResourceOf(this.resource)
  }

  get size(): number {
    return this.#cells.size
  }

  rangePrefix(namespace: string): string {
    return namespace === '' ? this.prefix : prefixOf(this.resource, namespace)
  }

  get indexedFields(): string[] {
    return this.#indexed.map(({ name }) => name)
  }

  keyOf(namespace: string, name: string): string {
    return prefixOf(this.resource, namespace) + name
  }

  /** Grows with every change: what was made of the objects is good as long as it stands. */
  get version(): number {
    return this.#version
  }

  /** Of all objects' JSON. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Entry | undefined {
    return this.#cells.get(key)?.entry
  }

  /** Entries of a namespace, or all, in key order. */
  range(namespace?: string): Entry[] {
    const prefix = namespace === undefined || namespace === '' ? this.prefix : prefixOf(this.resource, namespace)
    return this.#cells.slice(prefix, afterPrefix(prefix)).map((cell) => cell.entry)
  }

  /** Takes a put (`now`) or a deletion. Returns undefined where nothing changed. */
  apply(key: string, now: Entry | undefined, revision: number): Change | undefined {
    const was = this.#cells.get(key)?.entry
    if (now === undefined && was === undefined) return undefined
    this.#set(key, was, now)
    const change: Change = { revision, key, now, was, frames: undefined }
    this.history.push(change)
    return change
  }

  /** Takes an entry that was there when the cache started. */
  load(entry: Entry): void {
    this.#set(entry.key, this.#cells.get(entry.key)?.entry, entry)
  }

  /** Forgets all objects and their history. */
  clear(floor: number): void {
    this.#version++
    this.#cells.clear()
    this.#labels.clear()
    this.#fields.clear()
    this.#bytes = 0
    this.history.reset(floor)
  }

  readonly fieldReader: FieldReader = (field) => {
    if (field === 'metadata.name') return (entry) => entry.name
    if (field === 'metadata.namespace') return (entry) => entry.namespace
    const at = this.shape.fieldNames.indexOf(field)
    return at < 0 ? undefined : (entry) => entry.fields[at] ?? ''
  }

  /** The newest state. */
  list({ predicate, limit, from }: ListRange): Listed {
    const range = this.#rangeOf(predicate, from)
    const candidates = this.#candidates(predicate)?.filter((cell) => cell.key >= range.from && cell.key < range.to)
    if (candidates !== undefined) return picked(candidates.sort(byKey), predicate, limit)
    if (limit === 0) return picked(this.#cells.slice(range.from, range.to), predicate, 0)
    const entries: Entry[] = []
    const behind = this.#cells.walk(range.from, range.to, ({ entry }) => {
      if (predicate.matches(entry)) entries.push(entry)
      return entries.length < limit
    })
    return { entries, behind }
  }

  /** The state at an older revision, computed backwards through the history; undefined if that does not reach back far enough. */
  listAt(revision: number, { predicate, limit, from }: ListRange): Listed | undefined {
    const since = this.history.after(revision)
    if (since === undefined || revision < this.history.exactSince) return undefined
    if (since.length === 0) return this.list({ predicate, limit, from })
    const range = this.#rangeOf(predicate, from)
    const then = new Map<string, Entry | undefined>()
    for (const change of since)
      if (change.key >= range.from && change.key < range.to && !then.has(change.key)) then.set(change.key, change.was)
    const cells: Pick<Cell, 'key' | 'entry'>[] = this.#cells.slice(range.from, range.to).filter((cell) => !then.has(cell.key))
    for (const [key, entry] of then) if (entry !== undefined) cells.push({ key, entry })
    return picked(then.size === 0 ? cells : cells.sort(byKey), predicate, limit)
  }

  #rangeOf(predicate: Predicate, from: string): { from: string; to: string } {
    const prefix = this.rangePrefix(predicate.namespace)
    return { from: from > prefix ? from : prefix, to: afterPrefix(prefix) }
  }

  /** The smallest set of cells that surely holds everything selected; undefined if only a scan does. */
  #candidates(predicate: Predicate): Cell[] | undefined {
    if (predicate.name !== '' && (predicate.namespace !== '' || this.resource.scope === 'Cluster')) {
      const cell = this.#cells.get(this.keyOf(predicate.namespace, predicate.name))
      return cell === undefined ? [] : [cell]
    }
    let best: { index: ValueIndex; name: string; values?: readonly string[] } | undefined
    let least = Number.POSITIVE_INFINITY
    const offer = (index: ValueIndex, lookup: { name: string; values?: readonly string[] }): void => {
      const count = index.count(lookup.name, lookup.values)
      if (count >= least) return
      least = count
      best = { index, ...lookup }
    }
    for (const requirement of predicate.labels) {
      const lookup = indexableValues(requirement)
      if (lookup !== undefined) offer(this.#labels, lookup)
    }
    for (const term of predicate.fields) {
      if (term.operator === '=' && this.#indexed.some(({ name }) => name === term.field))
        offer(this.#fields, { name: term.field, values: [term.value] })
    }
    return best === undefined ? undefined : best.index.cells(best.name, best.values)
  }

  #set(key: string, was: Entry | undefined, now: Entry | undefined): void {
    this.#version++
    this.#bytes += (now?.bytes.length ?? 0) - (was?.bytes.length ?? 0)
    const cell = now === undefined ? this.#cells.delete(key) : this.#cells.put(now)
    if (cell === undefined) return
    this.#labels.move(cell, was?.labels, now?.labels)
    for (const { name, at } of this.#indexed) {
      const before = was?.fields[at]
      const after = now?.fields[at]
      if (before === after) continue
      if (before !== undefined) this.#fields.remove(name, before, cell)
      if (after !== undefined) this.#fields.add(name, after, cell)
    }
  }
}

const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

function picked(cells: readonly Pick<Cell, 'key' | 'entry'>[], predicate: Predicate, limit: number): Listed {
  if (predicate.isPlain && predicate.name === '' && limit === 0) return { entries: cells.map((cell) => cell.entry), behind: 0 }
  const entries: Entry[] = []
  let behind = cells.length
  for (const { entry } of cells) {
    behind--
    if (predicate.matches(entry)) entries.push(entry)
    if (limit > 0 && entries.length >= limit) break
  }
  return { entries, behind }
}
