/**
 * What this server has just written, so that the cache need not read it again when the store tells of it: the store's event and the answer to the
 * writer come in any order, and whichever comes first makes the entry for both.
 */
import type { KubeObject, Resource } from '#api/resource.ts'
import { RenewedMap } from '#component/renewed-map.ts'
import { type Entry, entryOf, type Shape } from './entry.ts'

export interface OwnWrite {
  readonly resource: Resource
  readonly value: Buffer
  /** As it was written; nothing but its resourceVersion changes afterwards. */
  readonly object: KubeObject
  entry: Entry | undefined
}

/** So many writes may be under way, or have events that did not come yet. */
const most = 1024

export class OwnWrites {
  readonly #byKey = new RenewedMap<string, OwnWrite>()

  /** Before the write is sent. */
  begin(key: string, write: Omit<OwnWrite, 'entry'>): OwnWrite {
    const begun: OwnWrite = { ...write, entry: undefined }
    // The newest write of a key stands at the end, and is the last to be forgotten.
    this.#byKey.delete(key)
    this.#byKey.set(key, begun)
    if (this.#byKey.size > most) this.#byKey.delete(this.#byKey.keys().next().value ?? '')
    return begun
  }

  /** The write did not happen. */
  forget(key: string, write: OwnWrite): void {
    if (this.#byKey.get(key) === write) this.#byKey.delete(key)
  }

  /** The entry of a write that the store tells of; undefined where the value is not what was written last here. */
  echo(shape: Shape, { key, value, revision }: { key: string; value: Buffer; revision: number }): Entry | undefined {
    const write = this.#byKey.get(key)
    if (write === undefined || write.resource !== shape.resource || !write.value.equals(value)) return undefined
    this.#byKey.delete(key)
    return entryOfWrite(write, shape, { key, revision })
  }
}

/** Made once for each revision that the same value is written at. */
export function entryOfWrite(write: OwnWrite, shape: Shape, { key, revision }: { key: string; revision: number }): Entry {
  if (write.entry?.revision !== revision) {
    const entry = entryOf(shape, { key, value: write.value, revision }, write.object)
    write.entry = { ...entry, ...(entry.labels === undefined ? {} : { labels: { ...entry.labels } }) }
  }
  return write.entry as Entry
}
