/** Property names as CEL identifiers and back (apiserver, pkg/cel/escaping.go): `foo-bar` is written `foo__dash__bar` in a rule. */

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

const symbols: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' }
const names = new Map(Object.entries(symbols).map(([symbol, escaped]) => [escaped.slice(2, -2), symbol]))

/** The identifier of a property, or undefined where no rule can name it. */
export function escapeName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`
  if (!/^[A-Za-z_./-][\w./-]*$/.test(name)) return undefined
  return name.replaceAll(/__|[-./]/g, (symbol) => symbols[symbol] as string)
}

/** The property that an identifier names, or undefined where it holds an escape that there is not. */
export function unescapeName(escaped: string): string | undefined {
  if (!escaped.includes('__')) return escaped
  let valid = true
  const name = escaped.replaceAll(/_{2}[^_]+_{2}/g, (sequence) => {
    const contents = sequence.slice(2, -2)
    const symbol = names.get(contents)
    if (symbol !== undefined) return symbol
    if (!reserved.has(contents) || sequence.length !== escaped.length) valid = false
    return contents
  })
  return valid ? name : undefined
}

/** Words that are no variables in CEL. */
export function isReservedWord(word: string): boolean {
  return reserved.has(word)
}
