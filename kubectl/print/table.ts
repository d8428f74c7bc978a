/** Prints server-side tables (meta.k8s.io/v1 Table), with kubectl's own extra columns. Pure. */
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { escapeTerminal } from './escape-terminal.ts'

export interface Table {
  kind: 'Table'
  columnDefinitions: { name: string; type: string; priority: number }[]
  rows: { cells: unknown[]; object?: { metadata?: ObjectMeta } }[]
  metadata?: { resourceVersion?: string; continue?: string }
}

export interface TableOptions {
  wide: boolean
  withNamespace: boolean
  showLabels: boolean
  /** -L: these labels as columns. */
  labelColumns: readonly string[]
  /** `deployment.apps/` before every name, where several kinds are shown. */
  namePrefix: string
}

/** The header row. */
export function headerOf(table: Table, options: TableOptions): readonly string[] {
  return [
    ...(options.withNamespace ? ['NAMESPACE'] : []),
    ...shown(table, options).map((i) => (table.columnDefinitions[i]?.name ?? '').toUpperCase()),
    ...options.labelColumns.map((label) => (label.split('/').pop() ?? label).toUpperCase()),
    ...(options.showLabels ? ['LABELS'] : []),
  ]
}

export function rowOf(table: Table, row: Table['rows'][number], options: TableOptions): readonly string[] {
  const metadata = row.object?.metadata
  const labels = metadata?.labels ?? {}
  const nameAt = table.columnDefinitions.findIndex((c) => c.name.toLowerCase() === 'name')
  return [
    ...(options.withNamespace ? [metadata?.namespace ?? ''] : []),
    ...shown(table, options).map((i) => (i === nameAt ? options.namePrefix : '') + cellText(row.cells[i])),
    ...options.labelColumns.map((label) => (Object.hasOwn(labels, label) ? (labels[label] ?? '') : '')),
    ...(options.showLabels ? [labelText(labels)] : []),
  ]
}

function shown(table: Table, options: TableOptions): readonly number[] {
  return table.columnDefinitions.flatMap((column, i) => (column.priority === 0 || options.wide ? [i] : []))
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '<none>'
  const text = String(cell)
  const end = text.search(/[\f\n\r]/)
  return escapeTerminal(end < 0 ? text : `${text.slice(0, end)}...`).replaceAll('\t', '\\t')
}

export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',')
}
