/**
 * The parser's view of the tokens, with ANTLR's way to report and repair syntax errors: which token is extraneous, missing or mismatched,
 * and where to go on. CEL's published messages are those of the ANTLR default strategy, so the strategy is part of the interface.
 */
import type { Token } from './lexer.ts'

/** Raised by a rule at a token it cannot use; caught by the rule, which then skips to what may follow it. */
export class SyntaxFault {
  readonly token: Token
  readonly message: string
  constructor(token: Token, message: string) {
    this.token = token
    this.message = message
  }
}

/** Ends parsing: too deep, or too many repairs. */
export class ParseStop {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** Token types in the order in which messages list them. */
const order =
  '<EOF> == != in < <= >= > && || [ ] { } ( ) . , - ! ? : + * / % true false null NUM_FLOAT NUM_INT NUM_UINT STRING BYTES IDENTIFIER ESC_IDENTIFIER'.split(
    ' ',
  )
const rank = new Map(order.map((type, at) => [type, at]))
const named = new Set(['<EOF>', 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER', 'ESC_IDENTIFIER'])

const typeNames: Readonly<Record<Token['kind'], string | undefined>> = {
  symbol: undefined,
  keyword: undefined,
  identifier: 'IDENTIFIER',
  escaped: 'ESC_IDENTIFIER',
  int: 'NUM_INT',
  uint: 'NUM_UINT',
  float: 'NUM_FLOAT',
  string: 'STRING',
  bytes: 'BYTES',
  end: '<EOF>',
}

export type TokenSet = ReadonlySet<string>

/** What must stand behind a rule, so that nothing beyond can follow it directly. */
const enclosing = [')', ']', '}', ':', '<EOF>']

const maxDepth = 250
const maxRepairs = 30
const maxSkipped = 256
const maxReports = 100

export class TokenStream {
  readonly #tokens: readonly Token[]
  readonly #report: (offset: number, message: string) => void
  #at = 0
  #recovering = false
  #repairs = 0
  #reports = 0
  #lastFault = -1
  readonly #failedRules = new Set<string>()
  readonly #follow: TokenSet[] = []
  readonly #depth = new Map<string, number>()

  constructor(tokens: readonly Token[], report: (offset: number, message: string) => void) {
    this.#tokens = tokens
    this.#report = report
  }

  get token(): Token {
    return this.peek(0)
  }

  /** The type of the next token: its text for symbols and keywords, else its name in messages. */
  get type(): string {
    return this.typeAt(0)
  }

  peek(ahead: number): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token
  }

  typeAt(ahead: number): string {
    const token = this.peek(ahead)
    return typeNames[token.kind] ?? token.text
  }

  consume(): Token {
    const token = this.token
    if (token.kind !== 'end') this.#at++
    return token
  }

  /** Runs one grammar rule. `follow` is what the caller's rule may hold behind it; `failed` stands in where it could not be read. */
  rule<T>(name: string, follow: TokenSet, body: () => T, failed: () => T): T {
    const levels = this.#deepen(name)
    this.#follow.push(follow)
    try {
      return body()
    } catch (fault) {
      if (!(fault instanceof SyntaxFault)) throw fault
      this.#note(fault)
      this.#recover(name)
      return failed()
    } finally {
      this.#follow.pop()
      this.#depth.set(name, levels - 1)
    }
  }

  #deepen(name: string): number {
    const levels = (this.#depth.get(name) ?? 0) + 1
    if (levels > maxDepth) throw new ParseStop(`expression recursion limit exceeded: ${maxDepth}`)
    this.#depth.set(name, levels)
    return levels
  }

  /** Consumes a token of the type; `next` is what stands behind it, to decide whether it was merely left out. */
  expect(type: string, next?: TokenSet, closes = false): Token | undefined {
    if (this.type === type) {
      this.#settle()
      return this.consume()
    }
    const expected = new Set([type])
    this.#attempt()
    if (this.#deleteOne(expected)) {
      this.#settle()
      return this.consume()
    }
    if (next !== undefined && (next.has(this.type) || (closes && this.#mayFollow()))) {
      this.#fail(this.token, `missing ${quoted(type)} at ${shown(this.token)}`)
      return undefined
    }
    throw this.mismatch(expected)
  }

  /** Before a choice that needs one of `expected`: drops one superfluous token, or gives up. */
  sync(expected: TokenSet): void {
    if (this.#recovering || expected.has(this.type) || this.#deleteOne(expected)) return
    throw this.mismatch(expected)
  }

  /** Within a repetition: reports a superfluous token and skips to what may come next. */
  syncLoop(expected: TokenSet): void {
    if (this.#recovering || expected.has(this.type)) return
    this.#fail(this.token, `extraneous input ${shown(this.token)} expecting ${listed(expected)}`)
    this.#skipTo(new Set([...expected, ...this.#recoverySet()]))
  }

  mismatch(expected: TokenSet): SyntaxFault {
    return new SyntaxFault(this.token, `mismatched input ${shown(this.token)} expecting ${listed(expected)}`)
  }

  /** No alternative fits the next `count` tokens. */
  noViable(count: number): SyntaxFault {
    const first = this.token
    const last = this.peek(count - 1)
    const rest = Array.from({ length: count - 1 }, (_, ahead) => this.peek(ahead + 1))
    const behind = rest.map((token) => token.before + (token.kind === 'end' ? '' : token.text))
    const text = first.text + behind.join('')
    const input = `'${escapeText(text)}'`
    const literal = /^'.(true|false|null)'$/.exec(input)
    const message = literal ? `mismatched input '${literal[1]}' expecting IDENTIFIER` : `no viable alternative at input ${input}`
    return new SyntaxFault(last, message)
  }

  /** Whether the next token may stand behind the rules that could end here, up to the bracket that encloses them. */
  #mayFollow(): boolean {
    for (const follow of this.#follow.toReversed()) {
      if (follow.has(this.type)) return true
      if (enclosing.some((type) => follow.has(type))) return false
    }
    return false
  }

  #deleteOne(expected: TokenSet): boolean {
    if (!expected.has(this.typeAt(1)) || this.type === '<EOF>') return false
    this.#fail(this.token, `extraneous input ${shown(this.token)} expecting ${listed(expected)}`)
    this.consume()
    this.#settle()
    return true
  }

  /** Reading is on track again. */
  #settle(): void {
    this.#recovering = false
    this.#lastFault = -1
    this.#failedRules.clear()
  }

  #note(fault: SyntaxFault): void {
    this.#fail(fault.token, fault.message)
  }

  #fail(token: Token, message: string): void {
    if (this.#recovering) return
    this.#recovering = true
    this.#reports++
    if (this.#reports > maxReports) throw new ParseStop('')
    this.#report(token.offset, `Syntax error: ${message}`)
  }

  #recover(rule: string): void {
    this.#attempt()
    // A rule that fails twice at one token must not stand still.
    if (this.#lastFault === this.#at && this.#failedRules.has(rule)) this.consume()
    this.#lastFault = this.#at
    this.#failedRules.add(rule)
    this.#skipTo(this.#recoverySet())
  }

  #attempt(): void {
    if (this.#repairs++ < maxRepairs) return
    this.#report(this.token.offset, `Syntax error: error recovery attempt limit exceeded: ${maxRepairs}`)
    throw new ParseStop('')
  }

  #recoverySet(): TokenSet {
    return new Set(this.#follow.flatMap((follow) => [...follow]))
  }

  #skipTo(types: TokenSet): void {
    for (let skipped = 0; this.type !== '<EOF>' && !types.has(this.type); skipped++) {
      if (skipped >= maxSkipped) throw new ParseStop(`error recovery token lookahead limit exceeded: ${maxSkipped}`)
      this.consume()
    }
  }
}

const escapeText = (text: string): string => text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
const shown = (token: Token): string => `'${escapeText(token.text)}'`
const quoted = (type: string): string => (named.has(type) ? type : `'${type}'`)

function listed(types: TokenSet): string {
  const sorted = [...types].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0)).map(quoted)
  return sorted.length === 1 ? (sorted[0] as string) : `{${sorted.join(', ')}}`
}
