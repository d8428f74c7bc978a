/** Go's duration text, as the flags --timeout, --since and --request-timeout take it. */
import { UsageError } from './command.ts'

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds of `1m30s`, `500ms` or of bare seconds; 0 for 0. */
export function durationMs(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text.replace(/^-/, '')) {
    throw new UsageError(`invalid duration "${text}": give one such as 30s, 5m or 1h30m`)
  }
  const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0)
  return text.startsWith('-') ? -ms : ms
}
