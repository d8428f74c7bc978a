/** What is read of custom resources by path: table columns, selectable fields, the scale (pure). */
import { compileJsonPath, printed } from '#api/json-path/find.ts'
import { JsonPathError } from '#api/json-path/parse.ts'
import { isWrittenNumber } from '#api/json-scan.ts'
import { ageColumn, nameColumn, since } from '#api/meta/age.ts'
import { internalError } from '#api/meta/status.ts'
import { type Plain, setOwn } from '#api/own.ts'
import type { Cell, Column, FieldReader, KubeObject, ScaleRules } from '#api/resource.ts'
import { sortedKeys } from '#api/structural/value-print.ts'
import { isObject } from '#api/structural/values.ts'
import type { CustomResourceDefinitionVersion } from './custom-resource-definition.ts'

type Version = CustomResourceDefinitionVersion
type ColumnDefinition = NonNullable<Version['additionalPrinterColumns']>[number]
type Find = (data: unknown) => readonly unknown[]

/** Paths that cannot be read find nothing. */
function finder(path: string): Find {
  try {
    const find = compileJsonPath(path)
    return (data) => {
      try {
        return find(data)
      } catch (error) {
        if (error instanceof JsonPathError) return []
        throw error
      }
    }
  } catch (error) {
    if (error instanceof JsonPathError) return () => []
    throw error
  }
}

/** The columns of a version; the age where it names none. */
export function columnsOf(version: Version): readonly Column<KubeObject>[] {
  const own = version.additionalPrinterColumns ?? []
  if (own.length === 0) return [nameColumn, { ...ageColumn, type: 'date' }]
  return [nameColumn, ...own.map(columnOf)]
}

function columnOf({ name, type, format, description, priority, jsonPath }: ColumnDefinition): Column<KubeObject> {
  const find = finder(jsonPath)
  return {
    name,
    type: type as Column<KubeObject>['type'],
    ...(format ? { format } : {}),
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority ?? 0,
    cell: (object, now) => {
      const found = find(object)
      return found.length === 0 ? null : cellOf(type, found[0], now)
    },
  }
}

function cellOf(type: string, value: unknown, now: Date): Cell {
  if (type === 'string') return printed(sortedKeys(value))
  if (isWrittenNumber(value)) return type === 'integer' || type === 'number' ? Number(value.rawJSON) : null
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      if (typeof value !== 'string') return null
      return value !== '' && Number.isNaN(Date.parse(value)) ? '<invalid>' : since(value, now)
    default:
      return null
  }
}

/** By name without the leading dot. */
export function selectableFieldsOf(version: Version): Readonly<Record<string, FieldReader<KubeObject>>> {
  return Object.fromEntries(
    (version.selectableFields ?? []).map(({ jsonPath }) => {
      const find = finder(jsonPath)
      return [jsonPath.replace(/^\./, ''), (object: KubeObject) => printed(find(object)[0])]
    }),
  )
}

const namesOf = (path: string): string[] => path.replace(/^\./, '').split('.')

/** Why a path leads to nothing usable, in upstream's words (unstructured.NestedInt64, NestedString). */
export class PathError extends Error {}

/** The value at a path of names; undefined where it is absent. Throws PathError where something on the way is no object. */
export function valueAt(object: unknown, path: string): unknown {
  let value: unknown = object
  const names = namesOf(path)
  for (const [i, name] of names.entries()) {
    if (!isObject(value)) {
      if (value === null) return undefined
      const at = names.slice(0, i + 1).map((part) => `.${part}`)
      throw new PathError(`${at.join('')} accessor error: ${shown(value)} is of the type ${goType(value)}, expected map[string]interface{}`)
    }
    if (!Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

const shown = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(shown).join(' ')}]` : value === null ? '<nil>' : printed(value)

function goType(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (isWrittenNumber(value)) return 'int64'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'string' ? 'string' : 'map[string]interface {}'
}

/** A whole number at a path; undefined where it is absent. Throws PathError. */
export function integerAt(object: unknown, path: string): number | undefined {
  const value = valueAt(object, path)
  if (value === undefined) return undefined
  if (isWrittenNumber(value)) return Number(value.rawJSON)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new PathError(
    `${namesOf(path)
      .map((part) => `.${part}`)
      .join('')} accessor error: ${shown(value)} is of the type ${goType(value)}, expected int64`,
  )
}

/** A text at a path; undefined where it is absent. Throws PathError. */
export function textAt(object: unknown, path: string): string | undefined {
  const value = valueAt(object, path)
  if (value === undefined || typeof value === 'string') return value
  throw new PathError(
    `${namesOf(path)
      .map((part) => `.${part}`)
      .join('')} accessor error: ${shown(value)} is of the type ${goType(value)}, expected string`,
  )
}

type Scale = NonNullable<NonNullable<Version['subresources']>['scale']>

export function scaleRulesOf(scale: Scale): ScaleRules<KubeObject> {
  const selectorPath = scale.labelSelectorPath ?? ''
  const read = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw error instanceof PathError ? internalError(error.message) : error
    }
  }
  return {
    replicas: (object) => read(() => integerAt(object, scale.specReplicasPath) ?? 0),
    missing: (object) => read(() => (integerAt(object, scale.specReplicasPath) === undefined ? scale.specReplicasPath : undefined)),
    replicasPath: namesOf(scale.specReplicasPath),
    statusReplicas: (object) => read(() => integerAt(object, scale.statusReplicasPath) ?? 0),
    selector: (object) => read(() => (selectorPath === '' ? '' : (textAt(object, selectorPath) ?? ''))),
    setReplicas(object, replicas) {
      let at = object as unknown as Plain
      const names = namesOf(scale.specReplicasPath)
      for (const name of names.slice(0, -1)) {
        if (!isObject(Object.hasOwn(at, name) ? at[name] : undefined)) setOwn(at, name, {})
        at = at[name] as Plain
      }
      setOwn(at, names.at(-1) ?? '', replicas)
      return object
    },
  }
}
