/** The paths of OpenAPI: every verb of every resource and subresource, derived from the resource values. */

import { tokenRequestSchema } from './authentication/token-request.ts'
import { scaleSchema } from './autoscaling/scale.ts'
import { bindingSchema } from './core/binding.ts'
import { deleteOptionsSchema } from './meta/options.ts'
import { apiResourceListSchema, statusSchema } from './meta/wire-kinds.ts'
import {
  deleteCollectionParameters,
  deleteParameters,
  listParameters,
  parameter,
  patchParameters,
  writeParameters,
} from './openapi-parameters.ts'
import type { Definitions, Gvk, Schema } from './openapi-schemas.ts'
import { evictionSchema } from './policy/eviction.ts'
import type { Resource } from './resource.ts'
import { type GroupVersion, listKindOf } from './scheme.ts'
import { treeOf } from './tree.ts'

export type Paths = Record<string, Schema>

interface Context {
  definitions: Definitions
  resource: Resource
  /** `CoreV1`, `AppsV1`. */
  owner: string
  tag: string
}

const bodyTypes = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml']
const streamTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]
const reasons: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 401: 'Unauthorized' }

const content = (schema: Schema, types = bodyTypes): Schema => Object.fromEntries(types.map((type) => [type, { schema }]))

function responses(schema: Schema, codes: readonly number[], types = bodyTypes): Schema {
  const answers = codes.map((code) => [String(code), { description: reasons[code], content: content(schema, types) }])
  return Object.fromEntries([...answers, ['401', { description: reasons[401] }]]) as Schema
}

interface Operation {
  id: string
  action: string
  description: string
  gvk: Gvk
  answer: Schema
  codes: readonly number[]
  types?: string[]
  parameters?: readonly Schema[]
  body?: { schema: Schema; types?: string[]; required: boolean }
}

function operation(context: Context, op: Operation): Schema {
  return {
    tags: [context.tag],
    description: op.description,
    operationId: op.id,
    ...(op.parameters === undefined ? {} : { parameters: op.parameters }),
    ...(op.body === undefined
      ? {}
      : { requestBody: { content: content(op.body.schema, op.body.types ?? ['*/*']), ...(op.body.required ? { required: true } : {}) } }),
    responses: responses(op.answer, op.codes, op.types),
    'x-kubernetes-action': op.action,
    'x-kubernetes-group-version-kind': op.gvk,
  }
}

const gvkOf = (resource: Resource): Gvk => ({ group: resource.group, version: resource.version, kind: resource.kind })

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

function collectionPath(context: Context): Schema {
  const { resource, owner } = context
  const { item, list, status, options } = refs(context)
  const scope = resource.scope === 'Namespaced' ? 'Namespaced' : ''
  const gvk = gvkOf(resource)
  const { kind } = resource
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
  const canDeleteAll = resource.plural !== 'namespaces'
  return {
    get: operation(context, {
      id: `list${owner}${scope}${kind}`,
      action: 'list',
      description: `list or watch objects of kind ${kind}`,
      gvk,
      answer: list,
      codes: [200],
      types: [...bodyTypes, ...streamTypes].sort(),
      parameters: listParameters,
    }),
    post: operation(context, {
      id: `create${owner}${scope}${kind}`,
      action: 'post',
      description: `create ${article(kind)} ${kind}`,
      gvk,
      answer: item,
      codes: [200, 201, 202],
      parameters: writeParameters,
      body: { schema: item, required: true },
    }),
    ...(canDeleteAll ? { delete: operation(context, collection) } : {}),
    parameters: pathParameters(resource, false),
  }
}

const article = (kind: string): string => (/^[AEIOU]/.test(kind) ? 'an' : 'a')

const byName = (a: Schema, b: Schema): number => (String(a['name']) < String(b['name']) ? -1 : 1)

/** Kinds whose deletion answers the object instead of a Status, beside those with graceful deletion. */
const answerDeleted = new Set(['services', 'serviceaccounts'])

function pathParameters(resource: Resource, named: boolean): Schema[] {
  return [
    ...(named ? [parameter('name', true)] : []),
    ...(resource.scope === 'Namespaced' ? [parameter('namespace', true)] : []),
    parameter('pretty'),
  ]
}

