/** The type that Go names where a value does not fit. */

/** Marks the name of a list or map, where others are names of elements. */
const whole = 'whole '

/** `wanted` is the type of our scalar (`string`, `[]string`, `map[string]resource.Quantity`), `named` what the field says of its type. */
export function namedGoType(named: string | undefined, wanted: string): string {
  if (named === undefined) return wanted
  if (named.startsWith(whole)) return wanted.startsWith('[]') || wanted.startsWith('map[') ? named.slice(whole.length) : wanted
  if (wanted.startsWith('map[')) return wanted.endsWith('.Quantity') || named.startsWith('map[') ? named : wanted
  if (named.startsWith('map[')) return named.slice(named.indexOf(']') + 1)
  return wanted.startsWith('[]') ? `[]${named}` : named
}
