/** One operation of a path, in the form of OpenAPI version 3, with upstream's ids, tags and x-kubernetes keys. */
import { parameter } from './openapi-parameters.ts'
import type { Definitions, Gvk, Schema } from './openapi-schemas.ts'
import type { Resource } from './resource.ts'

/** What all operations of a resource share. */
export interface Context {
  definitions: Definitions
  resource: Resource
  /** `CoreV1`, `AppsV1`. */
  owner: string
  tag: string
  /** Media types of answers. */
  types: readonly string[]
}

export const bodyTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const streamTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
export const listTypes = [...bodyTypes, ...streamTypes]
/** Custom resources have no protobuf form. */
export const customTypes = ['application/json', 'application/yaml']

const reasons: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 401: 'Unauthorized' }

const content = (schema: Schema, types: readonly string[]): Schema => Object.fromEntries(types.map((type) => [type, { schema }]))

export function responses(schema: Schema, codes: readonly number[], types: readonly string[]): Schema {
  const answers = codes.map((code) => [String(code), { description: reasons[code], content: content(schema, types) }])
  return Object.fromEntries([...answers, ['401', { description: reasons[401] }]]) as Schema
}

/** Request media types as version 2 names them where there is no body; version 3 does not say them. */
export const consumesOf = new WeakMap<Schema, readonly string[]>()

export interface Operation {
  id: string
  action: string
  description: string
  gvk: Gvk
  answer: Schema
  codes: readonly number[]
  types?: readonly string[]
  parameters?: readonly Schema[]
  body?: { schema: Schema; types?: readonly string[]; required: boolean }
}

export function operation(context: Pick<Context, 'tag' | 'types'>, op: Operation): Schema {
  const { body } = op
  const made = {
    tags: [context.tag],
    description: op.description,
    operationId: op.id,
    ...(op.parameters === undefined ? {} : { parameters: op.parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { content: content(body.schema, body.types ?? ['*/*']), ...(body.required ? { required: true } : {}) } }),
    responses: responses(op.answer, op.codes, op.types ?? context.types),
    'x-kubernetes-action': op.action,
    'x-kubernetes-group-version-kind': op.gvk,
  }
  if (body === undefined && context.types === customTypes) consumesOf.set(made, customTypes)
  return made
}

export const gvkOf = (resource: Resource): Gvk => ({ group: resource.group, version: resource.version, kind: resource.kind })

export const article = (kind: string): string => (/^[AEIOU]/.test(kind) ? 'an' : 'a')

export const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** Where parameters stand for a whole path. */
export const sortedParameters = (parameters: readonly Schema[]): Schema[] =>
  parameters.toSorted((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1))

export function pathParameters(resource: Pick<Resource, 'scope'>, named: boolean): Schema[] {
  return [
    ...(named ? [parameter('name', true)] : []),
    ...(resource.scope === 'Namespaced' ? [parameter('namespace', true)] : []),
    parameter('pretty'),
  ]
}

/** `rbacAuthorization`, `crdlabExampleCom`; `core` for the group without a name. */
export function groupWord(group: string): string {
  const [first = '', ...rest] = (group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')).split('.')
  return first + rest.map(capitalised).join('')
}