interface Face {
  /** `Status`, `Scale`; '' for the object itself. */
  suffix: string
  gvk: Gvk
  item: Schema
}

/** get, put and patch of an object or of a subresource that is written as a whole. */
function objectOperations(context: Context, { suffix, gvk, item }: Face): Schema {
  const scope = context.resource.scope === 'Namespaced' ? 'Namespaced' : ''
  const name = `${context.owner}${scope}${context.resource.kind}${suffix}`
  const what =
    suffix === '' ? `the specified ${context.resource.kind}` : `${suffix.toLowerCase()} of the specified ${context.resource.kind}`
  const base = { gvk, answer: item }
  return {
    get: operation(context, { ...base, id: `read${name}`, action: 'get', description: `read ${what}`, codes: [200] }),
    put: operation(context, {
      ...base,
      id: `replace${name}`,
      action: 'put',
      description: `replace ${what}`,
      codes: [200, 201],
      parameters: writeParameters,
      body: { schema: item, required: true },
    }),
    patch: operation(context, {
      ...base,
      id: `patch${name}`,
      action: 'patch',
      description: `partially update ${what}`,
      codes: [200, 201],
      parameters: patchParameters,
      body: { schema: context.definitions.refPatch(), types: patchTypes, required: true },
    }),
    parameters: pathParameters(context.resource, true),
  }
}

function objectPath(context: Context): Schema {
  const { resource, owner } = context
  const { item, status, options } = refs(context)
  const scope = resource.scope === 'Namespaced' ? 'Namespaced' : ''
  const remove = operation(context, {
    id: `delete${owner}${scope}${resource.kind}`,
    action: 'delete',
    description: `delete ${article(resource.kind)} ${resource.kind}`,
    gvk: gvkOf(resource),
    // Kinds with graceful deletion answer the object itself.
    answer: resource.deletion === undefined && !answerDeleted.has(resource.plural) ? status : item,
    codes: [200, 202],
    parameters: deleteParameters,
    body: { schema: options, required: false },
  })
  return { ...objectOperations(context, { suffix: '', gvk: gvkOf(resource), item }), delete: remove }
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
      types: [...bodyTypes, ...streamTypes].sort(),
    }),
    parameters: [...listParameters, parameter('pretty')].sort(byName),
  }
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** Subresources that take one POST of a kind of their own. */
const posted = [
  { plural: 'pods', name: 'binding', schema: bindingSchema, gvk: { group: '', version: 'v1', kind: 'Binding' } },
  { plural: 'pods', name: 'eviction', schema: evictionSchema, gvk: { group: 'policy', version: 'v1', kind: 'Eviction' } },
  {
    plural: 'serviceaccounts',
    name: 'token',
    schema: tokenRequestSchema,
    gvk: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  },
] as const

