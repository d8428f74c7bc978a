/** Label selectors: their schema, text form and matching. */
import type { z } from 'zod'
import { list, map, message, string } from '#api/fields.ts'
import { checkLabelValue, checkQualifiedName } from '#api/validation/names.ts'
import { badRequest } from './status.ts'

export const labelSelectorRequirementSchema = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement',
  'A rule on one label.',
  {
    key: string(1, 'Key of the label.', { json: 'always' }),
    operator: string(2, 'In, NotIn, Exists or DoesNotExist.', { json: 'always', goType: 'v1.LabelSelectorOperator' }),
    values: list(3, 'string', 'Values for In and NotIn.', { listType: 'atomic' }),
  },
)
export type LabelSelectorRequirement = z.output<typeof labelSelectorRequirementSchema>

export const labelSelectorSchema = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
  'Selects objects by labels; all parts must hold, an empty one selects all.',
  {
    matchLabels: map(1, 'string', 'Labels with their values.'),
    matchExpressions: list(2, labelSelectorRequirementSchema, 'Rules on labels.', { listType: 'atomic' }),
  },
  { atomic: true },
)
export type LabelSelector = z.output<typeof labelSelectorSchema>

export type SelectorOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'

export interface Requirement {
  readonly key: string
  readonly operator: SelectorOperator
  readonly values: readonly string[]
}

/** All requirements must hold; none at all selects everything. `undefined` stands for a selector that selects nothing. */
export type Selector = readonly Requirement[]

type Labels = Readonly<Record<string, string>> | undefined

interface Token {
  kind: 'identifier' | 'symbol' | 'in' | 'notin' | 'end' | 'error'
  text: string
}

const symbols = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '('])
const isSpecial = (char: string): boolean => '=!(),><'.includes(char)
const isSpace = (char: string): boolean => char === ' ' || char === '\t' || char === '\r' || char === '\n'

function symbolAt(text: string, start: number): { token: Token; next: number } {
  let end = start
  let found = ''
  while (end < text.length && isSpecial(text.charAt(end))) {
    const longer = text.slice(start, end + 1)
    if (symbols.has(longer)) found = longer
    else if (found !== '') break
    end++
  }
  if (found === '') return { token: { kind: 'error', text: `error expected: keyword found '${text.slice(start, end)}'` }, next: end }
  return { token: { kind: 'symbol', text: found }, next: start + found.length }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const char = text.charAt(at)
    if (isSpace(char)) {
      at++
    } else if (isSpecial(char)) {
      const { token, next } = symbolAt(text, at)
      tokens.push(token)
      at = next
    } else {
      const start = at
      while (at < text.length && !isSpecial(text.charAt(at)) && !isSpace(text.charAt(at))) at++
      const word = text.slice(start, at)
      tokens.push({ kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word })
    }
  }
  tokens.push({ kind: 'end', text: '' })
  return tokens
}

class SelectorError extends Error {}

const expected = (found: string, what: string): SelectorError => new SelectorError(`found '${found}', expected: ${what}`)
const END: Token = { kind: 'end', text: '' }

/** A cursor over tokens; where a value may stand, `in` and `notin` are plain words. */
class Parser {
  #at = 0
  readonly #tokens: readonly Token[]

  constructor(text: string) {
    this.#tokens = tokensOf(text)
  }

