/** OpenAPI documents: version 3 per group version, version 2 as a whole, both derived from the resource values and their field trees. */

import { scaleSchema } from './autoscaling/scale.ts'
import { apiGroupListSchema, apiGroupSchema, apiVersionsSchema } from './meta/discovery-kinds.ts'
import { listMetaSchema } from './meta/list-meta.ts'
import { deleteOptionsSchema } from './meta/options.ts'
import { registeredVersions } from './meta/registered-versions.ts'
import { apiResourceListSchema, statusSchema, watchEventSchema } from './meta/wire-kinds.ts'
import { customDefinition, selectableKey } from './openapi-custom.ts'
import { pathsOf } from './openapi-paths.ts'
import { rootNames, rootPaths } from './openapi-root.ts'
import { Definitions, type Dialect, type Gvk, type Schema } from './openapi-schemas.ts'
import { postedKinds, questionGroups } from './openapi-special-paths.ts'
import { SharedParameters, swaggerPath } from './openapi-swagger.ts'
import { apiVersionOf, type Resource } from './resource.ts'
import { type GroupVersion, listKindOf } from './scheme.ts'
import { treeOf } from './tree.ts'

const bearer = { BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' } }
const info = { title: 'Kubernetes', version: '1.35' }
const customInfo = { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' }

const listNameOf = (resource: Resource): string => {
  const { name } = treeOf(resource.schema)
  return name.slice(0, name.lastIndexOf('.') + 1) + listKindOf(resource)
}

/** Which definitions are kinds, beside those of the resources; options and events are registered in every group version. */
const wireKinds = (): ReadonlyMap<string, readonly Gvk[]> =>
  new Map<string, readonly Gvk[]>([
    ...[
      { schema: scaleSchema, gvk: { group: 'autoscaling', kind: 'Scale', version: 'v1' } },
      ...postedKinds,
      { schema: statusSchema, gvk: { group: '', kind: 'Status', version: 'v1' } },
      { schema: apiResourceListSchema, gvk: { group: '', kind: 'APIResourceList', version: 'v1' } },
      { schema: apiVersionsSchema, gvk: { group: '', kind: 'APIVersions', version: 'v1' } },
      { schema: apiGroupSchema, gvk: { group: '', kind: 'APIGroup', version: 'v1' } },
      { schema: apiGroupListSchema, gvk: { group: '', kind: 'APIGroupList', version: 'v1' } },
    ].map(({ schema, gvk }) => [treeOf(schema).name, [gvk]] as const),
    ...[
      { schema: deleteOptionsSchema, kind: 'DeleteOptions' },
      { schema: watchEventSchema, kind: 'WatchEvent' },
    ].map(({ schema, kind }) => [treeOf(schema).name, registeredVersions.map(({ group, version }) => ({ group, kind, version }))] as const),
  ])

function kindsByDefinition(resources: readonly Resource[]): ReadonlyMap<string, readonly Gvk[]> {
  const own = resources.flatMap((resource) => {
    const { group, version, kind } = resource
    return [
      [treeOf(resource.schema).name, [{ group, kind, version }]],
      [listNameOf(resource), [{ group, kind: listKindOf(resource), version }]],
    ] as const
  })
  return new Map<string, readonly Gvk[]>([...wireKinds(), ...own])
}

function addList(definitions: Definitions, resource: Resource, { dialect, isCustom }: { dialect: Dialect; isCustom: boolean }): void {
  const element = definitions.refName(treeOf(resource.schema).name)
  const listMeta = definitions.ref(treeOf(listMetaSchema))
  const wrapped = (reference: Schema, zero: Schema): Schema => (dialect === 'v2' ? reference : { ...zero, allOf: [reference] })
  const zero = isCustom ? {} : { default: {} }
  definitions.add(listNameOf(resource), {
    description: `A list of ${resource.kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { description: 'APIVersion defines the group and the version in which this object is written.', type: 'string' },
      items: { description: `The ${resource.plural}.`, type: 'array', items: isCustom ? element : wrapped(element, zero) },
      kind: { description: 'Kind of this object, CamelCase.', type: 'string' },
      metadata: { description: 'Metadata of the list.', ...wrapped(listMeta, zero) },
    },
    ...(isCustom ? selectableKey(resource) : {}),
  })
}

/** The definitions of some resources, and of what they refer to. */
function definitionsFor(dialect: Dialect, served: Served, resources: readonly Resource[]): Definitions {
  const all = served.groupVersions().flatMap((groupVersion) => groupVersion.resources)
  const definitions = new Definitions(dialect, kindsByDefinition(all))
  for (const resource of resources) {
    const node = treeOf(resource.schema)
    if (node.structural) definitions.add(node.name, customDefinition(resource, node.structural, definitions, dialect))
    else definitions.ref(node)
    addList(definitions, resource, { dialect, isCustom: node.structural !== undefined })
  }
  return definitions
}

const sorted = (schemas: Readonly<Record<string, Schema>>): Record<string, Schema> =>
  Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)))

/** What is served, as the documents see it. */
export interface Served {
  groupVersions(): readonly GroupVersion[]
}

/** Group versions with what is only posted there. */
export function documentedVersions(served: Served): readonly GroupVersion[] {
  const known = served.groupVersions()
  const names = new Set(known.map(apiVersionOf))
  return [...known, ...questionGroups.filter((one) => !names.has(apiVersionOf(one))).map((one) => ({ ...one, resources: [] }))]
}

/** `api/v1`, `apis/apps/v1`: the name of a group version's document in the index. */
export const openApiPathOf = ({ group, version }: Pick<GroupVersion, 'group' | 'version'>): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`

/** Groups that have a document of their own: those whose kinds are all custom have none. */
const documentedGroups = (served: Served): string[] => [
  ...new Set(
    documentedVersions(served)
      .filter(({ group, resources }) => group !== '' && !resources.some((resource) => treeOf(resource.schema).structural))
      .map(({ group }) => group),
  ),
]

/** Names of all documents of version 3, sorted. */
export function openApiNames(served: Served): string[] {
  const groups = documentedGroups(served).map((group) => `apis/${group}`)
  return [...rootNames, ...groups, ...documentedVersions(served).map(openApiPathOf)].sort()
}

/** The document behind `/openapi/v3/<name>`; undefined where there is none. */
export function openApiV3(name: string, served: Served): Schema | undefined {
  const groupVersion = documentedVersions(served).find((one) => openApiPathOf(one) === name)
  const definitions = definitionsFor('v3', served, groupVersion?.resources ?? [])
  const paths = groupVersion ? pathsOf(groupVersion, definitions) : rootPaths(name, documentedGroups(served), definitions)
  if (paths === undefined) return undefined
  const schemas = sorted(definitions.schemas)
  const isCustom = groupVersion?.resources.some((resource) => treeOf(resource.schema).structural) === true
  return {
    openapi: '3.0.0',
    info: isCustom ? customInfo : info,
    paths,
    components: { ...(Object.keys(schemas).length > 0 ? { schemas } : {}), ...(isCustom ? {} : { securitySchemes: bearer }) },
  }
}

/** The index behind `/openapi/v3`; `hashOf` gives the hash of a document's bytes, so that clients may keep it. */
export function openApiIndex(names: readonly string[], hashOf: (name: string) => string): Schema {
  const paths = names.map((name) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hashOf(name)}` }])
  return { paths: Object.fromEntries(paths) as Schema }
}

/** The document behind `/openapi/v2`. */
export function openApiV2(served: Served): Schema {
  const versions = documentedVersions(served)
  const definitions = definitionsFor(
    'v2',
    served,
    versions.flatMap(({ resources }) => resources),
  )
  const groups = documentedGroups(served)
  const paths: Record<string, Schema> = {}
  for (const name of [...rootNames, ...groups.map((group) => `apis/${group}`)]) Object.assign(paths, rootPaths(name, groups, definitions))
  for (const groupVersion of versions) Object.assign(paths, pathsOf(groupVersion, definitions))
  const shared = new SharedParameters()
  const swagger = Object.entries(sorted(paths)).map(([path, item]) => [path, swaggerPath(item, shared)] as const)
  return {
    swagger: '2.0',
    info,
    paths: Object.fromEntries(swagger),
    definitions: sorted(definitions.schemas),
    parameters: sorted(shared.definitions),
    securityDefinitions: bearer,
    security: [{ BearerToken: [] }],
  }
}
