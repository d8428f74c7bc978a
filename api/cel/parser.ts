/** Source text to syntax tree, in one pass, with upstream's messages for what is no expression. Macros are expanded on the way. */
import { type CallExpr, type Expr, type MapEntry, operators, type StructField } from './ast.ts'
import { isReservedWord } from './escaping.ts'
import { codePoints, type Issues } from './issues.ts'
import { type Token, tokenize } from './lexer.ts'
import { parseDouble, unquote } from './literals.ts'
import { expandMacro, MacroFault } from './macros.ts'
import { ParseStop, type TokenSet, TokenStream } from './token-stream.ts'
import { Bytes, type CelValue, Uint } from './value.ts'

const set = (text: string): TokenSet => new Set(text.split(' ').filter(Boolean))
const primaryStart = set('[ { ( . - true false null NUM_FLOAT NUM_INT NUM_UINT STRING BYTES IDENTIFIER')
const exprStart: TokenSet = new Set([...primaryStart, '!'])
const elementStart: TokenSet = new Set([...exprStart, '?'])
const fieldStart = set('? IDENTIFIER ESC_IDENTIFIER')
const relations = set('< <= >= > == != in')
const products = set('* / %')
const sums = set('+ -')
const arithmetic: TokenSet = new Set([...products, ...sums])
const nothing: TokenSet = new Set()
const postfix = set('. [')
const or = set('||')
const and = set('&&')
const question = set('?')
const colon = set(':')
const closeParen = set(')')
const closeBracket = set(']')
const comma = set(',')
const endOfList = set(', ]')
const endOfBraces = set(', }')
const end = set('<EOF>')
const names = set('IDENTIFIER ESC_IDENTIFIER')

const maxCodePoints = 100_000
const maxDepth = 250

/** Parses; the tree is of use only where no issue was reported. */
export function parse(source: string, issues: Issues): Expr {
  const size = codePoints(source)
  if (size > maxCodePoints) {
    issues.report(-1, `expression code point size exceeds limit: size: ${size}, limit ${maxCodePoints}`)
    return { kind: 'error', offset: 0 }
  }
  const tokens = tokenize(source, (offset, text) => issues.report(offset, `Syntax error: token recognition error at: '${shown(text)}'`))
  return new Parser(new TokenStream(tokens, (offset, message) => issues.report(offset, message)), issues).parse()
}

const shown = (text: string): string => text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')

class Parser {
  readonly #in: TokenStream
  readonly #issues: Issues
  readonly #depths = new WeakMap<Expr, number>()
  #tooDeep = false

  constructor(tokens: TokenStream, issues: Issues) {
    this.#in = tokens
    this.#issues = issues
  }

