/**
 * The step of the write road that keeps metadata.managedFields: who set which fields, by which operation, when (source: apimachinery,
 * managedfields, and apiserver's handlers). It stands where upstream has it: after defaulting, before admission.
 */
import { zeroObject } from '#api/apply/apply-type.ts'
import {
  BadManagedFields,
  entriesOf,
  isReset,
  type Owner,
  type Ownership,
  ownershipOf,
  readOwnership,
  sameButTimes,
} from '#api/apply/entries.ts'
import { BadItem } from '#api/apply/list-items.ts'
import { trackUpdate, type Versions } from '#api/apply/track.ts'
import type { ManagedFieldsEntry } from '#api/meta/object-meta.ts'
import { type Plain, sameJson } from '#api/own.ts'
import { apiVersionOf, type KubeObject, type Resource } from '#api/resource.ts'
import { treeOf } from '#api/tree.ts'
import { canonicalOf, sentOf } from './engine.ts'
import { type Conversions, type KindsInVersions, versionsOf, withConversions } from './field-versions.ts'
import { timestamp } from './system-metadata.ts'

/** Who writes through which endpoint. */
export interface FieldWrite {
  resource: Resource
  subresource: string
  manager: string
  now: Date
  /** What a webhook has converted so far. */
  known?: Conversions
}

/** Metadata that a creation cannot set. */
const wiped = ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const
const maxManagerBytes = 128
const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

const plain = /^[ -~]*$/

/** Headers arrive byte by byte; what is not UTF-8 becomes the replacement character, as in Go. */
const utf8 = (header: string): string => (/[\u0080-\u00ff]/.test(header) ? Buffer.from(header, 'latin1').toString('utf8') : header)

/** The manager of a write: the parameter, or the start of the User-Agent without what cannot be printed. */
export function managerOf(fieldManager: string | null, userAgent: string | undefined): string {
  if (fieldManager) return fieldManager
  const product = (userAgent ?? '').split('/', 1)[0] ?? ''
  if (product.length <= maxManagerBytes && plain.test(product)) return product
  let name = ''
  let bytes = 0
  for (const char of utf8(product)) {
    if (!printable.test(char)) continue
    bytes += Buffer.byteLength(char)
    if (bytes > maxManagerBytes) break
    name += char
  }
  return name
}

export class ManagedFields {
  readonly #kinds: KindsInVersions
  readonly #zeros = new WeakMap<Resource, Plain>()

  constructor(kinds: KindsInVersions) {
    this.#kinds = kinds
  }

  /** Sets metadata.managedFields of an object that is about to be created. */
  create(next: KubeObject, write: FieldWrite): Promise<void> {
    return withConversions((known) => this.#settle(next, undefined, { ...write, known }))
  }

  /** The same for an update of `prev`; `next` is defaulted, of the same version, and its own managedFields are what the client wants. */
  update(next: KubeObject, prev: KubeObject, write: FieldWrite): Promise<void> {
    return withConversions((known) => this.#settle(next, prev, { ...write, known }))
  }

  #settle(next: KubeObject, prev: KubeObject | undefined, write: FieldWrite): void {
    const entries = this.#tracked(next, prev, write)
    if (entries === undefined) delete next.metadata.managedFields
    else next.metadata.managedFields = entries
  }

  #tracked(next: KubeObject, prev: KubeObject | undefined, write: FieldWrite): ManagedFieldsEntry[] | undefined {
    const { resource, subresource } = write
    const { ownership, byClient } = startingPoint(next, prev, subresource !== '')
    if (ownership.size === 0 && prev !== undefined) return undefined
    const { managedFields: _, ...metadata } = next.metadata
    if (prev === undefined) for (const name of wiped) delete metadata[name]
    const after = throughStored(resource, sentOf(resource, { ...next, metadata })) as unknown as Plain
    const owner: Owner = { manager: write.manager || 'unknown', operation: 'Update', apiVersion: apiVersionOf(resource), subresource }
    const live = prev === undefined ? this.zero(resource) : unmanaged(prev)
    try {
      // schemas of built-in kinds do not change, and what this server wrote of them fits
      const reconciles = byClient || treeOf(resource.schema).structural !== undefined
      const update = {
        live,
        next: after,
        owner,
        now: timestamp(write.now),
        versions: this.versions(resource, subresource, write.known),
        reconciles,
      }
      return entriesOf(trackUpdate(ownership, update))
    } catch (error) {
      // Upstream writes an object that cannot be tracked without managed fields.
      if (error instanceof BadItem) return undefined
      throw error
    }
  }

  /** The object of a kind that has nothing in it. */
  zero(resource: Resource): Plain {
    let zero = this.#zeros.get(resource)
    if (zero === undefined) {
      zero = { ...zeroObject(resource), apiVersion: apiVersionOf(resource), kind: resource.kind }
      this.#zeros.set(resource, zero)
    }
    return zero
  }

  /** For those who run the engine themselves (apply). */
  versions(resource: Resource, subresource: string, known?: Conversions): Versions {
    return versionsOf({ kinds: this.#kinds, resource, subresource, known })
  }
}

const templateGeneration = 'deprecated.daemonset.template.generation'

/** Upstream looks at an object after it went through its internal form, which leaves traces in a few kinds. */
function throughStored(resource: Resource, object: KubeObject): KubeObject {
  const { storedAs, group, plural } = resource
  if (storedAs?.convert) return object
  if (storedAs !== undefined) {
    const back = canonicalOf(resource, storedAs.fromStored(storedAs.toStored(object)))
    return { ...back, apiVersion: object.apiVersion, kind: object.kind }
  }
  const { annotations } = object.metadata
  if (group !== 'apps' || plural !== 'daemonsets' || annotations?.[templateGeneration] !== undefined) return object
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [templateGeneration]: '0' } } }
}

/** The object without what it says of its managers; the rest is shared. */
export function unmanaged(object: KubeObject): Plain {
  const { managedFields, ...metadata } = object.metadata
  return managedFields === undefined ? (object as unknown as Plain) : { ...object, metadata }
}

/**
 * The managed fields that a write begins with: those that the client sends (it may take managers out, or begin anew), or the stored ones
 * where it sends none, or none that can be read, or writes a subresource.
 */
function startingPoint(next: KubeObject, prev: KubeObject | undefined, isSubresource: boolean): StartingPoint {
  const stored = prev?.metadata.managedFields
  const sent = next.metadata.managedFields
  if (!isSubresource && isReset(sent)) return { ownership: new Map(), byClient: false }
  if (isSubresource || sent === undefined || sameJson(sent, stored)) return { ownership: ownershipOf(stored), byClient: false }
  try {
    return { ownership: readOwnership(sent), byClient: true }
  } catch (error) {
    if (error instanceof BadManagedFields) return { ownership: ownershipOf(stored), byClient: false }
    throw error
  }
}

interface StartingPoint {
  ownership: Ownership
  byClient: boolean
}

/**
 * An object that differs from the stored one by nothing but the times of its managers is the stored one: writing it would only change its
 * version. Changes `next`.
 */
export function keepTimes(next: KubeObject, prev: KubeObject): void {
  const [mine, theirs] = [next.metadata.managedFields, prev.metadata.managedFields]
  if (mine === undefined || theirs === undefined || !sameButTimes(mine, theirs)) return
  if (sameJson(unmanaged(next), unmanaged(prev))) next.metadata.managedFields = theirs
}
