/** Amounts of a resource list never are finer than thousandths (upstream rounds them up on decoding). */
import { formatQuantity, isQuantity, parseQuantity } from '#api/meta/quantity.ts'

/** Certainly not finer. */
const whole = /^\d{1,15}[mkMGTKi]{0,2}$/
const nanoPerMilli = 1_000_000n

export function roundResourceList(list: Record<string, string> | undefined): void {
  if (list === undefined) return
  for (const name of Object.keys(list)) {
    const text = list[name] as string
    if (whole.test(text) || !isQuantity(text)) continue
    const { nano, format } = parseQuantity(text)
    const rest = nano % nanoPerMilli
    if (rest === 0n) continue
    list[name] = formatQuantity({ nano: nano - rest + (nano > 0n ? nanoPerMilli : -nanoPerMilli), format })
  }
}
