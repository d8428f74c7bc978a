/** Handlers of create, update, patch and delete for every kind: they decode, then walk the registry's one road. */
import { clone } from '#api/clone.ts'
import type { DeleteOptions } from '#api/meta/options.ts'
import { badRequest, conflict } from '#api/meta/status.ts'
import type { KubeObject, Resource, SubresourceRules } from '#api/resource.ts'
import { type Authorizer, forbiddenRequest } from '#apiserver/authorization/authorizer.ts'
import { bodyTypeOf } from '#apiserver/filters/negotiation.ts'
import { deletedStatus } from '#apiserver/registry/deletion.ts'
import { createsOnUpdate, returnsDeleted } from '#apiserver/registry/kinds.ts'
import { managerOf } from '#apiserver/registry/managed-fields.ts'
import { applyOptions, checkDeleteOptions, deleteOptionsOfQuery, isDryRun, writeOptions } from '#apiserver/registry/options.ts'
import { dropDuplicateOwners } from '#apiserver/registry/owner-references.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { Saved, Writer } from '#apiserver/registry/write-context.ts'
import type { Ref } from '#apiserver/storage/keys.ts'
import { applied, applyType, parseConfiguration } from './apply-patch.ts'
import { decodeBody, decodeOptions } from './decode.ts'
import type { Answer, ApiRequest } from './exchange.ts'
import { patchChange } from './patch.ts'
import { inForm } from './written-form.ts'

export interface SubresourceTarget {
  name: string
  rules: SubresourceRules<KubeObject>
}

export const refOfRequest = (resource: Resource, request: ApiRequest): Ref =>
  resource.scope === 'Namespaced' ? { namespace: request.info.namespace, name: request.info.name } : { name: request.info.name }

export const writerOf = (resource: Resource, request: ApiRequest, dryRun: boolean): Writer => ({
  user: request.user,
  dryRun,
  namespace: resource.scope === 'Namespaced' ? request.info.namespace : '',
  fieldManager: managerOf(request.info.query.get('fieldManager'), request.headers['user-agent']),
  warn: request.warn,
})

const answerOf = (saved: Saved, resource: Resource, request: ApiRequest): Answer =>
  inForm({ status: saved.created ? 201 : 200, bytes: saved.bytes, schema: resource.schema }, resource, request)

export class WriteHandlers {
  readonly #registry: Registry
  readonly #authorizer: Authorizer

  constructor(registry: Registry, authorizer: Authorizer) {
    this.#registry = registry
    this.#authorizer = authorizer
  }

