/**
 * One apply request on one object: checks of the configuration in upstream's words, the take-over of what was there before the first
 * apply and of client-side apply, conflicts as answers (source: apimachinery, managedfields).
 */
import type { ManagedFieldsEntry } from '#api/meta/object-meta.ts'
import { ApiError, badRequest } from '#api/meta/status.ts'
import { isPlain, own, type Plain } from '#api/own.ts'
import { type Applied, type Apply, applyConfiguration } from './apply.ts'
import { faultsOf } from './check-type.ts'
import { ApplyConflicts } from './conflicts.ts'
import { entriesOf, type Owner, type Ownership, ownershipOf } from './entries.ts'
import { fieldsOfLastApplied, isKubectl, refreshLastApplied } from './last-applied.ts'
import { BadItem } from './list-items.ts'
import { trackUpdate, type Versions } from './track.ts'

export interface ApplyRequest {
  /** What the route serves. */
  kind: string
  manager: string
  subresource: string
  force: boolean
  /** RFC 3339, whole seconds. */
  now: string
  versions: Versions
  /** The object that has nothing in it. */
  zero: Plain
}

export interface AppliedObject {
  /** Not decoded or defaulted yet; without managedFields. */
  object: Plain
  managedFields: ManagedFieldsEntry[] | undefined
}

/** `live` is canonical, or undefined where there is no such object yet. Throws ApiError 400, 409 and 500. */
export function serverSideApply(live: Plain | undefined, config: Plain, request: ApplyRequest): AppliedObject {
  const { versions } = request
  checkConfiguration(config, request)
  const { entries, object } = withoutManagedFields(live ?? request.zero)
  const owner: Owner = { manager: request.manager, operation: 'Apply', apiVersion: versions.apiVersion, subresource: request.subresource }
  const ownership = entries.length > 0 ? ownershipOf(entries) : beforeFirstApply(object, owner, request)
  const apply: Apply = { live: object, config, owner, force: request.force, now: request.now, versions }
  const applied = applied409(ownership, apply)
  const next = { ...(applied.object ?? object) }
  if (isKubectl(request.manager)) refreshLastApplied(next, config)
  return { object: next, managedFields: entriesOf(applied.ownership) }
}

function checkConfiguration(config: Plain, request: ApplyRequest): void {
  const { kind, versions } = request
  const found = { apiVersion: own(config, 'apiVersion'), kind: own(config, 'kind') }
  if (found.apiVersion !== versions.apiVersion || found.kind !== kind) throw badRequest(`invalid object type: ${printKind(found)}`)
  const metadata = own(config, 'metadata')
  const faults = faultsOf(versions.type, config)
  const hasFields = isPlain(metadata) && (own(metadata, 'managedFields') ?? null) !== null
  // entries of wrong types are as good as none to upstream, until it looks at types
  if (hasFields && faults?.includes('.metadata.managedFields') !== true) throw badRequest('metadata.managedFields must be nil')
  if (faults !== undefined) throw new ApiError(500, '', `failed to create typed patch object (${printName(config)}): ${faults}`)
}

/** Go's GroupVersionKind as text: `apps/v1, Kind=Deployment`. */
export function printKind({ apiVersion, kind }: { apiVersion?: unknown; kind?: unknown }): string {
  const version = typeof apiVersion === 'string' ? apiVersion : ''
  const parts = version.split('/')
  const known = parts.length > 2 ? '/' : parts.length === 2 ? version : `/${version}`
  return `${known}, Kind=${typeof kind === 'string' ? kind : ''}`
}

/** The object that a configuration names, with its kind. */
export function printName(config: Plain): string {
  const metadata = own(config, 'metadata')
  const text = (key: string): string => {
    const value = isPlain(metadata) ? own(metadata, key) : undefined
    return typeof value === 'string' ? value : ''
  }
  return `${text('namespace')}/${text('name')}; ${printKind({ apiVersion: config['apiVersion'], kind: config['kind'] })}`
}

function withoutManagedFields(live: Plain): { entries: readonly ManagedFieldsEntry[]; object: Plain } {
  const { managedFields, ...metadata } = (live['metadata'] ?? {}) as Plain
  return { entries: (managedFields ?? []) as ManagedFieldsEntry[], object: { ...live, metadata } }
}

/** An object whose fields nobody tracks: all that is there belongs to one manager. */
function beforeFirstApply(live: Plain, owner: Owner, { now, versions, zero }: ApplyRequest): Ownership {
  const before: Owner = { ...owner, manager: 'before-first-apply', operation: 'Update' }
  return trackUpdate(new Map(), { live: zero, next: live, owner: before, now, versions })
}

/** Throws ApiError 409. */
function applied409(ownership: Ownership, apply: Apply): Applied {
  try {
    return applyConfiguration(ownership, apply)
  } catch (error) {
    if (error instanceof BadItem) throw new ApiError(500, '', error.message)
    if (!(error instanceof ApplyConflicts)) throw error
    if (!isKubectl(apply.owner.manager)) throw error.toApiError()
    const left = error.except(fieldsOfLastApplied(apply.versions.type, apply.live, apply.versions.apiVersion))
    if (left !== undefined) throw left.toApiError()
    return applyConfiguration(ownership, { ...apply, force: true })
  }
}
