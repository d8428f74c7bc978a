/** URL paths of resources and query strings of the common options. */
import type { KubeObject, Resource } from '#api/resource.ts'

/** What a client must know of a kind. A Resource is one; a kind found by discovery is one without a schema. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  group: string
  version: string
  kind: string
  plural: string
  scope: 'Namespaced' | 'Cluster'
  schema?: Resource<T>['schema']
}

/** Names one object. */
export interface Ref {
  namespace?: string | undefined
  name: string
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** `/api/v1/namespaces/ns/pods/name/status?…`; without a name the collection, without a namespace that of all namespaces. */
export function resourcePath(
  type: ResourceType<never> | ResourceType,
  ref: { namespace?: string | undefined; name?: string | undefined },
  subresource?: string,
  query?: Query,
): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`
  const namespace = type.scope === 'Namespaced' && ref.namespace ? `/namespaces/${encodeURIComponent(ref.namespace)}` : ''
  const name = ref.name === undefined ? '' : `/${encodeURIComponent(ref.name)}`
  return `${root}${namespace}/${type.plural}${name}${subresource ? `/${subresource}` : ''}${queryText(query)}`
}

export function queryText(query: Query | undefined): string {
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === '' || value === false) continue
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(key, String(one))
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

/** The key of an object in informers and queues: `namespace/name`, or `name` for cluster-scoped kinds. */
export function keyOf(object: { metadata: { namespace?: string | undefined; name?: string | undefined } }): string {
  const { namespace, name = '' } = object.metadata
  return namespace ? `${namespace}/${name}` : name
}

export function refOfKey(key: string): Ref {
  const slash = key.indexOf('/')
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

export function refOf(object: { metadata: { namespace?: string | undefined; name?: string | undefined } }): Ref {
  const { namespace, name = '' } = object.metadata
  return namespace ? { namespace, name } : { name }
}
