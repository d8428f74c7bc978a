/** Deleting: preconditions, grace periods, finalizers, the garbage collector's marks, the end (upstream: registry.Store.Delete). */
import { clone } from '#api/clone.ts'
import type { DeleteOptions } from '#api/meta/options.ts'
import { type ApiError, conflict, notFoundError } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import type { Current, Write } from '#apiserver/cache/store.ts'
import type { Ref } from '#apiserver/storage/keys.ts'
import { bytesOf } from './engine.ts'
import { collectionOf, isNamespace, namespaceFinalizers } from './kinds.ts'
import { isDryRun } from './options.ts'
import { deletionFinalizers, markDeleting, markGraceful, timestamp } from './system-metadata.ts'
import { type RegistryDeps, type Saved, savedOf, type Writer } from './write-context.ts'

const attempts = 10

/** What a deletion comes to for one state of the object. */
type Step = { kind: 'keep' } | { kind: 'mark'; next: KubeObject } | { kind: 'remove'; last: KubeObject }

export class Deletion {
  readonly #deps: RegistryDeps

  constructor(deps: RegistryDeps) {
    this.#deps = deps
  }

  async delete(resource: Resource, ref: Ref, options: DeleteOptions, writer: Writer): Promise<Saved> {
    const { store, admission, ids } = this.#deps
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const current = await store.current(resource, ref, 'consistent')
      if (!current) throw notFoundError(resource, ref.name)
      checkPreconditions(resource, current.object, options)
      await admission.validate({
        operation: 'delete',
        resource,
        subresource: '',
        namespace: ref.namespace ?? '',
        name: ref.name,
        user: writer.user,
        dryRun: writer.dryRun,
        old: current.object,
        deleteOptions: options,
        now: ids.now(),
        warn: writer.warn,
      })
      const saved = await this.#apply({ resource, current, step: stepOf(resource, current.object, options, ids.now()) }, options)
      if (saved) return saved
    }
    throw conflict(resource, ref.name, 'the object has been modified; please apply your changes to the latest version and try again')
  }

  /** Undefined on a conflict. */
  async #apply(at: { resource: Resource; current: Current; step: Step }, options: DeleteOptions): Promise<Saved | undefined> {
    const { resource, current, step } = at
    if (step.kind === 'keep') return { object: current.object, bytes: current.bytes, created: false }
    const object = step.kind === 'mark' ? step.next : step.last
    const gone = step.kind === 'remove' ? ({ deleted: true } as const) : {}
    if (isDryRun(options)) return { object, bytes: bytesOf(resource, object, current.revision), created: false, ...gone }
    const removed = step.kind === 'remove'
    const companion = removed ? this.#deps.companions.of(resource) : undefined
    const writes = (await companion?.writes(undefined, current.object)) ?? []
    const own: Write = { verb: removed ? 'delete' : 'update', resource, object, revision: current.revision }
    const outcome = await this.#deps.store.commit([own, ...writes])
    if (!outcome.committed) {
      companion?.lost(writes, outcome.current.slice(1))
      return undefined
    }
    return { ...savedOf(object, outcome, false), ...gone }
  }
}

function stepOf(resource: Resource, stored: KubeObject, options: DeleteOptions, now: Date): Step {
  if (isNamespace(resource)) return namespaceStep(stored, options, now)
  const next = clone(stored)
  if (resource.markDeleted && stored.metadata.deletionTimestamp === undefined)
    return { kind: 'mark', next: resource.markDeleted(next, timestamp(now)) }
  const requested = options.gracePeriodSeconds === undefined ? undefined : options.gracePeriodSeconds < 0 ? 1 : options.gracePeriodSeconds
  const finalizers = deletionFinalizers(next.metadata, options, collectionOf(resource))
  if (resource.deletion) {
    const grace = markGraceful(next.metadata, resource.deletion.graceSeconds(stored, requested), requested, now)
    if (grace === 'pending') return { kind: 'keep' }
    setFinalizers(next, finalizers)
    if (grace === 'marked') return { kind: 'mark', next }
    if (finalizers.length === 0) return { kind: 'remove', last: next }
    return sameMarks(next, stored) ? { kind: 'keep' } : { kind: 'mark', next }
  }
  // What goes is shown as it was stored, with the collector's marks on it.
  if (finalizers.length === 0) return { kind: 'remove', last: next }
  setFinalizers(next, finalizers)
  markDeleting(next.metadata, now)
  return sameMarks(next, stored) ? { kind: 'keep' } : { kind: 'mark', next }
}

/** A namespace is marked first, whatever its finalizers; it goes when spec.finalizers is empty. */
function namespaceStep(stored: KubeObject, options: DeleteOptions, now: Date): Step {
  const next = clone(stored) as KubeObject & { status?: { phase?: string } }
  if (stored.metadata.deletionTimestamp === undefined) {
    next.metadata.deletionTimestamp = timestamp(now)
    next.status = { ...next.status, phase: 'Terminating' }
    setFinalizers(next, deletionFinalizers(next.metadata, options, 'deletes'))
    return { kind: 'mark', next }
  }
  const waits = namespaceFinalizers(stored).length > 0 || (stored.metadata.finalizers?.length ?? 0) > 0
  return waits ? { kind: 'keep' } : { kind: 'remove', last: next }
}

function setFinalizers(object: KubeObject, finalizers: string[]): void {
  if (finalizers.length === 0) delete object.metadata.finalizers
  else object.metadata.finalizers = finalizers
}

function sameMarks(next: KubeObject, prev: KubeObject): boolean {
  return (
    next.metadata.deletionTimestamp === prev.metadata.deletionTimestamp &&
    next.metadata.deletionGracePeriodSeconds === prev.metadata.deletionGracePeriodSeconds &&
    JSON.stringify(next.metadata.finalizers) === JSON.stringify(prev.metadata.finalizers)
  )
}

/** Upstream names the kind, not the plural, in these conflicts. */
export function checkPreconditions(resource: Resource, object: KubeObject, options: DeleteOptions): void {
  const wanted = options.preconditions
  const { uid, name, resourceVersion: version = '' } = object.metadata
  const subject = { ...resource, plural: resource.kind }
  const fail = (why: string): ApiError => conflict(subject, name ?? '', why)
  if (wanted?.uid !== undefined && wanted.uid !== uid)
    throw fail(
      `the UID in the precondition (${wanted.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    )
  if (wanted?.resourceVersion !== undefined && wanted.resourceVersion !== version)
    throw fail(
      `the ResourceVersion in the precondition (${wanted.resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`,
    )
}

/** The Status that most kinds answer a finished deletion with. */
export function deletedStatus(resource: Resource, object: KubeObject): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      ...(object.metadata.name ? { name: object.metadata.name } : {}),
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.plural,
      ...(object.metadata.uid ? { uid: object.metadata.uid } : {}),
    },
  }
}
