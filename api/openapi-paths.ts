/** The paths of OpenAPI: every verb of every resource and subresource, derived from the resource values. */

import { scaleSchema } from './autoscaling/scale.ts'
import { deleteOptionsSchema } from './meta/options.ts'
import { apiResourceListSchema, statusSchema, watchEventSchema } from './meta/wire-kinds.ts'
import { customPaths } from './openapi-custom.ts'
import {
  article,
  bodyTypes,
  type Context,
  capitalised,
  consumesOf,
  groupWord,
  gvkOf,
  listTypes,
  type Operation,
  operation,
  pathParameters,
  responses,
  sortedParameters,
} from './openapi-operation.ts'
import {
  deleteCollectionParameters,
  deleteParameters,
  listParameters,
  parameter,
  patchParameters,
  writeParameters,
} from './openapi-parameters.ts'
import type { Definitions, Gvk, Schema } from './openapi-schemas.ts'
import { postedPaths, specialPaths } from './openapi-special-paths.ts'
import { type Resource, verbsOf } from './resource.ts'
import { type GroupVersion, listKindOf } from './scheme.ts'
import { treeOf } from './tree.ts'

export type Paths = Record<string, Schema>

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]

function refs({ definitions, resource }: Context) {
  const item = definitions.ref(treeOf(resource.schema))
  const name = treeOf(resource.schema).name
  const listName = name.slice(0, name.lastIndexOf('.') + 1) + listKindOf(resource)
  return {
    item,
    list: definitions.refName(listName),
    status: definitions.ref(treeOf(statusSchema)),
    options: definitions.ref(treeOf(deleteOptionsSchema)),
  }
}

const scopeWord = (resource: Resource): string => (resource.scope === 'Namespaced' ? 'Namespaced' : '')

/** The operations whose verb the resource has. */
function offered(resource: Resource, operations: Readonly<Record<string, readonly [string, () => Schema]>>): Schema {
  const verbs = verbsOf(resource)
  return Object.fromEntries(
    Object.entries(operations).flatMap(([method, [verb, make]]) => (verbs.includes(verb) ? [[method, make()] as const] : [])),
  )
}

function collectionPath(context: Context): Schema {
  const { resource, owner } = context
  const { item, list, status, options } = refs(context)
  const scope = scopeWord(resource)
  const gvk = gvkOf(resource)
  const { kind } = resource
  const list_: Operation = {
    id: `list${owner}${scope}${kind}`,
    action: 'list',
    description: `list or watch objects of kind ${kind}`,
    gvk,
    answer: list,
    codes: [200],
    types: listTypes,
    parameters: listParameters,
  }
  const create: Operation = {
    id: `create${owner}${scope}${kind}`,
    action: 'post',
    description: `create ${article(kind)} ${kind}`,
    gvk,
    answer: item,
    codes: [200, 201, 202],
    parameters: writeParameters,
    body: { schema: item, required: true },
  }
  const collection: Operation = {
    id: `delete${owner}Collection${scope}${kind}`,
    action: 'deletecollection',
    description: `delete collection of ${kind}`,
    gvk,
    answer: status,
    codes: [200],
    parameters: deleteCollectionParameters,
    body: { schema: options, required: false },
  }
  const operations = offered(resource, {
    get: ['list', () => operation(context, list_)],
    post: ['create', () => operation(context, create)],
    delete: ['deletecollection', () => operation(context, collection)],
  })
  return readOnly(resource) ? readOnlyPath(operations, resource, false) : { ...operations, parameters: pathParameters(resource, false) }
}

const readOnly = (resource: Resource): boolean => !verbsOf(resource).includes('create')

/** Where a path has but one operation, its parameters stand for the path. */
function readOnlyPath(operations: Schema, resource: Resource, named: boolean): Schema {
  const { parameters = [], ...get } = operations['get'] as { parameters?: Schema[] }
  return { get, parameters: sortedParameters([...parameters, ...pathParameters(resource, named)]) }
}

interface Face {
  /** `Status`, `Scale`; '' for the object itself. */
  suffix: string
  gvk: Gvk
  item: Schema
}

/** get, put and patch of an object or of a subresource that is written as a whole. */
function objectOperations(context: Context, { suffix, gvk, item }: Face): Schema {
  const { resource } = context
  const name = `${context.owner}${scopeWord(resource)}${resource.kind}${suffix}`
  const what = suffix === '' ? `the specified ${resource.kind}` : `${suffix.toLowerCase()} of the specified ${resource.kind}`
  const base = { gvk, answer: item }
  const put: Operation = {
    ...base,
    id: `replace${name}`,
    action: 'put',
    description: `replace ${what}`,
    codes: [200, 201],
    parameters: writeParameters,
    body: { schema: item, required: true },
  }
  const patch: Operation = {
    ...base,
    id: `patch${name}`,
    action: 'patch',
    description: `partially update ${what}`,
    codes: [200, 201],
    parameters: patchParameters,
    body: { schema: context.definitions.refPatch(), types: patchTypes, required: true },
  }
  return {
    ...offered(resource, {
      get: ['get', () => operation(context, { ...base, id: `read${name}`, action: 'get', description: `read ${what}`, codes: [200] })],
      put: ['update', () => operation(context, put)],
      patch: ['patch', () => operation(context, patch)],
    }),
    parameters: pathParameters(resource, true),
  }
}

