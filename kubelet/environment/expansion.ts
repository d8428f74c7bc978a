/** `$(NAME)` references in commands, arguments and values: `$$` escapes, and what is not known stays as it is written. Pure. */

/** `lookup` answers undefined for names it does not know. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  let result = ''
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char !== '$' || i + 1 >= text.length) {
      result += char
      continue
    }
    const next = text[i + 1]
    const end = next === '(' ? text.indexOf(')', i + 2) : -1
    if (next === '$') {
      result += '$'
      i++
    } else if (end >= 0) {
      const name = text.slice(i + 2, end)
      result += lookup(name) ?? `$(${name})`
      i = end
    } else if (next === '(') {
      result += '$('
      i++
    } else {
      result += `$${next}`
      i++
    }
  }
  return result
}
