/** What our write path makes of a new object, without a server: decode, default, canonicalise, prepare, validate. */
import { canonical } from '#api/canonical.ts'
import { decodeValue } from '#api/decode.ts'
import { applyDefaults } from '#api/defaulting.ts'
import type { FieldError } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { validateFinalizers, validateObjectMeta, validateObjectMetaUpdate } from '#api/validation/object-meta.ts'
import { countsGenerations } from '#apiserver/registry/system-metadata.ts'

export interface Answer {
  object?: KubeObject
  causes: readonly FieldError[]
  warnings: readonly string[]
}

function defaulted(resource: Resource, object: Record<string, unknown>): KubeObject {
  const { object: decoded } = decodeValue(object, { ...resource, schema: resource.schema })
  const filled = applyDefaults(decoded, resource.schema)
  return canonical(resource.defaults?.(filled) ?? filled, resource.schema)
}

export function create(resource: Resource, object: Record<string, unknown>, admit: (next: KubeObject) => KubeObject): Answer {
  let next = canonical(admit(defaulted(resource, object)), resource.schema)
  Object.assign(next.metadata, { uid: 'uid-of-ours', creationTimestamp: '2024-01-01T00:00:00Z' })
  next = resource.prepare?.(next, undefined) ?? next
  if (countsGenerations(resource, next)) next.metadata.generation = 1
  const { validateName } = resource
  const rules = {
    namespaced: resource.scope === 'Namespaced',
    ...(validateName && { validateName: (name: string) => validateName.call(resource, name) }),
  }
  const causes = [...validateObjectMeta(next.metadata, rules), ...(resource.validate?.(next, undefined) ?? [])]
  const warnings = resource.warnings?.(next, undefined) ?? []
  return causes.length > 0 ? { causes, warnings } : { object: canonical(next, resource.schema), causes, warnings }
}

const specOf = (object: KubeObject): unknown => (object as { spec?: unknown }).spec

/** The main resource never changes the status where that is written on its own. */
function keepStatus(resource: Resource, next: KubeObject, prev: KubeObject): void {
  const { status } = prev as { status?: unknown }
  if (resource.subresources?.['status'] && status !== undefined) Object.assign(next, { status: structuredClone(status) })
}

/** An update of the main resource or of one of its parts. */
export function update(resource: Resource, object: Record<string, unknown>, prev: KubeObject, subresource: string): Answer {
  let next = defaulted(resource, object)
  const rules = subresource === '' ? undefined : resource.subresources?.[subresource]
  if (prev.metadata.generation !== undefined) next.metadata.generation = prev.metadata.generation
  if (!rules) keepStatus(resource, next, prev)
  next = rules ? rules.prepare(next, prev, new Date()) : (resource.prepare?.(next, prev) ?? next)
  if (!rules && countsGenerations(resource, next) && !sameValue(specOf(next), specOf(prev))) {
    next.metadata.generation = (prev.metadata.generation ?? 0) + 1
  }
  const own = rules ? rules.validate?.(next, prev, new Date()) : resource.validate?.(next, prev)
  const causes = [
    ...validateFinalizers(next.metadata.finalizers, 'metadata.finalizers'),
    ...validateObjectMetaUpdate(next.metadata, prev.metadata),
    ...(own ?? []),
  ]
  const warnings = (rules ? undefined : resource.warnings?.(next, prev)) ?? []
  return causes.length > 0 ? { causes, warnings } : { object: canonical(next, resource.schema), causes, warnings }
}
