/** The scale subresource: a view of replicas and selector that every scalable kind shares. */
import type { z } from 'zod'
import { fieldsFromScale, fieldsOfScale, pathOfFields, type ReplicasPaths } from '#api/apply/scale-fields.ts'
import { type Scale, scaleSchema } from '#api/autoscaling/scale.ts'
import { canonical } from '#api/canonical.ts'
import { clone } from '#api/clone.ts'
import { applyDefaults } from '#api/defaulting.ts'
import { invalid } from '#api/meta/field-error.ts'
import { goQuote } from '#api/meta/go-quote.ts'
import { badRequest, conflict, internalError, invalidError, notFoundError } from '#api/meta/status.ts'
import { apiVersionOf, type KubeObject, type Resource, type ScaleRules } from '#api/resource.ts'
import { applied, applyType, parseConfiguration } from '#apiserver/endpoints/apply-patch.ts'
import { decodeKind } from '#apiserver/endpoints/decode.ts'
import type { Answer, ApiRequest } from '#apiserver/endpoints/exchange.ts'
import { patchFor } from '#apiserver/endpoints/patch.ts'
import type { Methods } from '#apiserver/endpoints/resource-routes.ts'
import { refOfRequest, writerOf } from '#apiserver/endpoints/write.ts'
import { bodyTypeOf } from '#apiserver/filters/negotiation.ts'
import { applyOptions, writeOptions } from '#apiserver/registry/options.ts'
import { otherUid } from '#apiserver/registry/other-uid.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { Writer } from '#apiserver/registry/write-context.ts'
import type { Ref } from '#apiserver/storage/keys.ts'

/** Stands for a number that is not there, while a client changes the scale. */
const UNSET = -2147483648

const schema = scaleSchema as unknown as z.ZodType<Scale>
const expected = { group: 'autoscaling', version: 'v1', kind: 'Scale', schema }

export function scaleOf(object: KubeObject, rules: ScaleRules<KubeObject>): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = rules.selector(object)
  const scale = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: rules.replicas(object) },
    status: { replicas: rules.statusReplicas(object), ...(selector === '' ? {} : { selector }) },
  } as Scale
  return canonical(scale, schema)
}

/** Scale as a kind of its own, whose managed fields are tracked like any other's. */
const Scales: Resource = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: 'scales',
  scope: 'Namespaced',
  schema: schema as unknown as Resource['schema'],
  columns: [],
}

export function scaleMethods(registry: Registry, rules: ScaleRules<KubeObject>): Methods {
  return {
    async GET(resource, request) {
      const ref = refOfRequest(resource, request)
      const current = await registry.store.current(resource, ref, 'consistent')
      if (!current) throw notFoundError(resource, ref.name)
      const missing = rules.missing?.(current.object)
      if (missing !== undefined) throw internalError(`the spec replicas field ${goQuote(missing)} does not exist`)
      return { status: 200, object: scaleOf(current.object, rules) }
    },
    PUT(resource, request) {
      const options = writeOptions(request.info.query, 'UpdateOptions')
      const scale = decodeKind(request, expected, { validation: options.fieldValidation, warn: request.warn })
      const writer = writerOf(resource, request, options.dryRun)
      return change(
        { registry, rules, writer },
        resource,
        request,
        tracked(registry, writer, () => clone(scale)),
      )
    },
    PATCH(resource, request) {
      const type = bodyTypeOf(request.headers['content-type'])
      if (type === applyType) return applyScale(registry, rules, resource, request)
      const options = writeOptions(request.info.query, 'PatchOptions')
      const apply = patchFor(expected, { type, body: request.body, validation: options.fieldValidation, warn: request.warn })
      const writer = writerOf(resource, request, options.dryRun)
      return change({ registry, rules, writer }, resource, request, tracked(registry, writer, apply))
    },
  }
}

function applyScale(registry: Registry, rules: ScaleRules<KubeObject>, resource: Resource, request: ApiRequest): Promise<Answer> {
  const { fieldManager: manager, fieldValidation: validation, force, dryRun } = applyOptions(request.info.query)
  const configuration = parseConfiguration(request.body)
  const options = { configuration, manager, force, subresource: 'scale', validation, now: registry.now(), warn: request.warn }
  const apply = async (prev: Scale): Promise<Scale> =>
    (await applied(registry.managedFields, Scales, prev as unknown as KubeObject, options)) as unknown as Scale
  return change({ registry, rules, writer: writerOf(resource, request, dryRun) }, resource, request, apply)
}

/** A change of the scale after which its managedFields are up to date. */
const tracked =
  (registry: Registry, { fieldManager: manager = '' }: Writer, next: (prev: Scale) => Scale) =>
  async (prev: Scale): Promise<Scale> => {
    const scale = applyDefaults(next(prev), schema)
    const write = { resource: Scales, subresource: 'scale', manager, now: registry.now() }
    await registry.managedFields.update(scale as unknown as KubeObject, prev as unknown as KubeObject, write)
    return scale
  }

interface Deps {
  registry: Registry
  rules: ScaleRules<KubeObject>
  writer: Writer
}

async function change(deps: Deps, resource: Resource, request: ApiRequest, next: (prev: Scale) => Scale | Promise<Scale>): Promise<Answer> {
  const { registry, rules, writer } = deps
  const ref = refOfRequest(resource, request)
  const apiVersion = apiVersionOf(resource)
  const path = pathOfFields(rules.replicasPath ?? ['spec', 'replicas'])
  const paths: ReplicasPaths = (version) => (version === apiVersion ? path : undefined)
  const saved = await registry.update(
    {
      resource,
      ref,
      subresource: 'scale',
      retries: true,
      settlesFields: true,
      change: async (prev) => {
        if (!prev) throw notFoundError(resource, ref.name)
        const { managedFields, ...metadata } = prev.metadata
        const before = scaleOf(prev, rules)
        const owned = fieldsOfScale(managedFields, paths)
        if (owned !== undefined) before.metadata.managedFields = owned
        const missing = rules.missing?.(prev)
        if (missing !== undefined) before.spec = { ...before.spec, replicas: UNSET }
        const scale = await next(before)
        if (missing !== undefined && scale.spec?.replicas === UNSET)
          throw badRequest(`the spec replicas field ${goQuote(missing)} cannot be empty`)
        checkScale(resource, ref, prev, scale)
        if (rules.missing === undefined) checkReplicas(scale, ref.name)
        const entries = fieldsFromScale(managedFields, scale.metadata.managedFields, { apiVersion, paths })
        const parent = { ...prev, metadata: { ...metadata, ...(entries && { managedFields: entries }) } }
        return rules.setReplicas(parent, scale.spec?.replicas ?? 0)
      },
    },
    writer,
  )
  return { status: 200, object: scaleOf(saved.object, rules) }
}

function checkScale(resource: Resource, ref: Ref, prev: KubeObject, scale: Scale): void {
  const { name } = ref
  const { metadata } = scale
  if (!metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  if (metadata.uid && metadata.uid !== prev.metadata.uid)
    throw otherUid(resource, ref, { claimed: metadata.uid, stored: prev.metadata.uid })
  if (metadata.resourceVersion && metadata.resourceVersion !== prev.metadata.resourceVersion)
    throw conflict(resource, name, 'the object has been modified; please apply your changes to the latest version and try again')
}

/** Custom resources have rules of their own for the number. */
function checkReplicas(scale: Scale, name: string): void {
  const replicas = scale.spec?.replicas ?? 0
  if (replicas >= 0) return
  throw invalidError({ group: 'autoscaling', plural: 'scales', kind: 'Scale' }, name, [
    invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
  ])
}