  /** Who makes an object by PUT or apply needs the permission to create it as well. */
  #mayCreate(request: ApiRequest): { mayCreate(): Promise<void> } {
    return {
      mayCreate: async () => {
        const attributes = { ...request.info, verb: 'create' }
        const { allowed, reason } = await this.#authorizer.authorize(request.user, attributes)
        if (!allowed) throw forbiddenRequest(request.user, attributes, reason)
      },
    }
  }

  async create(resource: Resource, request: ApiRequest): Promise<Answer> {
    const options = writeOptions(request.info.query, 'CreateOptions')
    const object = decodeBody(resource, request, { validation: options.fieldValidation, warn: request.warn })
    dropDuplicateOwners(object.metadata, 'sent', request.warn)
    return answerOf(await this.#registry.create(resource, object, writerOf(resource, request, options.dryRun)), resource, request)
  }

  async update(resource: Resource, request: ApiRequest, target?: SubresourceTarget): Promise<Answer> {
    const options = writeOptions(request.info.query, 'UpdateOptions')
    const ref = refOfRequest(resource, request)
    const object = decodeBody(resource, request, { validation: options.fieldValidation, warn: request.warn })
    checkName(object, ref.name)
    dropDuplicateOwners(object.metadata, 'sent', request.warn)
    const saved = await this.#registry.update(
      {
        resource,
        ref,
        subresource: target?.name ?? '',
        uid: object.metadata.uid,
        retries: object.metadata.resourceVersion === undefined,
        change: () => clone(object),
        ...(createsOnUpdate(resource) ? this.#mayCreate(request) : {}),
        ...(target ? { rules: target.rules } : {}),
      },
      writerOf(resource, request, options.dryRun),
    )
    return answerOf(saved, resource, request)
  }

  async patch(resource: Resource, request: ApiRequest, target?: SubresourceTarget): Promise<Answer> {
    if (bodyTypeOf(request.headers['content-type']) === applyType) return await this.#apply(resource, request, target)
    const options = writeOptions(request.info.query, 'PatchOptions')
    const ref = refOfRequest(resource, request)
    const change = patchChange(resource, ref.name, {
      type: bodyTypeOf(request.headers['content-type']),
      body: request.body,
      validation: options.fieldValidation,
      warn: request.warn,
    })
    const saved = await this.#registry.update(
      {
        resource,
        ref,
        subresource: target?.name ?? '',
        retries: true,
        leavesPrev: true,
        change: (prev) => {
          const next = change(prev)
          checkName(next, ref.name)
          return next
        },
        ...(target ? { rules: target.rules } : {}),
      },
      writerOf(resource, request, options.dryRun),
    )
    return answerOf(saved, resource, request)
  }

  async #apply(resource: Resource, request: ApiRequest, target?: SubresourceTarget): Promise<Answer> {
    const registry = this.#registry
    const asked = applyOptions(request.info.query)
    const ref = refOfRequest(resource, request)
    const configuration = parseConfiguration(request.body)
    const subresource = target?.name ?? ''
    const { fieldManager: manager, fieldValidation: validation, force } = asked
    const options = { configuration, manager, force, subresource, validation, now: registry.now(), warn: request.warn }
    const change = async (prev: KubeObject | undefined): Promise<KubeObject> => {
      const next = await applied(registry.managedFields, resource, prev, options)
      if (prev === undefined && next.metadata.uid) throw conflict(resource, ref.name, uidMismatch(next.metadata.uid))
      checkName(next, ref.name)
      return next
    }
    const saved = await registry.update(
      {
        resource,
        ref,
        subresource,
        retries: true,
        settlesFields: true,
        ...this.#mayCreate(request),
        change,
        ...(target ? { rules: target.rules } : {}),
      },
      writerOf(resource, request, asked.dryRun),
    )
    return answerOf(saved, resource, request)
  }

  async delete(resource: Resource, request: ApiRequest): Promise<Answer> {
    const options = deleteOptionsOf(request)
    warnOfDependents(resource, request, options)
    const writer = writerOf(resource, request, isDryRun(options))
    const saved = await this.#registry.delete(resource, refOfRequest(resource, request), options, writer)
    return inForm(deletedAnswer(resource, saved, options), resource, request)
  }
}

/** The object where it stays (or where the kind returns it), a Status where it is gone; 202 only for an old option that upstream kept. */
function deletedAnswer(resource: Resource, saved: Saved, { orphanDependents }: DeleteOptions): Answer {
  const status = !saved.deleted && orphanDependents === false ? 202 : 200
  if (!saved.deleted || returnsDeleted(resource)) return { status, bytes: saved.bytes, schema: resource.schema }
  return { status: 200, object: deletedStatus(resource, saved.object) }
}

/** Where dependents stay and nobody said whether they shall. */
export function warnOfDependents(resource: Resource, request: ApiRequest, { propagationPolicy, orphanDependents }: DeleteOptions): void {
  if (resource.orphansWarning !== undefined && propagationPolicy === undefined && orphanDependents === undefined) {
    request.warn(resource.orphansWarning)
  }
}

/** DeleteOptions of the body, or of the query where there is no body. Throws 400, 415, 422. */
export function deleteOptionsOf(request: ApiRequest): DeleteOptions {
  const options = request.body.length > 0 ? decodeOptions(request) : deleteOptionsOfQuery(request.info.query)
  checkDeleteOptions(options)
  return options
}

const uidMismatch = (uid: string): string => `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`

function checkName(object: KubeObject, name: string): void {
  if (!object.metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (object.metadata.name !== name)
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`)
}