/** Subresources that become a stream, with their query parameters. */
const connected = [
  { plural: 'pods', name: 'attach', kind: 'PodAttachOptions', parameters: ['container', 'stderr', 'stdin', 'stdout', 'tty'] },
  { plural: 'pods', name: 'exec', kind: 'PodExecOptions', parameters: ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty'] },
  { plural: 'pods', name: 'portforward', kind: 'PodPortForwardOptions', parameters: ['ports'] },
] as const

const logParameters = [
  'container',
  'follow',
  'insecureSkipTLSVerifyBackend',
  'limitBytes',
  'pretty',
  'previous',
  'sinceSeconds',
  'stream',
  'tailLines',
  'timestamps',
]

function specialPaths(context: Context, base: string): Paths {
  const { resource, owner, definitions } = context
  const paths: Paths = {}
  if (resource.group !== '') return paths
  const place = pathParameters(resource, true).slice(0, -1)
  for (const { plural, name, schema, gvk } of posted) {
    if (plural !== resource.plural) continue
    const item = definitions.ref(treeOf(schema))
    const id = `create${owner}Namespaced${resource.kind}${capitalised(name)}`
    const description = `create ${name} of ${article(resource.kind)} ${resource.kind}`
    const op = operation(context, {
      id,
      action: 'post',
      description,
      gvk,
      answer: item,
      codes: [200, 201, 202],
      body: { schema: item, required: true },
    })
    paths[`${base}/${name}`] = { post: op, parameters: [...writeParameters, ...pathParameters(resource, true)] }
  }
  for (const { plural, name, kind, parameters } of connected) {
    if (plural !== resource.plural) continue
    const connect = (method: string): Schema =>
      operation(context, {
        id: `connect${owner}${method}Namespaced${resource.kind}${capitalised(name)}`,
        action: 'connect',
        description: `connect ${method.toUpperCase()} requests to ${name} of ${resource.kind}`,
        gvk: { group: '', version: 'v1', kind },
        answer: { type: 'string' },
        codes: [200],
        types: ['*/*'],
      })
    paths[`${base}/${name}`] = {
      get: connect('Get'),
      post: connect('Post'),
      parameters: [...place, ...parameters.map((p) => parameter(p))].sort(byName),
    }
  }
  if (resource.plural === 'pods') paths[`${base}/log`] = logPath(context, place)
  return paths
}

function logPath(context: Context, place: Schema[]): Schema {
  const get = operation(context, {
    id: `read${context.owner}NamespacedPodLog`,
    action: 'get',
    description: 'read log of the specified Pod',
    gvk: gvkOf(context.resource),
    answer: { type: 'string' },
    codes: [200],
    types: [...bodyTypes, 'text/plain'],
  })
  return { get, parameters: [...place, ...logParameters.map((name) => parameter(name))].sort(byName) }
}

function finalizePath(context: Context): Schema {
  const { resource, owner } = context
  const { item } = refs(context)
  const put = operation(context, {
    id: `replace${owner}${resource.kind}Finalize`,
    action: 'put',
    description: `replace finalize of the specified ${resource.kind}`,
    gvk: gvkOf(resource),
    answer: item,
    codes: [200, 201],
    body: { schema: item, required: true },
  })
  return { put, parameters: [...writeParameters, ...pathParameters(resource, true)] }
}

function resourcePaths(context: Context, root: string): Paths {
  const { resource, definitions } = context
  const namespaced = resource.scope === 'Namespaced'
  const collection = namespaced ? `${root}/namespaces/{namespace}/${resource.plural}` : `${root}/${resource.plural}`
  const item = `${collection}/{name}`
  const paths: Paths = { [collection]: collectionPath(context), [item]: objectPath(context) }
  if (namespaced) paths[`${root}/${resource.plural}`] = allNamespacesPath(context)
  const own = refs(context).item
  for (const name of Object.keys(resource.subresources ?? {})) {
    paths[`${item}/${name}`] =
      name === 'finalize'
        ? finalizePath(context)
        : objectOperations(context, { suffix: capitalised(name), gvk: gvkOf(resource), item: own })
  }
  if (resource.scale) {
    const gvk = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
    paths[`${item}/scale`] = objectOperations(context, { suffix: 'Scale', gvk, item: definitions.ref(treeOf(scaleSchema)) })
  }
  return { ...paths, ...specialPaths(context, item) }
}

/** `CoreV1`, `AppsV1`, `DiscoveryV1`. */
const ownerOf = ({ group, version }: GroupVersion): string =>
  capitalised((group === '' ? 'core' : group).split('.')[0] ?? '') + capitalised(version)

/** All paths of a group version; the definitions they refer to are added on the way. */
export function pathsOf(groupVersion: GroupVersion, definitions: Definitions): Paths {
  const { group, version, resources } = groupVersion
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const owner = ownerOf(groupVersion)
  const tag = `${(group === '' ? 'core' : group).split('.')[0] ?? ''}_${version}`
  const discovery = {
    tags: [tag],
    description: 'get available resources',
    operationId: `get${owner}APIResources`,
    responses: responses(definitions.ref(treeOf(apiResourceListSchema)), [200]),
  }
  const paths: Paths = { [`${root}/`]: { get: discovery } }
  for (const resource of resources) Object.assign(paths, resourcePaths({ definitions, resource, owner, tag }, root))
  return Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)))
}
