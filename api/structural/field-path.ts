/** Paths of fields as rules and selectable fields name them: `.spec.a`, `.spec['a.b']`; checked against a schema (source: schema/cel ValidFieldPath). */
import { additionalOf, propertyOf, type Structural } from './schema.ts'

export type FieldPath = { ok: true; path: string; root: string; schema: Structural | undefined } | { ok: false; why: string }

const fail = (why: string): FieldPath => ({ ok: false, why })
const unknown = 'does not refer to a valid field'

export function resolveFieldPath(text: string, schema: Structural, allowsBrackets = true): FieldPath {
  const tokens = text.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/g) ?? []
  let at: Structural | undefined = schema
  let path = ''
  let root = ''
  for (let i = 0; i < tokens.length; i++) {
    const opener = tokens[i]
    if (opener !== '.' && opener !== '[') return fail(`expected [ or . but got: ${opener}`)
    if (opener === '[' && !allowsBrackets) return fail('array notation is not allowed')
    const token = tokens[++i]
    if (token === undefined) return fail('unexpected end of JSON path')
    let name = token
    if (opener === '[') {
      if (!/^'.*'$/s.test(token)) return fail(`expected single quoted string but got ${token}`)
      name = token.slice(1, -1).replace(/\\(['\\"abfnrtv])/g, '$1')
    }
    const isNamed: boolean = at?.properties !== undefined
    if (!isNamed && at?.additionalProperties === undefined) return fail(unknown)
    const next: Structural | undefined = at && (isNamed ? propertyOf(at, name) : additionalOf(at))
    if (isNamed && next === undefined) return fail(unknown)
    at = next
    path = isNamed ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`
    if (root === '') root = name
    if (opener !== '[') continue
    const closer = tokens[++i]
    if (closer === undefined) return fail('unexpected end of JSON path')
    if (closer !== ']') return fail(`expected ] but got ${closer}`)
  }
  return { ok: true, path, root, schema: at }
}