/** Upstream documents a Status although a deleted namespace is answered itself. */
const saysStatus = 'namespaces'

function objectPath(context: Context): Schema {
  const { resource, owner } = context
  const { item, status, options } = refs(context)
  const remove: Operation = {
    id: `delete${owner}${scopeWord(resource)}${resource.kind}`,
    action: 'delete',
    description: `delete ${article(resource.kind)} ${resource.kind}`,
    gvk: gvkOf(resource),
    answer: resource.returnsDeleted === true && resource.plural !== saysStatus ? item : status,
    codes: [200, 202],
    parameters: deleteParameters,
    body: { schema: options, required: false },
  }
  return {
    ...objectOperations(context, { suffix: '', gvk: gvkOf(resource), item }),
    ...offered(resource, { delete: ['delete', () => operation(context, remove)] }),
  }
}

function allNamespacesPath(context: Context): Schema {
  const { resource, owner } = context
  return {
    get: operation(context, {
      id: `list${owner}${resource.kind}ForAllNamespaces`,
      action: 'list',
      description: `list or watch objects of kind ${resource.kind}`,
      gvk: gvkOf(resource),
      answer: refs(context).list,
      codes: [200],
      types: listTypes,
    }),
    parameters: sortedParameters([...listParameters, parameter('pretty')]),
  }
}

/** The paths from before the `watch` parameter. */
function watchPaths(context: Context, root: string): Paths {
  const { resource, owner, definitions } = context
  const { kind, plural } = resource
  const namespaced = resource.scope === 'Namespaced'
  const watch = (suffix: string, action: string, what: string): Schema =>
    operation(context, {
      id: `watch${owner}${suffix}`,
      action,
      description: `watch ${what} ${kind}; deprecated by the watch parameter of list`,
      gvk: gvkOf(resource),
      answer: definitions.ref(treeOf(watchEventSchema)),
      codes: [200],
      types: listTypes,
    })
  const at = (parameters: readonly Schema[]): Schema[] => sortedParameters([...listParameters, ...parameters])
  const collection = namespaced ? `${root}/watch/namespaces/{namespace}/${plural}` : `${root}/watch/${plural}`
  const scope = scopeWord(resource)
  return {
    [collection]: { get: watch(`${scope}${kind}List`, 'watchlist', 'a list of'), parameters: at(pathParameters(resource, false)) },
    [`${collection}/{name}`]: { get: watch(`${scope}${kind}`, 'watch', 'one object of'), parameters: at(pathParameters(resource, true)) },
    ...(namespaced
      ? {
          [`${root}/watch/${plural}`]: {
            get: watch(`${kind}ListForAllNamespaces`, 'watchlist', 'a list of'),
            parameters: at([parameter('pretty')]),
          },
        }
      : {}),
  }
}

function resourcePaths(context: Context, root: string): Paths {
  const { resource, definitions } = context
  const namespaced = resource.scope === 'Namespaced'
  const collection = namespaced ? `${root}/namespaces/{namespace}/${resource.plural}` : `${root}/${resource.plural}`
  const item = `${collection}/{name}`
  const paths: Paths = { [collection]: collectionPath(context), [item]: objectPath(context) }
  if (namespaced) paths[`${root}/${resource.plural}`] = allNamespacesPath(context)
  const own = refs(context).item
  for (const name of Object.keys(resource.subresources ?? {}))
    if (name !== 'finalize')
      paths[`${item}/${name}`] = objectOperations(context, { suffix: capitalised(name), gvk: gvkOf(resource), item: own })
  if (resource.scale) {
    const gvk = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
    paths[`${item}/scale`] = objectOperations(context, { suffix: 'Scale', gvk, item: definitions.ref(treeOf(scaleSchema)) })
  }
  if (verbsOf(resource).includes('watch')) Object.assign(paths, watchPaths(context, root))
  return { ...paths, ...specialPaths(context, item, own) }
}

/** All paths of a group version; the definitions they refer to are added on the way. */
export function pathsOf(groupVersion: GroupVersion, definitions: Definitions): Paths {
  const { group, version, resources } = groupVersion
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const owner = capitalised(groupWord(group)) + capitalised(version)
  const tag = `${groupWord(group)}_${version}`
  const paths: Paths = {}
  const isCustom = (resource: Resource): boolean => treeOf(resource.schema).structural !== undefined
  for (const resource of resources) {
    const context = { definitions, resource, owner, tag, types: bodyTypes }
    Object.assign(paths, isCustom(resource) ? customPaths(context, root) : resourcePaths(context, root))
  }
  Object.assign(paths, postedPaths({ definitions, owner, tag, types: bodyTypes }, { group, version, root }))
  if (!resources.some(isCustom)) paths[`${root}/`] = { get: discoveryOperation(definitions, owner, tag) }
  return Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function discoveryOperation(definitions: Definitions, owner: string, tag: string): Schema {
  const get = {
    tags: [tag],
    description: 'get available resources',
    operationId: `get${owner}APIResources`,
    responses: responses(definitions.ref(treeOf(apiResourceListSchema)), [200], bodyTypes),
  }
  consumesOf.set(get, bodyTypes)
  return get
}
