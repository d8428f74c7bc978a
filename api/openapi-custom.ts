/** Custom resources in OpenAPI: their structural schemas as definitions of both versions, and their paths. */
import type { JsonSchemaProps } from './apiextensions/json-schema.ts'
import { scaleSchema } from './autoscaling/scale.ts'
import { objectMetaSchema } from './meta/object-meta.ts'
import { deleteOptionsSchema } from './meta/options.ts'
import { statusSchema } from './meta/wire-kinds.ts'
import {
  article,
  type Context,
  capitalised,
  customTypes,
  gvkOf,
  type Operation,
  operation,
  pathParameters,
  sortedParameters,
} from './openapi-operation.ts'
import { deleteParameters, listParameters, parameter, patchParameters, writeParameters } from './openapi-parameters.ts'
import type { Definitions, Dialect, Schema } from './openapi-schemas.ts'
import type { Resource } from './resource.ts'
import { listKindOf } from './scheme.ts'
import { treeOf } from './tree.ts'

type Paths = Record<string, Schema>

const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']

/** The definition of a custom resource, as both versions publish it. */
export function customDefinition(resource: Resource, structural: JsonSchemaProps, definitions: Definitions, dialect: Dialect): Schema {
  const isOpen = structural['x-kubernetes-preserve-unknown-fields'] === true
  const schema = published(structural, dialect, definitions)
  const keys = { 'x-kubernetes-group-version-kind': [gvkOf(resource)], ...selectableKey(resource) }
  // Properties beside unknown ones would make version 2's readers refuse all others.
  if (dialect === 'v2' && isOpen) return { type: 'object', ...keys }
  return { ...schema, properties: { ...(schema['properties'] as Schema | undefined), ...metaProperties(definitions, dialect) }, ...keys }
}

/** Stands at a kind and at its list. */
export function selectableKey({ selectableFields = {} }: Resource): Schema {
  const fields = Object.keys(selectableFields).map((path) => ({ fieldPath: path }))
  return fields.length > 0 ? { 'x-kubernetes-selectable-fields': fields } : {}
}

function metaProperties(definitions: Definitions, dialect: Dialect): Schema {
  const metadata = definitions.ref(treeOf(objectMetaSchema))
  return {
    apiVersion: { description: 'APIVersion defines the group and the version in which this object is written.', type: 'string' },
    kind: { description: 'Kind of this object, CamelCase.', type: 'string' },
    metadata: { description: "Standard object's metadata.", ...(dialect === 'v2' ? metadata : { allOf: [metadata] }) },
  }
}

const dropped: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  v2: new Set(['allOf', 'anyOf', 'oneOf', 'not', 'nullable', 'default', 'example', 'externalDocs']),
  v3: new Set(['example', 'externalDocs']),
}

/** A structural schema as it is shown: version 2 knows neither junctors nor null, and its readers cannot cope with half-known objects. */
function published(schema: JsonSchemaProps, dialect: Dialect, definitions: Definitions): Schema {
  const shown: Schema = Object.fromEntries(Object.entries(schema).filter(([key]) => !dropped[dialect].has(key)))
  const { properties, items, additionalProperties } = schema
  const inner = (of: JsonSchemaProps): Schema => published(of, dialect, definitions)
  if (properties) shown['properties'] = Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, inner(of)]))
  if (items && !Array.isArray(items)) shown['items'] = inner(items)
  if (typeof additionalProperties === 'object') shown['additionalProperties'] = inner(additionalProperties)
  if (dialect === 'v2') forVersion2(shown, schema)
  else if (schema['x-kubernetes-int-or-string'] === true) unfold(shown)
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (schema['x-kubernetes-embedded-resource'] === true && !(dialect === 'v2' && isOpen)) {
    shown['properties'] = { ...(shown['properties'] as Schema | undefined), ...metaProperties(definitions, dialect) }
    shown['required'] = [...new Set([...((shown['required'] as string[] | undefined) ?? []), 'kind', 'apiVersion'])]
  }
  return shown
}

/** Says what int-or-string means where the author did not. */
function unfold(shown: Schema): void {
  const either = [{ type: 'integer' }, { type: 'string' }]
  if (shown['anyOf'] === undefined) shown['anyOf'] = either
  else if (JSON.stringify(shown['anyOf']) !== JSON.stringify(either))
    shown['allOf'] = [...((shown['allOf'] as Schema[] | undefined) ?? []), { anyOf: either }]
}

