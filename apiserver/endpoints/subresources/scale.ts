/** The scale subresource: a view of replicas and selector that every scalable kind shares. */
import type { z } from 'zod'
import { type Scale, scaleSchema } from '#api/autoscaling/scale.ts'
import { canonical } from '#api/canonical.ts'
import { invalid } from '#api/meta/field-error.ts'
import { badRequest, conflict, invalidError, notFoundError } from '#api/meta/status.ts'
import type { KubeObject, Resource, ScaleRules } from '#api/resource.ts'
import { decodeKind } from '#apiserver/endpoints/decode.ts'
import type { Answer, ApiRequest } from '#apiserver/endpoints/exchange.ts'
import { patchFor } from '#apiserver/endpoints/patch.ts'
import type { Methods } from '#apiserver/endpoints/resource-routes.ts'
import { refOfRequest, writerOf } from '#apiserver/endpoints/write.ts'
import { bodyTypeOf } from '#apiserver/filters/negotiation.ts'
import { writeOptions } from '#apiserver/registry/options.ts'
import type { Registry } from '#apiserver/registry/registry.ts'

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

export function scaleMethods(registry: Registry, rules: ScaleRules<KubeObject>): Methods {
  return {
    async GET(resource, request) {
      const ref = refOfRequest(resource, request)
      const current = await registry.store.current(resource, ref, 'consistent')
      if (!current) throw notFoundError(resource, ref.name)
      return { status: 200, object: scaleOf(current.object, rules) }
    },
    PUT(resource, request) {
      const options = writeOptions(request.info.query, 'UpdateOptions')
      const scale = decodeKind(request, expected, { validation: options.fieldValidation, warn: request.warn })
      return change({ registry, rules, dryRun: options.dryRun }, resource, request, () => scale)
    },
    PATCH(resource, request) {
      const options = writeOptions(request.info.query, 'PatchOptions')
      const type = bodyTypeOf(request.headers['content-type'])
      const apply = patchFor(expected, { type, body: request.body, validation: options.fieldValidation, warn: request.warn })
      return change({ registry, rules, dryRun: options.dryRun }, resource, request, apply)
    },
  }
}

interface Deps {
  registry: Registry
  rules: ScaleRules<KubeObject>
  dryRun: boolean
}

async function change(deps: Deps, resource: Resource, request: ApiRequest, next: (prev: Scale) => Scale): Promise<Answer> {
  const ref = refOfRequest(resource, request)
  const saved = await deps.registry.update(
    {
      resource,
      ref,
      subresource: 'scale',
      retries: true,
      change: (prev) => {
        if (!prev) throw notFoundError(resource, ref.name)
        const scale = next(scaleOf(prev, deps.rules))
        checkScale(resource, prev, scale)
        return deps.rules.setReplicas(prev, scale.spec?.replicas ?? 0)
      },
    },
    writerOf(resource, request, deps.dryRun),
  )
  return { status: 200, object: scaleOf(saved.object, deps.rules) }
}

function checkScale(resource: Resource, prev: KubeObject, scale: Scale): void {
  const name = prev.metadata.name ?? ''
  const { metadata } = scale
  if (metadata.name && metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  if (metadata.uid && metadata.uid !== prev.metadata.uid)
    throw conflict(resource, name, `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${prev.metadata.uid}`)
  if (metadata.resourceVersion && metadata.resourceVersion !== prev.metadata.resourceVersion)
    throw conflict(resource, name, 'the object has been modified; please apply your changes to the latest version and try again')
  const replicas = scale.spec?.replicas ?? 0
  if (replicas >= 0) return
  throw invalidError({ group: 'autoscaling', plural: 'scales', kind: 'Scale' }, name, [
    invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
  ])
}