  #peek(): Token {
    const token = this.#tokens[this.#at] ?? END
    return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token
  }

  #take(): Token {
    const token = this.#peek()
    this.#at++
    return token
  }

  parse(): Requirement[] {
    const found: Requirement[] = []
    for (;;) {
      const token = this.#peek()
      if (token.kind === 'end') return found
      if (token.kind !== 'identifier' && token.text !== '!') throw expected(token.text, "!, identifier, or 'end of string'")
      found.push(this.#requirement())
      const after = this.#take()
      if (after.kind === 'end') return found
      if (after.kind !== 'symbol' || after.text !== ',') throw expected(after.text, "',' or 'end of string'")
      const next = this.#peek()
      if (next.kind !== 'identifier' && !(next.kind === 'symbol' && next.text === '!')) throw expected(next.text, "identifier after ','")
    }
  }

  #requirement(): Requirement {
    try {
      const { key, operator } = this.#keyAndExistence()
      if (operator !== undefined) return checkedRequirement({ key, operator, values: [] })
      const binary = this.#operator()
      const values = binary === 'in' || binary === 'notin' ? this.#values() : [this.#exactValue()]
      return checkedRequirement({ key, operator: binary, values: [...new Set(values)].sort() })
    } catch (error) {
      if (error instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${error.message}`)
      throw error
    }
  }

  #keyAndExistence(): { key: string; operator: SelectorOperator | undefined } {
    let token = this.#take()
    const negated = token.kind === 'symbol' && token.text === '!'
    if (negated) token = this.#take()
    if (token.kind !== 'identifier') throw expected(token.text, 'identifier')
    const problem = invalidKey(token.text, '<nil>')
    if (problem !== undefined) throw new SelectorError(problem)
    if (negated) return { key: token.text, operator: '!' }
    const next = this.#peek()
    const alone = next.kind === 'end' || (next.kind === 'symbol' && next.text === ',')
    return { key: token.text, operator: alone ? 'exists' : undefined }
  }

  #operator(): SelectorOperator {
    const token = this.#tokens[this.#at++] ?? END
    if (token.kind === 'in' || token.kind === 'notin') return token.kind
    if (token.text === '=' || token.text === '==' || token.text === '!=') return token.text
    if (token.text === '>') return 'gt'
    if (token.text === '<') return 'lt'
    throw expected(token.text, 'in, notin, =, ==, !=, gt, lt')
  }

  #values(): string[] {
    const open = this.#take()
    if (open.text !== '(') throw new SelectorError(`found '${open.text}' expected: '('`)
    const first = this.#peek()
    if (first.text === ')' && first.kind === 'symbol') {
      this.#take()
      return ['']
    }
    if (first.kind !== 'identifier' && first.text !== ',') throw expected(first.text, "',', ')' or identifier")
    const values = this.#identifiers()
    this.#take()
    return values
  }

  #identifiers(): string[] {
    const values: string[] = []
    for (;;) {
      const token = this.#take()
      const next = this.#peek()
      if (token.kind === 'identifier') {
        values.push(token.text)
        if (next.text === ')') return values
        if (next.text !== ',') throw expected(next.text, "',' or ')'")
      } else if (token.text === ',') {
        if (values.length === 0) values.push('')
        if (next.text === ')') return [...values, '']
        if (next.text === ',') values.push('')
      } else throw expected(token.text, "',', or identifier")
    }
  }

  #exactValue(): string {
    const next = this.#peek()
    if (next.kind === 'end' || next.text === ',') return ''
    const token = this.#take()
    if (token.kind !== 'identifier') throw expected(token.text, 'identifier')
    return token.text
  }
}

function invalidKey(key: string, path: string): string | undefined {
  const messages = checkQualifiedName(key)
  return messages.length === 0 ? undefined : `${path}: Invalid value: ${JSON.stringify(key)}: ${messages.join('; ')}`
}

function checkedRequirement(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement
  const problems: string[] = []
  const badKey = invalidKey(key, 'key')
  if (badKey !== undefined) problems.push(badKey)
  if (operator === 'gt' || operator === 'lt') {
    values.forEach((value, i) => {
      if (!isInteger(value)) {
        problems.push(`values[${i}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`)
      }
    })
  }
  values.forEach((value, i) => {
    const messages = checkLabelValue(value)
    if (messages.length > 0) problems.push(`values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${messages.join('; ')}`)
  })
  if (problems.length > 0) throw new SelectorError(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`)
  return requirement
}

const isInteger = (text: string): boolean =>
  /^[+-]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text.replace('+', ''))) === BigInt(text.replace('+', ''))

const byKey = (a: Requirement, b: Requirement): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

/** Requirements in the order of their keys. Throws ApiError 400 with upstream's sentence. */
export function parseSelector(text: string): Selector {
  try {
    return new Parser(text).parse().sort(byKey)
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message)
    throw error
  }
}

function requirementText({ key, operator, values }: Requirement): string {
  const sorted = [...values].sort().join(',')
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${sorted})`
    case 'gt':
      return `${key}>${sorted}`
    case 'lt':
      return `${key}<${sorted}`
    case '=':
    case '==':
    case '!=':
      return key + operator + sorted
  }
}

/** `a=b,c in (d,e)`: the inverse of parseSelector. */
export const formatSelector = (selector: Selector): string => selector.map(requirementText).join(',')

const operators: Readonly<Record<string, SelectorOperator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }

/**
 * The requirements of a LabelSelector object: an empty one selects everything, an absent one nothing (undefined).
 * An operator that upstream does not know selects nothing either, as validation has refused it before.
 */
export function selectorFromLabelSelector(selector: LabelSelector | undefined): Selector | undefined {
  if (selector === undefined) return undefined
  const found: Requirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] }))
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = Object.hasOwn(operators, operator) ? operators[operator] : undefined
    if (known === undefined) return undefined
    found.push({ key, operator: known, values: values ?? [] })
  }
  return found.sort(byKey)
}

/** All labels of a set must be there with these values (Service.spec.selector, ReplicationController). */
export const selectorFromLabels = (labels: Labels): Selector =>
  Object.entries(labels ?? {})
    .map(([key, value]): Requirement => ({ key, operator: '=', values: [value] }))
    .sort(byKey)

function matchesRequirement({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case 'gt':
    case 'lt':
      return value !== undefined && comparesAs(operator, value, values[0])
  }
}

function comparesAs(operator: 'gt' | 'lt', value: string, bound: string | undefined): boolean {
  if (bound === undefined || !/^[+-]?\d+$/.test(value) || !/^[+-]?\d+$/.test(bound)) return false
  return operator === 'gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound)
}

/** Whether labels satisfy a selector; an undefined selector selects nothing. */
export function matches(selector: Selector | undefined, labels: Labels): boolean {
  return selector?.every((requirement) => matchesRequirement(requirement, labels)) ?? false
}
