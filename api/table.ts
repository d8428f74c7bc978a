/** Tables (meta.k8s.io/v1), which `kubectl get` prints as they are, and objects cut down to their metadata. */
import type { ObjectMeta } from './meta/object-meta.ts'
import type { Cell, Column, KubeObject, Resource, RowCondition } from './resource.ts'

export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface ColumnDefinition {
  name: string
  type: string
  format: string
  description: string
  priority: number
}

export interface TableRow {
  cells: Cell[]
  conditions?: readonly RowCondition[]
  /** Null where the client asked for none. */
  object: PartialObjectMetadata | KubeObject | null
}

export interface Table {
  kind: 'Table'
  apiVersion: 'meta.k8s.io/v1'
  metadata: Record<string, unknown>
  /** Null in every watch event but the first. */
  columnDefinitions: readonly ColumnDefinition[] | null
  rows: readonly TableRow[]
}

export interface PartialObjectMetadata {
  kind: 'PartialObjectMetadata'
  apiVersion: 'meta.k8s.io/v1'
  metadata: ObjectMeta
}

type Columns = Pick<Resource, 'columns'>
type Rows = Pick<Resource, 'columns' | 'rowConditions'>

const definitions = new WeakMap<readonly Column<KubeObject>[], readonly ColumnDefinition[]>()

export function columnDefinitionsOf(resource: Columns): readonly ColumnDefinition[] {
  let found = definitions.get(resource.columns)
  if (found === undefined) {
    found = resource.columns.map(({ name, type, format, description, priority }) => ({
      name,
      type,
      format: format ?? '',
      description,
      priority,
    }))
    definitions.set(resource.columns, found)
  }
  return found
}

/** The cells alone; they change with time, as ages do. */
export const cellsOf = (resource: Columns, obj: KubeObject, now: Date): Cell[] => resource.columns.map((column) => column.cell(obj, now))

export function partialObjectMetadata(obj: KubeObject): PartialObjectMetadata {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: obj.metadata }
}

export function rowOf(resource: Rows, obj: KubeObject, now: Date, include: IncludeObject): TableRow {
  const object = include === 'None' ? null : include === 'Object' ? obj : partialObjectMetadata(obj)
  const conditions = resource.rowConditions?.(obj) ?? []
  return { cells: cellsOf(resource, obj, now), ...(conditions.length > 0 && { conditions }), object }
}

export interface TableOptions {
  now: Date
  include: IncludeObject
  /** ListMeta of a list; resourceVersion of a single object. */
  metadata: Record<string, unknown>
  /** Watch events after the first carry no definitions. */
  withoutDefinitions?: boolean
}

export function tableOf(resource: Rows, objects: readonly KubeObject[], options: TableOptions): Table {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata,
    columnDefinitions: options.withoutDefinitions === true ? null : columnDefinitionsOf(resource),
    rows: objects.map((obj) => rowOf(resource, obj, options.now, options.include)),
  }
}
