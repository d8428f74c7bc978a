/** Reads a JSONPath template into parts and steps. Pure. */

export class JsonPathError extends Error {}

type Operand = { literal: unknown } | { fromRoot: boolean; steps: readonly Step[] }
type Operator = '==' | '!=' | '<' | '<=' | '>' | '>='

export type Step =
  | { kind: 'key'; name: string }
  | { kind: 'all' }
  | { kind: 'descend' }
  | { kind: 'slice'; single?: number; from?: number; to?: number; every?: number }
  | { kind: 'union'; members: readonly Step[] }
  | { kind: 'filter'; left: Operand; operator?: Operator; right?: Operand }

export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'path'; fromRoot: boolean; steps: readonly Step[] }
  | { kind: 'range'; fromRoot: boolean; steps: readonly Step[]; body: Template }
export type Template = readonly Part[]

const fail = (why: string): never => {
  throw new JsonPathError(`error parsing jsonpath: ${why}`)
}

export function parsePath(template: string): Template {
  const bodies: Part[][] = [[]]
  const ranges: Omit<Extract<Part, { kind: 'range' }>, 'body'>[] = []
  for (const piece of pieces(template)) {
    const body = bodies.at(-1) ?? []
    if ('text' in piece) body.push({ kind: 'text', text: piece.text })
    else if (piece.expression === 'end') {
      const range = ranges.pop() ?? fail('not in range, nothing to end')
      const inner = bodies.pop() ?? []
      bodies.at(-1)?.push({ ...range, body: inner })
    } else if (/^range\s/.test(piece.expression)) {
      ranges.push({ kind: 'range', ...parseSteps(piece.expression.slice(5).trim()) })
      bodies.push([])
    } else body.push(...parseExpression(piece.expression))
  }
  if (ranges.length > 0) fail('unclosed range: {end} is missing')
  return bodies[0] ?? []
}

/** Text and expressions; braces inside quotes belong to the expression. */
function* pieces(template: string): Iterable<{ text: string } | { expression: string }> {
  let at = 0
  while (at < template.length) {
    const open = template.indexOf('{', at)
    if (open < 0) {
      yield { text: template.slice(at) }
      return
    }
    if (open > at) yield { text: template.slice(at, open) }
    const close = closing(template, open)
    yield { expression: template.slice(open + 1, close).trim() }
    at = close + 1
  }
}

function closing(template: string, open: number): number {
  let quote = ''
  for (let i = open + 1; i < template.length; i++) {
    const c = template[i] ?? ''
    if (quote !== '') {
      if (c === '\\') i++
      else if (c === quote) quote = ''
    } else if (c === '"' || c === "'") quote = c
    else if (c === '}') return i
  }
  return fail('unclosed action')
}

function parseExpression(expression: string): readonly Part[] {
  const quoted = /^(["'])([\s\S]*)\1$/.exec(expression)
  if (quoted) return [{ kind: 'text', text: unescaped(quoted[2] ?? '') }]
  return [{ kind: 'path', ...parseSteps(expression) }]
}

function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' }
  return text.replace(/\\(.)/g, (_, c: string) => named[c] ?? c)
}

/** Steps of `.a.b[0]`, `$.a`, `@.a`, `..a`, `['a']`. */
export function parseSteps(text: string): { fromRoot: boolean; steps: readonly Step[] } {
  const steps: Step[] = []
  let rest = text
  const fromRoot = rest.startsWith('$')
  if (fromRoot || rest.startsWith('@')) rest = rest.slice(1)
  while (rest !== '') {
    if (rest.startsWith('..')) {
      steps.push({ kind: 'descend' })
      rest = rest[2] === '[' ? rest.slice(2) : rest.slice(1)
    } else if (rest.startsWith('[')) {
      const end = bracketEnd(rest)
      steps.push(parseBracket(rest.slice(1, end).trim()))
      rest = rest.slice(end + 1)
    } else if (/^\.?\*/.test(rest)) {
      steps.push({ kind: 'all' })
      rest = rest.replace(/^\.?\*/, '')
    } else {
      const key = /^\.?((?:\\.|[^.[\]\s\\])+)/.exec(rest)
      if (rest === '.') break
      if (!key) return fail(`unrecognized character in "${rest}"`)
      steps.push({ kind: 'key', name: (key[1] ?? '').replace(/\\(.)/g, '$1') })
      rest = rest.slice(key[0].length)
    }
  }
  return { fromRoot, steps }
}

function bracketEnd(text: string): number {
  let depth = 0
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? ''
    if (quote !== '') {
      if (c === '\\') i++
      else if (c === quote) quote = ''
    } else if (c === '"' || c === "'") quote = c
    else if (c === '[') depth++
    else if (c === ']' && --depth === 0) return i
  }
  return fail('unterminated array')
}

function parseBracket(inner: string): Step {
  if (inner === '*') return { kind: 'all' }
  const filter = /^\?\((.*)\)$/s.exec(inner)
  if (filter) return parseFilter((filter[1] ?? '').trim())
  const members = splitOutsideQuotes(inner, ',')
  if (members.length > 1) return { kind: 'union', members: members.map((member) => parseBracket(member.trim())) }
  const quoted = /^(["'])([\s\S]*)\1$/.exec(inner)
  if (quoted) return { kind: 'key', name: unescaped(quoted[2] ?? '') }
  if (/^-?\d+$/.test(inner)) return { kind: 'slice', single: Number(inner) }
  const slice = /^(-?\d*):(-?\d*)(?::(-?\d*))?$/.exec(inner)
  if (!slice) return fail(`invalid array index "${inner}"`)
  const part = (key: string, value: string | undefined) => (value ? { [key]: Number(value) } : {})
  return { kind: 'slice', ...part('from', slice[1]), ...part('to', slice[2]), ...part('every', slice[3]) }
}

function parseFilter(text: string): Step {
  const parts = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/s.exec(text)
  if (!parts) return { kind: 'filter', left: parseOperand(text) }
  return { kind: 'filter', left: parseOperand(parts[1] ?? ''), operator: parts[2] as Operator, right: parseOperand(parts[3] ?? '') }
}

function parseOperand(text: string): Operand {
  const quoted = /^(["'])([\s\S]*)\1$/.exec(text)
  if (quoted) return { literal: unescaped(quoted[2] ?? '') }
  if (/^-?\d+(\.\d+)?$/.test(text)) return { literal: Number(text) }
  if (text === 'true' || text === 'false') return { literal: text === 'true' }
  return parseSteps(text)
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts = ['']
  let quote = ''
  for (const c of text) {
    if (quote === '' && c === separator) parts.push('')
    else {
      if (quote === '' && (c === '"' || c === "'")) quote = c
      else if (c === quote) quote = ''
      parts[parts.length - 1] += c
    }
  }
  return parts
}
