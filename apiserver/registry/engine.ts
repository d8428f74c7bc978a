/** The write road's view of the resource model's engines: defaults, canonical form, equality, bytes. */
import { canonical } from '#api/canonical.ts'
import { applyDefaults } from '#api/defaulting.ts'
import { sameJson } from '#api/own.ts'
import { apiVersionOf, type KubeObject, type Resource } from '#api/resource.ts'
import { storedBytesOf, withVersion } from '#apiserver/cache/entry.ts'

/** Static defaults, then dependent ones; may change its argument. */
export function withDefaults(resource: Resource, object: KubeObject): KubeObject {
  const filled = applyDefaults(object, resource.schema)
  return resource.defaults?.(filled) ?? filled
}

/** The one form in which an object is stored, compared and answered. */
export const canonicalOf = (resource: Resource, object: KubeObject): KubeObject => canonical(object, resource.schema)

/** Whether two canonical objects are the same; what came from the store has its keys in another order. */
export const sameObjects = (a: KubeObject, b: KubeObject): boolean => sameJson(a, b)

/** The form that rules look at: lists that were written with nothing in them are there. */
export const writtenOf = (resource: Resource, object: KubeObject): KubeObject => canonical(object, resource.schema, 'kept')

/** The form that is looked at for owners of fields: what Go's JSON says of the object before storage has seen it. */
export const sentOf = (resource: Resource, object: KubeObject): KubeObject =>
  canonical(object, resource.schema, 'kept where always written')

/** JSON as it is sent; with the resourceVersion, if there is one yet (a dry-run creation has none). */
export function bytesOf(resource: Resource, object: KubeObject, revision?: number): Buffer {
  const value = storedBytesOf(resource, object)
  if (revision === undefined) return value
  const head = `{"kind":${JSON.stringify(resource.kind)},"apiVersion":${JSON.stringify(apiVersionOf(resource))},`
  return withVersion(value, Buffer.byteLength(head), revision).bytes
}
