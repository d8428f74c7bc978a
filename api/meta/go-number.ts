/** Numbers as Go prints them with %v (pure). */

/** A float64 with %v: the shortest digits, with an exponent below 1e-4 and from 1e6 on. */
export function goFloat(value: number): string {
  if (value === 0) return '0'
  const [mantissa = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(value)
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** A number with %v: whole ones are int64 in Go. */
export const goNumber = (value: number): string => (Number.isSafeInteger(value) ? String(value) : goFloat(value))
