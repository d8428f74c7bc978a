/** The one write road: create, update, patch and subresources all compute `next` and pass default → admission → prepare → validate → commit here. */
import { clone } from '#api/clone.ts'
import { goQuote } from '#api/meta/go-quote.ts'
import type { DeleteOptions } from '#api/meta/options.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { ApiError, alreadyExists, conflict, invalidError, notFoundError } from '#api/meta/status.ts'
import type { KubeObject, Resource, SubresourceRules } from '#api/resource.ts'
import type { AdmissionRequest } from '#apiserver/admission/admission.ts'
import type { Current, Outcome, Store, Write } from '#apiserver/cache/store.ts'
import type { Ref } from '#apiserver/storage/keys.ts'
import { validateCommonOnCreate, validateCommonOnUpdate } from './common-validation.ts'
import { checkPreconditions, Deletion } from './deletion.ts'
import { bytesOf, canonicalOf, sameObjects, withDefaults, writtenOf } from './engine.ts'
import { createsOnUpdate, isEvent, isNamespace, namespaceFinalizers, overwritesBlindly } from './kinds.ts'
import { type FieldWrite, keepTimes, type ManagedFields } from './managed-fields.ts'
import { otherUid } from './other-uid.ts'
import { dropDuplicateOwners } from './owner-references.ts'
import { countsGenerations, fillOnCreate, keepOnUpdate, matchNamespace } from './system-metadata.ts'
import { type RegistryDeps, type Saved, savedOf, type Writer } from './write-context.ts'

/** Makes the new object of what stands there now; called again after a conflict. `prev` is a copy and may be changed, unless `leavesPrev`. */
export type Change = (prev: KubeObject | undefined) => KubeObject | Promise<KubeObject>

export interface UpdateRequest {
  resource: Resource
  ref: Ref
  change: Change
  /** Empty for the main resource. */
  subresource: string
  rules?: SubresourceRules<KubeObject>
  /** The uid that the client says it means (PUT). */
  uid?: string | undefined
  /** The change carries no claim about the version it was made from: try again where others wrote in between (patches). */
  retries: boolean
  /** The change alters nothing of what it is given, nor is what it makes a part of that: no copy is made for it. */
  leavesPrev?: true
  /** The change settles metadata.managedFields itself (apply), or keeps them as they are (bindings). */
  settlesFields?: true
  /** Made where it does not exist yet (apply), once this has agreed. */
  mayCreate?(): void | Promise<void>
}

/** The manager of what the server writes by itself. */
const ownManager = 'kube-apiserver'

type ObjectWrite = Exclude<Write, { verb: 'check' }>

const generateAttempts = 8
const conflictAttempts = 10
const modified = 'the object has been modified; please apply your changes to the latest version and try again'

const hasVersion = (text: string | undefined): boolean => text !== undefined && /^0*[1-9]\d*$/.test(text)

export class Registry {
  readonly store: Store
  readonly #deps: RegistryDeps
  readonly #deletion: Deletion

  constructor(deps: RegistryDeps) {
    this.#deps = deps
    this.store = deps.store
    this.#deletion = new Deletion(deps)
  }

  /** Throws ApiError: 400, 403, 409, 422. `authored` is decoded and belongs to this call. */
  async create(resource: Resource, authored: KubeObject, writer: Writer, settlesFields?: true): Promise<Saved> {
    const generated = !authored.metadata.name && !!authored.metadata.generateName
    const claimed = authored.metadata.resourceVersion
    const isOnly = !generated && this.#deps.companions.of(resource) === undefined
    let name = authored.metadata.name ?? ''
    for (let attempt = 1; attempt <= generateAttempts; attempt++) {
      // a second attempt begins with what was sent
      const next = withDefaults(resource, isOnly ? authored : clone(authored))
      matchNamespace(next.metadata, writer.namespace)
      if (!settlesFields) await this.#deps.managedFields.create(next, this.#fieldWrite(resource, '', writer))
      const prepared = await this.#prepareCreate(resource, next, writer)
      // Most often an object that somebody saved and wants back: upstream refuses it without a reason code.
      if (hasVersion(claimed)) throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created')
      const outcome = await this.#commitCreate(resource, prepared, writer, settlesFields)
      if (typeof outcome === 'object') return outcome
      name = prepared.metadata.name ?? ''
      if (outcome === 'taken' && !generated) throw await this.#exists(resource, prepared)
    }
    throw generateExhausted(resource, name)
  }

