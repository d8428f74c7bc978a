/** The text of kubectl explain, from an OpenAPI v3 document. Pure. */
import type { ResourceType } from '#client/resource-path.ts'
import { UsageError } from '#kubectl/command.ts'

interface Schema {
  type?: string
  description?: string
  $ref?: string
  allOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  required?: string[]
  enum?: unknown[]
  format?: string
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[]
}
export interface SchemaDocument {
  components?: { schemas?: Record<string, Schema> }
}

interface Asked {
  type: Pick<ResourceType, 'group' | 'version' | 'kind'>
  fields: readonly string[]
  recursive: boolean
}

const width = 80

export function explainText(document: SchemaDocument, { type, fields, recursive }: Asked): string {
  const resolver = new Resolver(document)
  let schema = resolver.ofKind(type)
  let last: { name: string; schema: Schema } | undefined
  for (const name of fields) {
    const owner = resolver.element(schema)
    const next = owner.properties?.[name]
    if (!next) throw new UsageError(`field "${name}" does not exist`)
    last = { name, schema: next }
    schema = next
  }
  const target = resolver.element(schema)
  const head = [...(type.group === '' ? [] : [`GROUP:      ${type.group}`]), `KIND:       ${type.kind}`, `VERSION:    ${type.version}`, '']
  const lines = [...head]
  if (last) lines.push(`FIELD: ${last.name} <${resolver.typeName(last.schema)}>`, ...enumLines(last.schema, '    '), '', '')
  lines.push('DESCRIPTION:', ...wrapped(last ? describe(last.schema, target) : (target.description ?? ''), 4), '    ')
  const members = Object.entries(target.properties ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  if (members.length > 0) {
    lines.push('FIELDS:')
    for (const [name, member] of members)
      lines.push(...(recursive ? resolver.tree(name, member, { owner: target, depth: 1, path: [] }) : resolver.field(name, member, target)))
  }
  return `${lines.join('\n')}\n\n`
}

const describe = (schema: Schema, target: Schema): string =>
  [schema.description, schema === target ? undefined : target.description].filter((d) => d).join('\n') || '<empty>'

/** At most four values, as upstream shows them. */
function enumLines(schema: Schema, indent: string): string[] {
  if (schema.enum === undefined) return []
  const shown = schema.enum.slice(0, 4).map((value) => (value === '' ? '""' : String(value)))
  return [`${indent}enum: ${shown.join(', ')}${schema.enum.length > 4 ? ', ....' : ''}`]
}

function wrapped(text: string, indent: number): string[] {
  const lines: string[] = []
  for (const paragraph of (text || '<empty>').split('\n')) {
    let line = /^ */.exec(paragraph)?.[0] ?? ''
    for (const word of paragraph.trimStart().split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width - indent) {
        lines.push(line)
        line = word
      } else line = line.trim() === '' ? `${line}${word}` : `${line} ${word}`
    }
    lines.push(line)
  }
  return lines.map((line) => `${' '.repeat(indent)}${line}`)
}

class Resolver {
  readonly #schemas: Readonly<Record<string, Schema>>

  constructor(document: SchemaDocument) {
    this.#schemas = document.components?.schemas ?? {}
  }

  ofKind({ group, version, kind }: Asked['type']): Schema {
    const found = Object.values(this.#schemas).find((s) =>
      s['x-kubernetes-group-version-kind']?.some((g) => g.group === group && g.version === version && g.kind === kind),
    )
    if (!found) throw new UsageError(`GVR (${group}, ${version}, ${kind}) not found in OpenAPI schema`)
    return found
  }

  /** What a reference stands for, or the schema itself. */
  #target(schema: Schema): Schema {
    const reference = schema.$ref ?? schema.allOf?.[0]?.$ref
    return reference === undefined ? schema : (this.#schemas[reference.replace('#/components/schemas/', '')] ?? {})
  }

  /** The message inside lists and maps. */
  element(schema: Schema): Schema {
    const target = this.#target(schema)
    if (target.items) return this.element(target.items)
    if (typeof target.additionalProperties === 'object') return this.element(target.additionalProperties)
    return target
  }

  typeName(schema: Schema): string {
    const reference = schema.$ref ?? schema.allOf?.[0]?.$ref
    if (reference !== undefined) {
      const target = this.#target(schema)
      return target.properties || target.type === undefined || target.type === 'object'
        ? (reference.split('.').pop() ?? 'Object')
        : target.type
    }
    if (schema.items) return `[]${this.typeName(schema.items)}`
    if (typeof schema.additionalProperties === 'object') return `map[string]${this.typeName(schema.additionalProperties)}`
    return schema.type === 'object' || schema.type === undefined ? 'Object' : schema.type
  }

  field(name: string, schema: Schema, owner: Schema): string[] {
    const required = owner.required?.includes(name) ? ' -required-' : ''
    return [`  ${name}\t<${this.typeName(schema)}>${required}`, ...enumLines(schema, '  '), ...wrapped(describe(schema, schema), 4), '']
  }

  tree(name: string, schema: Schema, at: { owner: Schema; depth: number; path: readonly Schema[] }): string[] {
    const required = at.owner.required?.includes(name) ? ' -required-' : ''
    const inner = this.element(schema)
    const indent = '  '.repeat(at.depth)
    const line = [`${indent}${name}\t<${this.typeName(schema)}>${required}`, ...enumLines(schema, indent)]
    if (at.path.includes(inner)) return line // a schema that contains itself
    const members = Object.entries(inner.properties ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
    return [
      ...line,
      ...members.flatMap(([member, s]) => this.tree(member, s, { owner: inner, depth: at.depth + 1, path: [...at.path, inner] })),
    ]
  }
}
