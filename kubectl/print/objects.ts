/** Prints objects in the forms of -o: json, yaml, name, jsonpath, custom-columns. Pure. */
import { stringify } from 'yaml'
import type { KubeObject } from '#api/resource.ts'
import { UsageError } from '#kubectl/command.ts'
import { alignColumns } from './columns.ts'
import { findJsonPath, renderJsonPath } from './jsonpath.ts'

export type ObjectPrinter = (object: unknown) => string

/** The printer that `output` names; undefined for the table forms ('' and wide). Throws UsageError for a form that is not known. */
export function printerOf(output: string, options: { showManagedFields: boolean }): ObjectPrinter | undefined {
  const at = output.indexOf('=')
  const [form, argument] = at < 0 ? [output, ''] : [output.slice(0, at), output.slice(at + 1)]
  const clean = (object: unknown): unknown => (options.showManagedFields ? object : withoutManagedFields(object))
  switch (form) {
    case '':
    case 'wide':
      return undefined
    case 'json':
      return (object) => `${JSON.stringify(clean(object), undefined, 4)}\n`
    case 'yaml':
      return (object) => yamlText(clean(object))
    case 'name':
      return (object) =>
        itemsOf(object)
          .map((item) => `${nameOf(item)}\n`)
          .join('')
    case 'jsonpath':
    case 'jsonpath-as-json':
      if (argument === '') throw new UsageError('template format specified but no template given')
      return form === 'jsonpath'
        ? (object) => renderJsonPath(argument, object)
        : (object) => `${JSON.stringify(findJsonPath(argument, object), undefined, 4)}\n`
    case 'custom-columns':
      if (argument === '') throw new UsageError('custom-columns format specified but no custom columns given')
      return (object) => customColumns(argument, itemsOf(object))
    default:
      throw new UsageError(
        `unable to match a printer suitable for the output format "${form}", allowed formats are: custom-columns,json,jsonpath,jsonpath-as-json,name,wide,yaml`,
      )
  }
}

/** YAML 1.1 as Go writes it: sorted keys, no line folding, quotes where a reader of 1.1 would see another type. */
export function yamlText(object: unknown): string {
  return stringify(object, {
    version: '1.1',
    sortMapEntries: true,
    lineWidth: 0,
    aliasDuplicateObjects: false,
    indentSeq: false,
    defaultStringType: 'PLAIN',
  })
}

function withoutManagedFields(object: unknown): unknown {
  if (typeof object !== 'object' || object === null) return object
  const value = object as { items?: unknown[]; metadata?: { managedFields?: unknown } }
  const { managedFields: _, ...metadata } = value.metadata ?? {}
  return {
    ...value,
    ...(value.metadata === undefined ? {} : { metadata }),
    ...(Array.isArray(value.items) ? { items: value.items.map(withoutManagedFields) } : {}),
  }
}

export function itemsOf(object: unknown): readonly KubeObject[] {
  const { items } = object as { items?: KubeObject[] }
  return Array.isArray(items) ? items : [object as KubeObject]
}

/** `pod/web`, `deployment.apps/web`. */
export function nameOf(object: KubeObject): string {
  const group = object.apiVersion.includes('/') ? `.${object.apiVersion.split('/')[0]}` : ''
  return `${object.kind.toLowerCase()}${group}/${object.metadata.name ?? ''}`
}

function customColumns(spec: string, items: readonly KubeObject[]): string {
  const columns = spec.split(',').map((column) => {
    const at = column.indexOf(':')
    if (at < 1) throw new UsageError(`unexpected custom-columns spec: ${column}, expected <header>:<json-path-expr>`)
    return { header: column.slice(0, at), path: column.slice(at + 1) }
  })
  const cell = (path: string, item: KubeObject): string => {
    const found = findJsonPath(path, item)
    if (found.length === 0) return '<none>'
    return found.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))).join(',')
  }
  return alignColumns([columns.map((c) => c.header), ...items.map((item) => columns.map((c) => cell(c.path, item)))])
}
