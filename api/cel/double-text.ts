/** Floating point numbers as Go prints them. */

/** Go's %g with the fewest digits: an exponent below 1e-4 and from 1e6 on. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= 6) {
    const digits = Math.abs(exponent).toString().padStart(2, '0')
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`
  }
  return plainDouble(value)
}

/** Go's 'f' with the fewest digits: no exponent whatever the size. */
export function plainDouble(value: number): string {
  if (!Number.isFinite(value)) return formatDouble(value)
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (!match) return text
  const [, minus = '', lead = '', fraction = '', exponentText = '0'] = match
  const digits = lead + fraction
  const exponent = Number(exponentText)
  if (exponent < 0) return `${minus}0.${'0'.repeat(-exponent - 1)}${digits}`
  return `${minus}${digits}${'0'.repeat(exponent + 1 - digits.length)}`
}
