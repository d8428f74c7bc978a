/** Tables: the cells of an object's row are computed once per entry and second, since ages change. */
import type { Cell, Column, KubeObject, Resource } from '#api/resource.ts'
import { cellsOf, columnDefinitionsOf } from '#api/table.ts'
import type { Entry } from './entry.ts'
import { type Form, type JsonForm, jsonForm } from './form.ts'

export interface TableOptions {
  resource: Resource
  /** The object in the requested group and version. */
  object: JsonForm
  partial: JsonForm
  includeObject: 'Metadata' | 'Object' | 'None'
  /** Of meta.k8s.io. */
  version: string
}

interface Row {
  second: number
  bytes: Buffer
}

/** `list` and `watch` both call `rowOf`; a single object or a watch event is a table of one row. */
export function tableForm({ resource, object, partial, includeObject, version }: TableOptions): Form {
  const head = `"kind":"Table","apiVersion":"meta.k8s.io/${version}"`
  const definitions = JSON.stringify(columnDefinitionsOf(resource))
  const rows = new WeakMap<Entry, Row>()
  const rowOf = (entry: Entry, revision: number): Buffer => {
    const second = Math.floor(Date.now() / 1000)
    const known = rows.get(entry)
    if (known?.second === second && revision === entry.revision) return known.bytes
    const bytes = rowBytes(entry, revision)
    if (revision === entry.revision) rows.set(entry, { second, bytes })
    return bytes
  }
  const rowBytes = (entry: Entry, revision: number): Buffer => {
    const body = object.body(entry, revision)
    const shown = JSON.parse(body.toString()) as KubeObject
    const text = JSON.stringify(cells(resource, shown))
    const included = includeObject === 'None' ? 'null\n' : includeObject === 'Object' ? body : partial.body(entry, revision)
    return Buffer.from(`{"cells":${text},"object":${included.toString().trimEnd()}}\n`)
  }
  const emptyCells = JSON.stringify(resource.columns.map(emptyCell))
  return jsonForm({
    id: `table-${version}-${includeObject}-${resource.group}/${resource.version}`,
    body: (entry, revision = entry.revision) => {
      const row = rowOf(entry, revision)
      return Buffer.from(
        `{${head},"metadata":{"resourceVersion":"${revision}"},"columnDefinitions":null,"rows":[${row.toString().trimEnd()}]}\n`,
      )
    },
    item: (entry) => rowOf(entry, entry.revision),
    itemStart: 0,
    listHead: head,
    listMembers: `"columnDefinitions":${definitions},`,
    itemsName: 'rows',
    bookmarkObject: (revision, annotations) => {
      const bookmarked = includeObject === 'None' ? 'null' : partial.bookmarkObject(revision, annotations)
      return `{${head},"metadata":{"resourceVersion":"${revision}"},"columnDefinitions":null,"rows":[{"cells":${emptyCells},"object":${bookmarked}}]}`
    },
    firstFrame: (frame) => withDefinitions(frame, definitions),
  })
}

/** An object of another program may lack what a column reads; its row stays, the table is not lost. */
function cells(resource: Resource, object: KubeObject): readonly Cell[] {
  const now = new Date()
  try {
    return cellsOf(resource, object, now)
  } catch {
    return resource.columns.map((column) => (column.format === 'name' ? (object.metadata.name ?? '') : emptyCell(column)))
  }
}

const NO_DEFINITIONS = '"columnDefinitions":null'

/** The first event of a watch carries the columns; the members before it hold no free text, so the search cannot hit elsewhere. */
export function withDefinitions(bytes: Buffer, definitions: string): Buffer {
  const at = bytes.indexOf(NO_DEFINITIONS)
  const value = at + '"columnDefinitions":'.length
  return Buffer.concat([bytes.subarray(0, value), Buffer.from(definitions), bytes.subarray(value + 'null'.length)])
}

function emptyCell(column: Column<KubeObject>): string | number | boolean {
  if (column.type === 'integer' || column.type === 'number') return 0
  if (column.type === 'boolean') return false
  return column.name === 'Age' ? '<unknown>' : ''
}
