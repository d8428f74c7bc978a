/** Definitions as kinds: the `Resource` values of a definition's versions, made from data (pure). */

import { clone } from '#api/clone.ts'
import type { Plain } from '#api/own.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { compileCustom } from '#api/structural/compile.ts'
import { settleStored } from '#api/structural/decode.ts'
import { dropNulls } from '#api/structural/defaulting.ts'
import { pruneObject } from '#api/structural/prune.ts'
import type { Structural } from '#api/structural/schema.ts'
import { schemaOfTree } from '#api/tree.ts'
import { compareVersions } from '#api/version-order.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from './custom-resource-definition.ts'
import { CustomRules } from './custom-rules.ts'
import { columnsOf, scaleRulesOf, selectableFieldsOf } from './custom-views.ts'

type Version = CustomResourceDefinitionVersion

export interface CustomKinds {
  /** The version in which objects are stored, served or not. */
  stored: Resource
  /** The same for who writes: where objects are stored in several versions, a face that converts. */
  own: Resource
  /** Served versions in the order of the definition. */
  served: readonly Resource[]
}

/** Undefined while a definition has no storage version. The names are the accepted ones. */
export function customKindsOf(definition: CustomResourceDefinition): CustomKinds | undefined {
  const { versions } = definition.spec
  const storage = versions.find((version) => version.storage)
  if (storage === undefined) return undefined
  const isMixed = definition.status.storedVersions?.some((name) => name !== storage.name) === true
  const stored: Resource = { ...resourceOf(definition, storage), ...(isMixed ? { keepsVersions: true } : {}) }
  const own = isMixed ? faceOf(definition, storage, stored) : stored
  const served = versions
    .filter((version) => version.served)
    .map((version) => (version === storage ? own : faceOf(definition, version, stored)))
  return { stored, own, served }
}

export const schemaOf = (version: Version): Structural => (version.schema?.openAPIV3Schema ?? keepsEverything) as Structural

/** Definitions from before schemas were required. */
const keepsEverything: Structural = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

/** In upstream's order. */
const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'] as const

function resourceOf(definition: CustomResourceDefinition, version: Version): Resource {
  const { group, scope, preserveUnknownFields } = definition.spec
  const { plural, singular, kind, listKind, shortNames, categories } = definition.status.acceptedNames
  const given = schemaOf(version)
  const schema = preserveUnknownFields === true ? { ...given, 'x-kubernetes-preserve-unknown-fields': true } : given
  const rules = new CustomRules({ group, version: version.name, kind }, schema, version)
  const scale = version.subresources?.scale
  const warning = deprecationOf(definition, version)
  return {
    group,
    version: version.name,
    kind,
    plural,
    singular: singular ?? '',
    ...(listKind ? { listKind } : {}),
    ...(shortNames?.length ? { shortNames } : {}),
    ...(categories?.length ? { categories } : {}),
    scope: scope as Resource['scope'],
    storagePrefix: `${group}/${plural}`,
    schema: schemaOfTree<KubeObject>(compileCustom(definitionName(group, version.name, kind), kind, schema)),
    columns: columnsOf(version),
    generation: false,
    prepare: (next, prev) => rules.prepare(next, prev),
    validate: (next, prev) => rules.validate(next, prev),
    warnings: (next, prev) => rules.warnings(next, prev),
    verbs,
    unconditionalUpdate: false,
    ...(warning === undefined ? {} : { deprecation: warning }),
    ...(version.subresources?.status ? { subresources: { status: rules.status } } : {}),
    ...(scale ? { scale: scaleRulesOf(scale) } : {}),
    selectableFields: selectableFieldsOf(version),
  }
}

/** `com.example.stable.v1.CronTab`: the group's parts in reverse, as upstream names the definitions of custom resources. */
export const definitionName = (group: string, version: string, kind: string): string =>
  `${group.split('.').reverse().join('.')}.${version}.${kind}`

/** Conversion None: only the apiVersion differs, and each version keeps what its own schema knows; what is read gets that schema's defaults. */
function faceOf(definition: CustomResourceDefinition, version: Version, stored: Resource): Resource {
  const face = resourceOf(definition, version)
  const under = ({ group, version: name }: Resource, object: KubeObject): KubeObject => clone({ ...object, apiVersion: `${group}/${name}` })
  const storage = schemaOf(definition.spec.versions.find((other) => other.storage) ?? version)
  const toStored = (object: KubeObject): KubeObject => {
    const copy = under(stored, object)
    pruneObject(copy as unknown as Plain, storage)
    dropNulls(copy, storage)
    return copy
  }
  const fromStored = (object: KubeObject): KubeObject => {
    const copy = under(face, object)
    settleStored(copy as unknown as Plain, schemaOf(version))
    return copy
  }
  return { ...face, storedAs: { resource: stored, toStored, fromStored } }
}

function deprecationOf({ spec }: CustomResourceDefinition, version: Version): string | undefined {
  if (version.deprecated !== true) return undefined
  if (version.deprecationWarning !== undefined) return version.deprecationWarning
  const newer = spec.versions
    .filter((other) => other.served && other.deprecated !== true && compareVersions(version.name, other.name) < 0)
    .map((other) => other.name)
    .sort((a, b) => compareVersions(b, a))
  const text = `${spec.group}/${version.name} ${spec.names.kind} is deprecated`
  return newer.length === 0 ? text : `${text}; use ${spec.group}/${newer[0]} ${spec.names.kind}`
}
