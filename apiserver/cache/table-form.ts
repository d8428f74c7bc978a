/**
 * Tables. A row is made once per entry with a gap for its age, which is filled in each time it is asked for; rows in which more than the age
 * changes with time (restarts) are made anew every second.
 */
import { ageColumn, since } from '#api/meta/age.ts'
import type { Cell, Column, KubeObject, Resource } from '#api/resource.ts'
import { cellsOf, columnDefinitionsOf } from '#api/table.ts'
import type { Entry } from './entry.ts'
import { type Form, type Gapped, type JsonForm, jsonForm } from './form.ts'
import type { FormCache } from './form-cache.ts'

export interface TableOptions {
  resource: Resource
  /** The object in the requested group and version. */
  object: JsonForm
  partial: JsonForm
  includeObject: 'Metadata' | 'Object' | 'None'
  /** Of meta.k8s.io. */
  version: string
  rows: FormCache
  /** Milliseconds since 1970. */
  now?: () => number
}

/** Where the age goes in a row, and of what. */
interface Gap {
  at: number
  created: string | undefined
}

interface Row {
  second: number
  bytes: Buffer
}

/** `list` and `watch` both call `rowOf`; a single object or a watch event is a table of one row. */
export function tableForm({ resource, object, partial, includeObject, version, rows, now = Date.now }: TableOptions): Form {
  const head = `"kind":"Table","apiVersion":"meta.k8s.io/${version}"`
  const definitions = JSON.stringify(columnDefinitionsOf(resource))
  const include = (entry: Entry, revision: number): string => {
    if (includeObject === 'None') return 'null'
    const included = includeObject === 'Object' ? object.body(entry, revision) : partial.body(entry, revision)
    return included.toString().trimEnd()
  }
  const maker = new RowMaker({ resource, rows, object, include, now })
  const rowOf = (entry: Entry, revision: number): Buffer => maker.row(entry, revision)
  const table = tableAround(head, definitions)
  const emptyCells = JSON.stringify(resource.columns.map(emptyCell))
  return jsonForm({
    id: `table-${version}-${includeObject}-${resource.group}/${resource.version}`,
    body: (entry, revision = entry.revision) => table.plain(rowOf(entry, revision), revision),
    single: (entry) => table.withColumns(rowOf(entry, entry.revision), entry.revision),
    item: (entry) => rowOf(entry, entry.revision),
    gapped: (entry) => maker.gapped(entry),
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

interface TableOfOne {
  /** `row` ends in a newline. */
  plain(row: Buffer, revision: number): Buffer
  withColumns(row: Buffer, revision: number): Buffer
}

/** What stands around the row of a table of one is the same for all objects: the columns alone are longer than most objects. */
function tableAround(head: string, definitions: string): TableOfOne {
  const opening = Buffer.from(`{${head},"metadata":{"resourceVersion":"`)
  const around = (columns: string) => {
    const before = Buffer.from(`"},"columnDefinitions":${columns},"rows":[`)
    return (row: Buffer, revision: number): Buffer =>
      Buffer.concat([opening, Buffer.from(String(revision)), before, row.subarray(0, row.length - 1), TABLE_END])
  }
  return { plain: around('null'), withColumns: around(definitions) }
}

const TABLE_END = Buffer.from(']}\n')

interface RowParts {
  resource: Resource
  rows: FormCache
  object: JsonForm
  /** JSON of what a row shows beside its cells. */
  include: (entry: Entry, revision: number) => string
  now: () => number
}

/** Long enough that every age has another text. */
const YEARS_MS = 20 * 365 * 86_400_000

class RowMaker {
  readonly #parts: RowParts
  readonly #ageAt: number
  readonly #gaps = new WeakMap<Buffer, Gap>()
  readonly #timed = new WeakMap<Entry, Row>()

  constructor(parts: RowParts) {
    this.#parts = parts
    this.#ageAt = parts.resource.columns.indexOf(ageColumn)
  }

  row(entry: Entry, revision: number): Buffer {
    if (revision !== entry.revision) return this.#made(entry, revision).bytes
    const second = Math.floor(this.#parts.now() / 1000)
    const timed = this.#timed.get(entry)
    if (timed?.second === second) return timed.bytes
    if (timed === undefined) {
      const bytes = this.#parts.rows.get(entry, () => this.#template(entry))
      const gap = this.#gaps.get(bytes)
      if (gap !== undefined) return this.#filled(bytes, gap)
    }
    const { bytes } = this.#made(entry, revision)
    this.#timed.set(entry, { second, bytes })
    return bytes
  }

  gapped(entry: Entry): Gapped | undefined {
    if (this.#timed.has(entry)) return undefined
    const item = this.#parts.rows.get(entry, () => this.#template(entry))
    const gap = this.#gaps.get(item)
    return gap === undefined || gap.at < 0 ? undefined : { item, at: gap.at, text: this.#age(gap) }
  }

  #age({ created }: Gap): string {
    return `"${since(created, new Date(this.#parts.now()))}"`
  }

  /** Without its age, where nothing else in it changes with time; otherwise empty. */
  #template(entry: Entry): Buffer {
    const { bytes, shown, texts } = this.#made(entry, entry.revision)
    const later = this.#cells(shown, this.#parts.now() + YEARS_MS)
    const changes = texts.flatMap((text, i) => (text === later[i] ? [] : [i]))
    if (changes.some((i) => i !== this.#ageAt)) return Buffer.alloc(0)
    const before = `{"cells":[${texts.slice(0, Math.max(0, this.#ageAt)).join(',')}`
    const at = Buffer.byteLength(before) + (this.#ageAt > 0 ? 1 : 0)
    const age = this.#ageAt < 0 ? '' : (texts[this.#ageAt] ?? '')
    const template = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + age.length)])
    this.#gaps.set(template, { at: this.#ageAt < 0 ? -1 : at, created: shown.metadata.creationTimestamp })
    return template
  }

  #filled(template: Buffer, gap: Gap): Buffer {
    const { at } = gap
    if (at < 0) return template
    const age = this.#age(gap)
    const row = Buffer.allocUnsafe(template.length + age.length)
    template.copy(row, 0, 0, at)
    row.write(age, at, 'latin1')
    template.copy(row, at + age.length, at)
    return row
  }

  #made(entry: Entry, revision: number): { bytes: Buffer; shown: KubeObject; texts: readonly string[] } {
    const shown = JSON.parse(this.#parts.object.body(entry, revision).toString()) as KubeObject
    const texts = this.#cells(shown, this.#parts.now())
    const conditions = this.#parts.resource.rowConditions?.(shown) ?? []
    const more = conditions.length === 0 ? '' : `"conditions":${JSON.stringify(conditions)},`
    const bytes = Buffer.from(`{"cells":[${texts.join(',')}],${more}"object":${this.#parts.include(entry, revision)}}\n`)
    return { bytes, shown, texts }
  }

  /** An object of another program may lack what a column reads; its row stays, the table is not lost. */
  #cells(object: KubeObject, nowMs: number): string[] {
    const { resource } = this.#parts
    const textOf = (cell: Cell): string => JSON.stringify(cell) ?? 'null'
    try {
      return cellsOf(resource, object, new Date(nowMs)).map(textOf)
    } catch {
      return resource.columns.map((column) => textOf(column.format === 'name' ? (object.metadata.name ?? '') : emptyCell(column)))
    }
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