  /** `taken`: an object of that name is there. `lost`: something that was allocated was taken by another writer meanwhile. */
  async #commitCreate(resource: Resource, object: KubeObject, writer: Writer, settled?: true): Promise<Saved | 'taken' | 'lost'> {
    if (writer.dryRun) {
      const there = await this.store.current(resource, refOf(object), 'consistent')
      return there ? 'taken' : { object, bytes: bytesOf(resource, object), created: true }
    }
    const companion = this.#deps.companions.of(resource)
    const writes = (await companion?.writes(object, undefined)) ?? []
    const outcome = await this.#commit({ verb: 'create', resource, object, ...this.#ttl(resource) }, writes, settled)
    if (outcome.committed) return savedOf(object, outcome, true)
    if (outcome.current[0] !== undefined) return 'taken'
    companion?.lost(writes, outcome.current.slice(1))
    return 'lost'
  }

  /** An object that is too large with its managed fields is stored without them, but by apply, as in upstream. Throws 413, 503, 504. */
  async #commit(own: ObjectWrite, others: readonly Write[], settled?: true): Promise<Outcome> {
    try {
      return await this.store.commit([own, ...others])
    } catch (error) {
      if (settled || !(error instanceof ApiError) || error.code !== 413 || !own.object.metadata.managedFields) throw error
      delete own.object.metadata.managedFields
      return await this.store.commit([own, ...others])
    }
  }

  #fieldWrite(resource: Resource, subresource: string, writer: Writer): FieldWrite {
    return { resource, subresource, manager: writer.fieldManager ?? ownManager, now: this.now() }
  }

  /** `authored` has its defaults. */
  async #prepareCreate(resource: Resource, authored: KubeObject, writer: Writer): Promise<KubeObject> {
    const { ids, admission, companions } = this.#deps
    const now = ids.now()
    let next = authored
    const request = this.#admissionRequest(resource, next, writer, now)
    await admission.mutate(request)
    // rules compare and read the canonical form, but for lists that were written with nothing in them
    next = writtenOf(resource, withDefaults(resource, request.object ?? next))
    dropDuplicateOwners(next.metadata, 'admitted', writer.warn)
    fillOnCreate(next.metadata, { uid: ids.uid(), now, suffix: next.metadata.name ? '' : ids.suffix() })
    await companions.of(resource)?.fill(next, undefined)
    next = resource.prepare?.(next, undefined) ?? next
    if (countsGenerations(resource, next)) next.metadata.generation = 1
    const errors = [...validateCommonOnCreate(resource, next), ...(resource.validate?.(next, undefined) ?? [])]
    if (errors.length > 0) throw invalidError(resource, next.metadata.name ?? '', errors)
    for (const text of resource.warnings?.(next, undefined) ?? []) writer.warn(text)
    next = canonicalOf(resource, next)
    await admission.validate({ ...request, object: next, name: next.metadata.name ?? '' })
    return next
  }

  #admissionRequest(resource: Resource, next: KubeObject, writer: Writer, now: Date): AdmissionRequest {
    return {
      operation: 'create',
      resource,
      subresource: '',
      namespace: resource.scope === 'Namespaced' ? writer.namespace : '',
      name: next.metadata.name ?? '',
      user: writer.user,
      dryRun: writer.dryRun,
      object: next,
      now,
      warn: writer.warn,
    }
  }

  async #exists(resource: Resource, object: KubeObject): Promise<ApiError> {
    const ref = refOf(object)
    const error = object.metadata.generateName ? generateExhausted(resource, ref.name) : alreadyExists(resource, ref.name)
    const there = await this.store.current(resource, ref, 'consistent')
    if (there?.object.metadata.deletionTimestamp === undefined) return error
    return new ApiError(error.code, error.reason, `object is being deleted: ${error.message}`, error.details)
  }

  /** Throws ApiError: 400, 403, 404, 409, 422. */
  async update(request: UpdateRequest, writer: Writer): Promise<Saved> {
    const { resource, ref } = request
    for (let attempt = 1; attempt <= conflictAttempts; attempt++) {
      const mayBeOld = attempt === 1 && request.retries && !writer.dryRun
      const current = await this.store.current(resource, ref, mayBeOld ? 'cached' : 'consistent')
      if (!current) {
        if (mayBeOld && (await this.store.current(resource, ref, 'consistent'))) continue
        const made = await this.#createByUpdate(request, writer, attempt < conflictAttempts)
        if (made) return made
        continue
      }
      const saved = await (mayBeOld ? this.#tryOnCached(request, current, writer) : this.#tryUpdate(request, current, writer))
      if (saved) return saved
    }
    throw conflict(resource, ref.name, modified)
  }

  /**
   * What is written is compared with the store as it is written. A change that alters nothing, or is refused, is believed only of the newest
   * state: the cache may not have seen a write that this very client was told of. Undefined where the object has moved on.
   */
  async #tryOnCached(request: UpdateRequest, current: Current, writer: Writer): Promise<Saved | undefined> {
    const { resource, ref } = request
    const isNewest = async (): Promise<boolean> => (await this.store.current(resource, ref, 'consistent'))?.revision === current.revision
    try {
      const saved = await this.#tryUpdate(request, current, writer)
      const isWritten = saved?.bytes !== current.bytes
      return isWritten || (await isNewest()) ? saved : undefined
    } catch (error) {
      const isRefused = error instanceof ApiError && error.code < 500
      if (!isRefused || (await isNewest())) throw error
      return undefined
    }
  }

  /** Undefined where another writer made the object meanwhile, and `again` says that it may be updated then. */
  async #createByUpdate(request: UpdateRequest, writer: Writer, again: boolean): Promise<Saved | undefined> {
    const { resource, ref } = request
    if ((!createsOnUpdate(resource) && !request.mayCreate) || request.subresource !== '') throw notFoundError(resource, ref.name)
    const next = await request.change(undefined)
    if (next.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${next.metadata.uid}, UID in object meta: `
      throw conflict(resource, ref.name, why)
    }
    await request.mayCreate?.()
    delete next.metadata.resourceVersion
    return await this.create(resource, next, writer, request.settlesFields).catch((error: unknown) => {
      if (again && request.mayCreate && error instanceof ApiError && error.reason === 'AlreadyExists') return undefined
      throw error
    })
  }

  /** Undefined where another writer was quicker and the change can be made again. */
  async #tryUpdate(request: UpdateRequest, current: Current, writer: Writer): Promise<Saved | undefined> {
    const { resource } = request
    const prev = current.object
    const next = await request.change(request.leavesPrev ? prev : copyOf(prev))
    this.#checkVersion(request, next, current, writer)
    matchNamespace(next.metadata, writer.namespace)
    const object = await this.#prepareUpdate(request, next, prev, writer)
    if (sameObjects(object, prev)) return { object: prev, bytes: current.bytes, created: false }
    const gone = endsByUpdate(resource, object, prev)
    if (writer.dryRun) return { object, bytes: bytesOf(resource, object, current.revision), created: false }
    const companion = this.#deps.companions.of(resource)
    const writes = (await companion?.writes(gone ? undefined : object, prev)) ?? []
    const base = { resource, object, revision: current.revision }
    const own: ObjectWrite = gone ? { verb: 'delete', ...base } : { verb: 'update', ...base, ...this.#ttl(resource) }
    const outcome = await this.#commit(own, writes, request.settlesFields)
    if (outcome.committed) return { ...savedOf(object, outcome, false), ...(gone ? { deleted: true } : {}) }
    companion?.lost(writes, outcome.current.slice(1))
    return undefined
  }

  /** Optimistic concurrency: a resourceVersion in the object must be the stored one. */
  #checkVersion(request: UpdateRequest, next: KubeObject, current: Current, { dryRun }: Writer): void {
    const { resource, ref } = request
    const claimed = next.metadata.resourceVersion
    if (request.uid && request.uid !== current.object.metadata.uid)
      throw otherUid(resource, ref, { claimed: request.uid, stored: current.object.metadata.uid }, dryRun)
    if (claimed === undefined || claimed === '' || claimed === '0') {
      if (overwritesBlindly(resource)) return
      throw invalidError({ ...resource, kind: resource.plural }, ref.name, [
        { reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message: 'Invalid value: 0: must be specified for an update' },
      ])
    }
    if (!/^\d+$/.test(claimed)) throw new ApiError(500, '', `strconv.ParseUint: parsing ${goQuote(claimed)}: invalid syntax`)
    if (claimed !== String(current.revision)) throw conflict(resource, ref.name, modified)
  }

  async #prepareUpdate(request: UpdateRequest, authored: KubeObject, prev: KubeObject, writer: Writer): Promise<KubeObject> {
    const { resource, rules } = request
    const { admission, ids } = this.#deps
    let next = withDefaults(resource, authored)
    if (!request.settlesFields) await this.#deps.managedFields.update(next, prev, this.#fieldWrite(resource, request.subresource, writer))
    const asked: AdmissionRequest = {
      ...this.#admissionRequest(resource, next, writer, ids.now()),
      operation: 'update',
      subresource: request.subresource,
      name: request.ref.name,
      old: prev,
    }
    await admission.mutate(asked)
    next = writtenOf(resource, withDefaults(resource, asked.object ?? next))
    dropDuplicateOwners(next.metadata, 'admitted', writer.warn)
    const { managedFields } = next.metadata
    if (!rules) await this.#deps.companions.of(resource)?.fill(next, prev)
    next.metadata.resourceVersion = prev.metadata.resourceVersion ?? ''
    keepOnUpdate(next.metadata, prev.metadata)
    next = rules ? rules.prepare(next, prev, ids.now()) : prepareMain(resource, next, prev)
    // subresources may take all metadata from the stored object
    if (managedFields === undefined) delete next.metadata.managedFields
    else next.metadata.managedFields = managedFields
    const own = rules ? (rules.validate?.(next, prev, ids.now()) ?? []) : (resource.validate?.(next, prev) ?? [])
    const errors = [...validateCommonOnUpdate(resource, next, prev), ...own]
    if (errors.length > 0) throw invalidError(resource, next.metadata.name ?? '', errors)
    if (!rules) for (const text of resource.warnings?.(next, prev) ?? []) writer.warn(text)
    next = canonicalOf(resource, next)
    keepTimes(next, prev)
    await admission.validate({ ...asked, object: next })
    return next
  }

  #ttl(resource: Resource): { ttlSeconds?: number } {
    const seconds = this.#deps.eventTtlSeconds
    return seconds === undefined || !isEvent(resource) ? {} : { ttlSeconds: seconds }
  }

  now(): Date {
    return this.#deps.ids.now()
  }

  get managedFields(): ManagedFields {
    return this.#deps.managedFields
  }

  /** Throws 409 where DeleteOptions.preconditions do not hold. */
  checkPreconditions(resource: Resource, object: KubeObject, options: DeleteOptions): void {
    checkPreconditions(resource, object, options)
  }

  /** Throws ApiError: 403, 404, 409. */
  delete(resource: Resource, ref: Ref, options: DeleteOptions, writer: Writer): Promise<Saved> {
    return this.#deletion.delete(resource, ref, options, writer)
  }
}

/** For a change to alter; but managed fields, the greater part of many objects, which nobody alters in place. */
function copyOf(prev: KubeObject): KubeObject {
  const { managedFields, ...metadata } = prev.metadata
  const copy = clone<KubeObject>({ ...prev, metadata })
  if (managedFields !== undefined) copy.metadata.managedFields = managedFields
  return copy
}

function prepareMain(resource: Resource, authored: KubeObject, prev: KubeObject): KubeObject {
  let next = authored as KubeObject & { status?: unknown; spec?: unknown }
  const before = prev as KubeObject & { status?: unknown; spec?: unknown }
  if (resource.subresources?.['status']) {
    if (before.status === undefined) delete next.status
    else next.status = before.status
  }
  next = resource.prepare?.(next, prev) ?? next
  if (countsGenerations(resource, next) && !sameValue(next.spec, before.spec))
    next.metadata.generation = (prev.metadata.generation ?? 0) + 1
  return next
}

/** An update that takes the last finalizer of an object in deletion ends it. */
function endsByUpdate(resource: Resource, next: KubeObject, prev: KubeObject): boolean {
  if (next.metadata.deletionTimestamp === undefined) return false
  const waits = (next.metadata.finalizers?.length ?? 0) > 0
  if (waits) return false
  if (isNamespace(resource)) return namespaceFinalizers(next).length === 0
  if ((prev.metadata.finalizers?.length ?? 0) === 0) return false
  return (next.metadata.deletionGracePeriodSeconds ?? 0) === 0
}

function generateExhausted(resource: Resource, name: string): ApiError {
  const error = alreadyExists(resource, name)
  const why = `${error.message}, the server was not able to generate a unique name for the object`
  return new ApiError(409, 'AlreadyExists', why, { ...error.details, retryAfterSeconds: 1 })
}

const refOf = (object: KubeObject): Ref => ({ namespace: object.metadata.namespace, name: object.metadata.name ?? '' })
