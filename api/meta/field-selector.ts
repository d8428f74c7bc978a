/** Field selectors (`metadata.name=a,status.phase!=Running`): parsing, printing, matching, and which fields a kind lets be selected. */
import type { KubeObject, Resource } from '#api/resource.ts'
import { badRequest } from './status.ts'

export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** Parts between commas that no backslash escapes. */
function terms(text: string): string[] {
  const found: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text.charAt(i) === '\\') i++
    else if (text.charAt(i) === ',') {
      found.push(text.slice(start, i))
      start = i + 1
    }
  }
  return [...found, text.slice(start)].filter((term) => term !== '')
}

function unescaped(value: string): string {
  let out = ''
  for (let i = 0; i < value.length; i++) {
    const char = value.charAt(i)
    if (char === '\\') {
      const next = value.charAt(++i)
      if (next !== '\\' && next !== ',' && next !== '=') {
        throw badRequest(`invalid field selector: invalid escape sequence: \\${next}`)
      }
      out += next
    } else if (char === ',' || char === '=') {
      throw badRequest(`invalid field selector: unescaped character in value: ${char.charCodeAt(0)}`)
    } else out += char
  }
  return out
}

/** All requirements must hold; one of neither field nor value holds always. Throws ApiError 400 with upstream's sentence. */
export function parseFieldSelector(text: string): FieldRequirement[] {
  return terms(text)
    .sort()
    .map((term): FieldRequirement => {
      const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term)
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`)
      const [, field = '', operator, value = ''] = match
      return { field, operator: operator === '!=' ? '!=' : '=', value: unescaped(value) }
    })
    .filter(({ field, value }) => field !== '' || value !== '')
}

export function formatFieldSelector(requirements: readonly FieldRequirement[]): string {
  return requirements.map((r) => r.field + r.operator + r.value.replace(/[\\,=]/g, '\\$&')).join(',')
}

type Selectable = Pick<Resource, 'selectableFields' | 'fieldRefusal' | 'scope'>

/** The value of a selectable field; undefined where the kind does not let it be selected. */
export function fieldValue(resource: Selectable, obj: KubeObject, field: string): string | undefined {
  if (field === 'metadata.name') return obj.metadata.name ?? ''
  if (field === 'metadata.namespace') return obj.metadata.namespace ?? ''
  const read =
    resource.selectableFields !== undefined && Object.hasOwn(resource.selectableFields, field)
      ? resource.selectableFields[field]
      : undefined
  return read?.(obj)
}

/** Refuses (400) fields that the kind does not let be selected, in upstream's two ways of saying so. */
export function checkFieldSelector(requirements: readonly FieldRequirement[], resource: Selectable): void {
  for (const { field } of requirements) {
    // kinds with selectable fields of their own know their scope
    const isPlaced = resource.scope === 'Namespaced' || resource.selectableFields === undefined
    if (field === 'metadata.name' || (field === 'metadata.namespace' && isPlaced)) continue
    if (resource.selectableFields === undefined) {
      throw badRequest(`${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`)
    }
    if (Object.hasOwn(resource.selectableFields, field)) continue
    throw badRequest(resource.fieldRefusal?.(field) ?? `field label not supported: ${field}`)
  }
}

export function matchesFields(requirements: readonly FieldRequirement[], resource: Selectable, obj: KubeObject): boolean {
  return requirements.every(({ field, operator, value }) => ((fieldValue(resource, obj, field) ?? '') === value) === (operator === '='))
}
