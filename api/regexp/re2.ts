/**
 * Regular expressions in RE2's syntax, matched in linear time: what `pattern` in schemas, `matches` in CEL and every other expression that
 * a user may send is compiled with. JavaScript's RegExp backtracks and is not for them. The only importer of re2js.
 */
import { RE2JS } from 're2js'

export interface Re2 {
  /** The text it was compiled from. */
  readonly source: string
  /** Whether the text holds a match (unanchored, as Go's MatchString). */
  test(text: string): boolean
  /** The leftmost match, or undefined. */
  find(text: string): string | undefined
  /** Successive non-overlapping matches, at most `limit` (negative: all), as Go's FindAllString. */
  findAll(text: string, limit?: number): string[]
}

/** `error` is Go's text, beginning with `error parsing regexp: `. */
export type Re2Result = { ok: true; re2: Re2 } | { ok: false; error: string }

/** Compiles an expression; never throws. Go's regexp package is the source of what is accepted and of the error text. */
export function compileRe2(pattern: string): Re2Result {
  try {
    return { ok: true, re2: wrap(pattern, RE2JS.compile(pattern)) }
  } catch (error) {
    return { ok: false, error: goText(pattern, error instanceof Error ? error.message : String(error)) }
  }
}

const trailingBackslash = 'error parsing regexp: trailing backslash at end of expression'

/** Go prints the (empty) rest of the expression behind every error. */
function goText(pattern: string, message: string): string {
  if (message === trailingBackslash) return `${trailingBackslash}: \`\``
  return message.startsWith('error parsing regexp: ') ? message : `error parsing regexp: ${message}: \`${pattern}\``
}

function wrap(source: string, compiled: RE2JS): Re2 {
  return {
    source,
    test: (text) => compiled.test(text),
    find(text) {
      const matcher = compiled.matcher(text)
      return matcher.find() ? (matcher.group() ?? '') : undefined
    },
    findAll(text, limit = -1) {
      const found: string[] = []
      const matcher = compiled.matcher(text)
      let previousEnd = -1
      while (found.length !== limit && matcher.find()) {
        // Go leaves out an empty match that touches the match before it.
        const start = matcher.start()
        const end = matcher.end()
        if (start !== end || start !== previousEnd) found.push(text.slice(start, end))
        previousEnd = end
      }
      return found
    },
  }
}

const cacheSize = 500
const cache = new Map<string, Re2Result>()

/** compileRe2 with the last few hundred results kept: for expressions that are evaluated again and again. */
export function cachedRe2(pattern: string): Re2Result {
  const known = cache.get(pattern)
  if (known) return known
  const made = compileRe2(pattern)
  if (cache.size >= cacheSize) for (const oldest of [...cache.keys()].slice(0, cacheSize / 10)) cache.delete(oldest)
  // Long expressions are not worth their memory.
  if (pattern.length <= 1000) cache.set(pattern, made)
  return made
}
