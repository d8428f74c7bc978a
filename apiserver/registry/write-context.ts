/** What all writes share: who writes and how, what they get back, and what the registry works with. */
import type { KubeObject } from '#api/resource.ts'
import type { Admission } from '#apiserver/admission/admission.ts'
import type { User } from '#apiserver/authentication/user.ts'
import type { Outcome, Store } from '#apiserver/cache/store.ts'
import type { Companions } from './companions.ts'
import type { ManagedFields } from './managed-fields.ts'

/** Who writes and how; the same for all verbs. */
export interface Writer {
  user: User
  dryRun: boolean
  /** Of the request; empty for cluster-scoped kinds. */
  namespace: string
  /** Whose fields they are that this write sets; the server itself where it is not said. */
  fieldManager?: string
  warn(text: string): void
}

export interface Saved {
  object: KubeObject
  /** JSON with resourceVersion. */
  bytes: Buffer
  created: boolean
  /** The object is gone (it was waiting for its last finalizer). */
  deleted?: true
}

export interface Ids {
  uid(): string
  /** Five random characters for generateName. */
  suffix(): string
  now(): Date
}

export interface RegistryDeps {
  store: Store
  admission: Admission
  companions: Companions
  managedFields: ManagedFields
  ids: Ids
  /** How long events are kept; the kind says it where this does not. */
  eventTtlSeconds?: number
}

/** The object as the commit left it. */
export function savedOf(object: KubeObject, outcome: Extract<Outcome, { committed: true }>, created: boolean): Saved {
  const [saved] = outcome.saved
  if (!saved) throw new Error('the store told nothing of a write it committed')
  object.metadata.resourceVersion = String(saved.revision)
  return { object, bytes: saved.bytes, created }
}
