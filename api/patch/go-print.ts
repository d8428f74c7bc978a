/** JSON values as Go's fmt prints maps (`map[a:1 b:[x y]]`), which some of upstream's messages hold. */

export function goPrint(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, item]) => `${key}:${goPrint(item)}`).join(' ')}]`
}
