/** JSON values as Go writes them: its JSON, and fmt's %v, %#v and %T, which upstream's complaints hold. */
import { isWrittenNumber, numberText } from '#api/json-scan.ts'
import { goQuote } from '#api/meta/go-quote.ts'
import { goPrint } from '#api/patch/go-print.ts'

/** %v */
export const goValue = (value: unknown): string => (isWrittenNumber(value) ? numberText(value) : goPrint(value))

/** %T */
export function goTypeName(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'number' || isWrittenNumber(value)) return /^-?\d+$/.test(numberText(value)) ? 'int64' : 'float64'
  return 'map[string]interface {}'
}

/** %#v */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (typeof value === 'string') return goQuote(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' || isWrittenNumber(value)) return numberText(value)
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[string]interface {}{${entries.map(([key, item]) => `${goQuote(key)}:${goSyntax(item)}`).join(', ')}}`
}

const htmlInJson: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** JSON with escapes for what HTML would read. */
export function goJson(value: unknown): string {
  const text = JSON.stringify(value)
  return /[<>&\u2028\u2029]/.test(text) ? text.replaceAll(/[<>&\u2028\u2029]/g, (char) => htmlInJson[char] ?? char) : text
}