  parse(): Expr {
    try {
      return this.#rule('start', nothing, () => {
        const expr = this.#expr(end)
        this.#in.expect('<EOF>')
        if (this.#tooDeep) throw new ParseStop('max recursion depth exceeded')
        return expr
      })
    } catch (stop) {
      if (!(stop instanceof ParseStop)) throw stop
      if (stop.message !== '') this.#issues.report(-1, stop.message)
      return this.#nowhere()
    }
  }

  #rule(name: string, follow: TokenSet, body: () => Expr): Expr {
    return this.#in.rule(name, follow, body, () => this.#nowhere())
  }

  #nowhere(): Expr {
    return { kind: 'error', offset: this.#in.token.offset }
  }

  #error(offset: number, message: string): Expr {
    this.#issues.report(offset, message)
    return { kind: 'error', offset }
  }

  #expr(follow: TokenSet): Expr {
    return this.#rule('expr', follow, () => {
      const condition = this.#logical('||', question)
      if (this.#in.type !== '?') return condition
      const op = this.#in.expect('?')
      const yes = this.#logical('||', colon)
      this.#in.expect(':', exprStart)
      const no = this.#expr(nothing)
      return this.#deeper(call('_?_:_', op?.offset ?? 0, [condition, yes, no]), condition, yes, no)
    })
  }

  /** A chain of `||` or `&&`, made into a balanced tree. */
  #logical(op: '||' | '&&', follow: TokenSet): Expr {
    const next = () => (op === '||' ? this.#logical('&&', or) : this.#relation(and))
    return this.#rule(op, follow, () => {
      const terms = [next()]
      const offsets: number[] = []
      while (this.#in.type === op) {
        offsets.push(this.#in.expect(op)?.offset ?? 0)
        terms.push(next())
      }
      return this.#level(balanced(op === '||' ? '_||_' : '_&&_', terms, offsets), ...terms)
    })
  }

  #relation(follow: TokenSet): Expr {
    return this.#leftChain('relation', follow, relations, () => this.#calc(relations, false))
  }

  /** Sums of products; `tight` reads a product only. */
  #calc(follow: TokenSet, tight: boolean): Expr {
    if (tight) return this.#leftChain('calc', follow, products, () => this.#unary(arithmetic))
    return this.#leftChain('calc', follow, sums, () => this.#calc(arithmetic, true))
  }

  #leftChain(name: string, follow: TokenSet, ops: TokenSet, operand: () => Expr): Expr {
    return this.#rule(name, follow, () => {
      let left = operand()
      while (ops.has(this.#in.type)) {
        const op = this.#in.expect(this.#in.type) as Token
        const right = operand()
        left = this.#deeper(call(operators[op.text] as string, op.offset, [left, right]), left, right)
      }
      return left
    })
  }

  #unary(follow: TokenSet): Expr {
    return this.#rule('unary', follow, () => {
      this.#in.sync(exprStart)
      if (this.#in.type === '!') return this.#signs('!', '!_')
      if (this.#in.type !== '-') return this.#member(nothing)
      const next = this.#in.typeAt(1)
      if (next === 'NUM_INT' || next === 'NUM_FLOAT') return this.#member(nothing)
      if (!exprStart.has(next) || next === '!') throw this.#in.noViable(2)
      return this.#signs('-', '-_')
    })
  }

  #signs(sign: string, name: string): Expr {
    const first = this.#in.expect(sign) as Token
    const again: TokenSet = new Set([...primaryStart, sign])
    let count = 1
    this.#in.syncLoop(again)
    while (this.#in.type === sign && !(sign === '!' && this.#in.typeAt(0) !== '!')) {
      this.#in.expect(sign)
      count++
      this.#in.syncLoop(again)
    }
    const operand = this.#member(nothing)
    return count % 2 === 0 ? operand : this.#level(call(name, first.offset, [operand]), operand)
  }

  #member(follow: TokenSet): Expr {
    return this.#rule('member', follow, () => {
      let operand = this.#primary(postfix)
      while (postfix.has(this.#in.type)) {
        operand = this.#in.type === '[' ? this.#index(operand) : this.#select(operand)
      }
      return operand
    })
  }

  #select(operand: Expr): Expr {
    const next = this.#in.typeAt(1)
    if (next !== '?' && !names.has(next)) throw this.#in.noViable(2)
    const isCall = next === 'IDENTIFIER' && this.#in.typeAt(2) === '('
    const dot = this.#in.expect('.') as Token
    if (isCall) return this.#memberCall(operand)
    const optional = this.#in.type === '?' && this.#in.expect('?') !== undefined
    const name = this.#fieldName(postfix)
    if (!name) return this.#nowhere()
    if (!optional) return this.#deeper({ kind: 'select', offset: dot.offset, operand, field: name.text, testOnly: false }, operand)
    const field: Expr = { kind: 'literal', offset: name.offset, value: name.text }
    return this.#deeper(call('_?._', dot.offset, [operand, field]), operand)
  }

  /** A node whose parts upstream visits one level deeper. */
  #deeper(expr: Expr, ...parts: readonly Expr[]): Expr {
    const depth = 1 + Math.max(0, ...parts.map((part) => this.#depths.get(part) ?? 0))
    this.#depths.set(expr, depth)
    if (depth > maxDepth) this.#tooDeep = true
    return expr
  }

  /** A node that is as deep as its deepest part. */
  #level(expr: Expr, ...parts: readonly Expr[]): Expr {
    this.#depths.set(expr, Math.max(0, ...parts.map((part) => this.#depths.get(part) ?? 0)))
    return expr
  }

  /** An identifier; the form in back quotes is read, and refused as upstream does. */
  #fieldName(follow: TokenSet): Token | undefined {
    const { offset } = this.#in.token
    return this.#in.rule(
      'escapeIdent',
      follow,
      () => {
        this.#in.sync(names)
        if (!names.has(this.#in.type)) throw this.#in.noViable(1)
        const token = this.#in.expect(this.#in.type)
        if (token?.kind === 'escaped') this.#issues.report(token.offset, "unsupported syntax: '`'")
        return token
      },
      () => {
        if (follow === postfix) this.#issues.report(offset, 'unsupported ident kind')
        return undefined
      },
    )
  }

  #memberCall(operand: Expr): Expr {
    const name = this.#in.expect('IDENTIFIER') as Token
    const open = this.#in.expect('(') as Token
    const args = this.#args()
    return this.#deeper(
      this.#callOrMacro({ kind: 'call', offset: open.offset, function: name.text, target: operand, args }),
      operand,
      ...args,
    )
  }

  #args(): Expr[] {
    this.#in.sync(new Set([...exprStart, ')']))
    const args = exprStart.has(this.#in.type) ? this.#exprList() : []
    this.#in.expect(')', postfix, true)
    return args
  }

  #exprList(): Expr[] {
    return this.#in.rule(
      'exprList',
      closeParen,
      () => {
        const list = [this.#expr(comma)]
        while (this.#in.type === ',') {
          this.#in.expect(',')
          list.push(this.#expr(comma))
        }
        return list
      },
      () => [],
    )
  }

  #index(operand: Expr): Expr {
    const open = this.#in.expect('[') as Token
    this.#in.sync(elementStart)
    const optional = this.#in.type === '?' && this.#in.expect('?') !== undefined
    const index = this.#expr(closeBracket)
    this.#in.expect(']', postfix, true)
    return this.#deeper(call(optional ? '_[?_]' : '_[_]', open.offset, [operand, index]), operand, index)
  }

  #primary(follow: TokenSet): Expr {
    return this.#rule('primary', follow, () => {
      this.#in.sync(primaryStart)
      switch (this.#in.type) {
        case '(':
          return this.#nested()
        case '[':
          return this.#list()
        case '{':
          return this.#map()
        case '.':
        case 'IDENTIFIER':
          return this.#named()
        default:
          if (!primaryStart.has(this.#in.type)) throw this.#in.noViable(1)
          return this.#rule('literal', nothing, () => this.#literal())
      }
    })
  }

  #nested(): Expr {
    this.#in.expect('(')
    const inner = this.#expr(closeParen)
    this.#in.expect(')', postfix, true)
    return inner
  }

  #named(): Expr {
    const leading = this.#in.type === '.'
    if (leading && this.#in.typeAt(1) !== 'IDENTIFIER') throw this.#in.noViable(2)
    const start = this.#in.token
    if (this.#opensMessage(leading ? 1 : 0)) return this.#message(leading)
    if (leading) this.#in.expect('.')
    const name = this.#in.expect('IDENTIFIER') as Token
    const open = this.#in.type === '(' ? this.#in.expect('(') : undefined
    const args = open ? this.#args() : []
    if (isReservedWord(name.text)) return this.#error(start.offset, `reserved identifier: ${name.text}`)
    const text = leading ? `.${name.text}` : name.text
    if (!open) return { kind: 'ident', offset: name.offset, name: text }
    return this.#level(this.#callOrMacro({ kind: 'call', offset: open.offset, function: text, target: undefined, args }), ...args)
  }

  /** Whether a dotted name and `{` stand ahead. */
  #opensMessage(from: number): boolean {
    let at = from
    while (this.#in.typeAt(at) === 'IDENTIFIER' && this.#in.typeAt(at + 1) === '.') at += 2
    return this.#in.typeAt(at) === 'IDENTIFIER' && this.#in.typeAt(at + 1) === '{'
  }

  #message(leading: boolean): Expr {
    let typeName = leading ? (this.#in.expect('.') as Token).text : ''
    typeName += (this.#in.expect('IDENTIFIER') as Token).text
    while (this.#in.type === '.') {
      this.#in.expect('.')
      typeName += `.${(this.#in.expect('IDENTIFIER') as Token).text}`
    }
    const open = this.#in.expect('{') as Token
    this.#in.sync(new Set([...fieldStart, ...endOfBraces]))
    const fields = fieldStart.has(this.#in.type) ? this.#fields() : []
    this.#endOf(endOfBraces, '}')
    return { kind: 'struct', offset: open.offset, typeName, fields }
  }

  #fields(): StructField[] {
    return this.#separated('fieldInitializerList', fieldStart, endOfBraces, () => {
      const optional = this.#in.type === '?' && this.#in.expect('?') !== undefined
      const name = this.#fieldName(colon)
      const offset = this.#in.expect(':', exprStart)?.offset ?? 0
      return { offset, name: name?.text ?? '', value: this.#expr(comma), optional }
    })
  }

  #list(): Expr {
    const open = this.#in.expect('[') as Token
    this.#in.sync(new Set([...elementStart, ...endOfList]))
    const optional = new Set<number>()
    const elements = elementStart.has(this.#in.type) ? this.#elements(optional) : []
    this.#endOf(endOfList, ']')
    return this.#level({ kind: 'list', offset: open.offset, elements, optional }, ...elements)
  }

  #elements(optional: Set<number>): Expr[] {
    let count = 0
    return this.#separated('listInit', elementStart, endOfList, () => {
      if (this.#optionalMark()) optional.add(count)
      count++
      return this.#expr(comma)
    })
  }

  #optionalMark(): boolean {
    this.#in.sync(elementStart)
    return this.#in.type === '?' && this.#in.expect('?') !== undefined
  }

  #map(): Expr {
    const open = this.#in.expect('{') as Token
    this.#in.sync(new Set([...elementStart, ...endOfBraces]))
    const entries = elementStart.has(this.#in.type) ? this.#entries() : []
    this.#endOf(endOfBraces, '}')
    return this.#level({ kind: 'map', offset: open.offset, entries }, ...entries.flatMap((entry) => [entry.key, entry.value]))
  }

  #entries(): MapEntry[] {
    return this.#separated('mapInitializerList', elementStart, endOfBraces, () => {
      const optional = this.#optionalMark()
      const key = this.#expr(colon)
      const offset = this.#in.expect(':', exprStart)?.offset ?? 0
      return { offset, key, value: this.#expr(comma), optional }
    })
  }

  /** Items with commas between; a comma that no item follows is left to the caller. */
  #separated<T>(name: string, start: TokenSet, follow: TokenSet, item: () => T): T[] {
    const items: T[] = []
    return this.#in.rule(
      name,
      follow,
      () => {
        items.push(item())
        while (this.#in.type === ',' && start.has(this.#in.typeAt(1))) {
          this.#in.expect(',')
          items.push(item())
        }
        return items
      },
      () => items,
    )
  }

  /** An optional comma and the closing bracket. */
  #endOf(expected: TokenSet, close: string): void {
    this.#in.sync(expected)
    if (this.#in.type === ',') this.#in.expect(',')
    this.#in.expect(close, postfix, true)
  }

  #literal(): Expr {
    const start = this.#in.token
    const negative = this.#in.type === '-'
    if (negative && this.#in.typeAt(1) !== 'NUM_INT' && this.#in.typeAt(1) !== 'NUM_FLOAT') throw this.#in.noViable(2)
    if (negative) this.#in.expect('-')
    const token = this.#in.expect(this.#in.type) as Token
    const value = this.#literalValue(token, negative)
    if (value instanceof LiteralFault) return this.#error(start.offset, value.message)
    return { kind: 'literal', offset: start.offset, value }
  }

  #literalValue(token: Token, negative: boolean): CelValue | LiteralFault {
    switch (token.kind) {
      case 'int': {
        const value = negative ? -BigInt(token.text) : BigInt(token.text)
        return value === BigInt.asIntN(64, value) ? value : new LiteralFault('invalid int literal')
      }
      case 'uint': {
        const value = BigInt(token.text.slice(0, -1))
        return value === BigInt.asUintN(64, value) ? new Uint(value) : new LiteralFault('invalid uint literal')
      }
      case 'float': {
        const value = parseDouble(negative ? `-${token.text}` : token.text)
        return value !== undefined && Number.isFinite(value) ? value : new LiteralFault('invalid double literal')
      }
      case 'string':
      case 'bytes': {
        const text = unquote(token.kind === 'bytes' ? token.text.slice(1) : token.text, token.kind === 'bytes')
        if (typeof text === 'string' || text instanceof Bytes) return text
        return new LiteralFault(text.error)
      }
      default:
        return token.text === 'null' ? null : token.text === 'true'
    }
  }

  #callOrMacro(expr: CallExpr): Expr {
    try {
      return expandMacro(expr) ?? expr
    } catch (fault) {
      if (!(fault instanceof MacroFault)) throw fault
      return this.#error(fault.offset, fault.message)
    }
  }
}

class LiteralFault {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

const call = (name: string, offset: number, args: Expr[]): Expr => ({ kind: 'call', offset, function: name, target: undefined, args })

function balanced(name: string, terms: Expr[], offsets: readonly number[]): Expr {
  const build = (low: number, high: number): Expr => {
    const middle = Math.floor((low + high + 1) / 2)
    const left = middle === low ? (terms[middle] as Expr) : build(low, middle - 1)
    const right = middle === high ? (terms[middle + 1] as Expr) : build(middle + 1, high)
    return call(name, offsets[middle] as number, [left, right])
  }
  return terms.length === 1 ? (terms[0] as Expr) : build(0, offsets.length - 1)
}