function forVersion2(shown: Schema, schema: JsonSchemaProps): void {
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (schema.nullable === true || isOpen) {
    delete shown['items']
    delete shown['properties']
  }
  if (schema.nullable === true || (isOpen && shown['type'] === 'object') || (shown['type'] === 'array' && !shown['items']))
    delete shown['type']
  const nullable = Object.entries(schema.properties ?? {}).flatMap(([name, of]) => (of.nullable === true ? [name] : []))
  const required = (schema.required ?? []).filter((name) => !nullable.includes(name))
  if (schema.required && nullable.length > 0 && shown['properties']) shown['required'] = required
  if ((shown['required'] as string[] | undefined)?.length === 0) delete shown['required']
}

/** Fewer media types than built-in kinds have, no strategic merge, no watch paths. */
export function customPaths(given: Context, root: string): Paths {
  const context = { ...given, types: customTypes }
  const { resource, definitions, owner } = context
  const namespaced = resource.scope === 'Namespaced'
  const scope = namespaced ? 'Namespaced' : ''
  const collection = namespaced ? `${root}/namespaces/{namespace}/${resource.plural}` : `${root}/${resource.plural}`
  const own = definitions.refName(treeOf(resource.schema).name)
  const list = definitions.refName(listNameOf(resource))
  const status = definitions.ref(treeOf(statusSchema))
  const { kind } = resource
  const gvk = gvkOf(resource)
  const op = (operationOf: Omit<Operation, 'gvk'>): Schema => operation(context, { gvk, ...operationOf })
  const paths: Paths = {
    [collection]: {
      get: op({
        id: `list${owner}${scope}${kind}`,
        action: 'list',
        description: `list objects of kind ${kind}`,
        answer: list,
        codes: [200],
        parameters: listParameters,
      }),
      post: op({
        id: `create${owner}${scope}${kind}`,
        action: 'post',
        description: `create ${article(kind)} ${kind}`,
        answer: own,
        codes: [200, 201, 202],
        parameters: writeParameters,
        body: { schema: own, types: customTypes, required: true },
      }),
      delete: op({
        id: `delete${owner}Collection${scope}${kind}`,
        action: 'deletecollection',
        description: `delete collection of ${kind}`,
        answer: status,
        codes: [200],
        parameters: listParameters,
      }),
      parameters: pathParameters(resource, false),
    },
    [`${collection}/{name}`]: {
      ...objectOperations(context, own, ''),
      delete: op({
        id: `delete${owner}${scope}${kind}`,
        action: 'delete',
        description: `delete ${article(kind)} ${kind}`,
        answer: status,
        codes: [200, 202],
        parameters: deleteParameters,
        body: { schema: definitions.ref(treeOf(deleteOptionsSchema)), types: customTypes, required: false },
      }),
    },
  }
  if (namespaced) {
    const get = op({
      id: `list${owner}${kind}ForAllNamespaces`,
      action: 'list',
      description: `list objects of kind ${kind}`,
      answer: list,
      codes: [200],
    })
    paths[`${root}/${resource.plural}`] = { get, parameters: sortedParameters([...listParameters, parameter('pretty')]) }
  }
  for (const name of Object.keys(resource.subresources ?? {})) paths[`${collection}/{name}/${name}`] = objectOperations(context, own, name)
  if (resource.scale) paths[`${collection}/{name}/scale`] = objectOperations(context, definitions.ref(treeOf(scaleSchema)), 'scale')
  return paths
}

const listNameOf = (resource: Resource): string => {
  const { name } = treeOf(resource.schema)
  return name.slice(0, name.lastIndexOf('.') + 1) + listKindOf(resource)
}

function objectOperations(context: Context, item: Schema, subresource: string): Schema {
  const { resource } = context
  const { kind } = resource
  const name = `${context.owner}${resource.scope === 'Namespaced' ? 'Namespaced' : ''}${kind}${capitalised(subresource)}`
  const what = subresource === '' ? `the specified ${kind}` : `${subresource} of the specified ${kind}`
  const base = { gvk: gvkOf(resource), answer: item }
  return {
    get: operation(context, {
      ...base,
      id: `read${name}`,
      action: 'get',
      description: `read ${what}`,
      codes: [200],
      parameters: [parameter('resourceVersion')],
    }),
    put: operation(context, {
      ...base,
      id: `replace${name}`,
      action: 'put',
      description: `replace ${what}`,
      codes: [200, 201],
      parameters: writeParameters,
      body: { schema: item, types: customTypes, required: true },
    }),
    patch: operation(context, {
      ...base,
      id: `patch${name}`,
      action: 'patch',
      description: `partially update ${what}`,
      codes: [200],
      parameters: patchParameters,
      body: { schema: context.definitions.refPatch(), types: patchTypes, required: true },
    }),
    parameters: pathParameters(resource, true),
  }
}
