/** OpenAPI documents: version 3 per group version, version 2 as a whole, both derived from the resource values and their field trees. */

import { tokenRequestSchema } from './authentication/token-request.ts'
import { scaleSchema } from './autoscaling/scale.ts'
import { bindingSchema } from './core/binding.ts'
import { listMetaSchema } from './meta/list-meta.ts'
import { deleteOptionsSchema } from './meta/options.ts'
import { apiResourceListSchema, statusSchema, watchEventSchema } from './meta/wire-kinds.ts'
import { pathsOf } from './openapi-paths.ts'
import { Definitions, type Dialect, type Gvk, type Schema } from './openapi-schemas.ts'
import { evictionSchema } from './policy/eviction.ts'
import type { Resource } from './resource.ts'
import { type GroupVersion, groupVersions, listKindOf } from './scheme.ts'
import { treeOf } from './tree.ts'

const bearer = { BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' } }
const info = { title: 'Kubernetes', version: '1.35' }

const listNameOf = (resource: Resource): string => {
  const { name } = treeOf(resource.schema)
  return name.slice(0, name.lastIndexOf('.') + 1) + listKindOf(resource)
}

/** Which definitions are kinds; options and events are registered in every group version. */
function kindsByDefinition(): ReadonlyMap<string, readonly Gvk[]> {
  const found = new Map<string, Gvk[]>()
  const add = (name: string, gvk: Gvk): void => {
    found.set(name, [...(found.get(name) ?? []), gvk])
  }
  for (const { group, version, resources } of groupVersions) {
    for (const resource of resources) {
      add(treeOf(resource.schema).name, { group, kind: resource.kind, version })
      add(listNameOf(resource), { group, kind: listKindOf(resource), version })
    }
    add(treeOf(deleteOptionsSchema).name, { group, kind: 'DeleteOptions', version })
    add(treeOf(watchEventSchema).name, { group, kind: 'WatchEvent', version })
  }
  add(treeOf(scaleSchema).name, { group: 'autoscaling', kind: 'Scale', version: 'v1' })
  add(treeOf(evictionSchema).name, { group: 'policy', kind: 'Eviction', version: 'v1' })
  add(treeOf(tokenRequestSchema).name, { group: 'authentication.k8s.io', kind: 'TokenRequest', version: 'v1' })
  add(treeOf(bindingSchema).name, { group: '', kind: 'Binding', version: 'v1' })
  add(treeOf(statusSchema).name, { group: '', kind: 'Status', version: 'v1' })
  add(treeOf(apiResourceListSchema).name, { group: '', kind: 'APIResourceList', version: 'v1' })
  return found
}

function addList(definitions: Definitions, resource: Resource, dialect: Dialect): void {
  const element = definitions.ref(treeOf(resource.schema))
  const listMeta = definitions.ref(treeOf(listMetaSchema))
  const wrapped = (reference: Schema): Schema => (dialect === 'v2' ? reference : { default: {}, allOf: [reference] })
  definitions.add(listNameOf(resource), {
    description: `A list of ${resource.kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { description: 'Group and version of the schema of this object.', type: 'string' },
      items: { description: `The ${resource.plural}.`, type: 'array', items: wrapped(element) },
      kind: { description: 'Kind of this object, CamelCase.', type: 'string' },
      metadata: { description: 'Metadata of the list.', ...wrapped(listMeta) },
    },
  })
}

function definitionsFor(dialect: Dialect, resources: readonly Resource[]): Definitions {
  const definitions = new Definitions(dialect, kindsByDefinition())
  for (const resource of resources) addList(definitions, resource, dialect)
  definitions.ref(treeOf(watchEventSchema))
  return definitions
}

const sorted = (schemas: Readonly<Record<string, Schema>>): Record<string, Schema> =>
  Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)))

/** The document behind `/openapi/v3/api/v1` and its like. */
export function openApiV3(groupVersion: GroupVersion): Schema {
  const definitions = definitionsFor('v3', groupVersion.resources)
  const paths = pathsOf(groupVersion, definitions)
  return { openapi: '3.0.0', info, paths, components: { schemas: sorted(definitions.schemas), securitySchemes: bearer } }
}

/** `api/v1`, `apis/apps/v1`: the name of a group version's document in the index. */
export const openApiPathOf = ({ group, version }: Pick<GroupVersion, 'group' | 'version'>): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`

/** The index behind `/openapi/v3`; `hashOf` gives the hash of a document's bytes, so that clients may keep it. */
export function openApiIndex(hashOf: (path: string) => string): Schema {
  const paths = groupVersions.map((groupVersion) => {
    const path = openApiPathOf(groupVersion)
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(path)}` }]
  })
  return { paths: Object.fromEntries(paths) as Schema }
}

/** The document behind `/openapi/v2`. */
export function openApiV2(): Schema {
  const definitions = definitionsFor(
    'v2',
    groupVersions.flatMap((groupVersion) => groupVersion.resources),
  )
  const paths: Record<string, Schema> = {}
  for (const groupVersion of groupVersions) Object.assign(paths, pathsOf(groupVersion, definitions))
  return {
    swagger: '2.0',
    info,
    paths: Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, swaggerPath(item)])),
    definitions: sorted(definitions.schemas),
    securityDefinitions: bearer,
    security: [{ BearerToken: [] }],
  }
}

function swaggerPath(item: Schema): Schema {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      key,
      key === 'parameters' ? (value as Schema[]).map(swaggerParameter) : swaggerOperation(value as Schema),
    ]),
  )
}

/** Version 2 has a parameter's type beside its name, and the body among the parameters. */
function swaggerParameter({ schema, ...rest }: Schema): Schema {
  return { ...(schema as Schema), ...rest }
}

interface Body {
  content: Record<string, { schema: Schema }>
  required?: boolean
}

function swaggerOperation(operation: Schema): Schema {
  const { requestBody, parameters, responses, ...rest } = operation
  const body = requestBody as Body | undefined
  const query = ((parameters ?? []) as Schema[]).map(swaggerParameter)
  const schema = body === undefined ? undefined : Object.values(body.content)[0]?.schema
  const first = schema === undefined ? [] : [{ name: 'body', in: 'body', ...(body?.required === true ? { required: true } : {}), schema }]
  const answers = Object.entries(responses as Record<string, { description: string; content?: Body['content'] }>)
  const produced = new Set(answers.flatMap(([, answer]) => Object.keys(answer.content ?? {})))
  return {
    ...rest,
    consumes: body === undefined ? ['*/*'] : Object.keys(body.content),
    produces: [...produced],
    schemes: ['https'],
    ...(first.length + query.length === 0 ? {} : { parameters: [...first, ...query] }),
    responses: Object.fromEntries(
      answers.map(([code, { description, content }]) => [
        code,
        { description, ...(content === undefined ? {} : { schema: Object.values(content)[0]?.schema }) },
      ]),
    ),
  }
}
