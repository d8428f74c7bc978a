/** The header block of an answer. */
import { field, repeatedField } from './header-writer.ts'

export type AnswerHeaders = Readonly<Record<string, string | number | readonly string[]>>

/** Fields that say the same in most answers. */
const repeated = new Set(['cache-control', 'content-encoding', 'content-type', 'vary', 'x-content-type-options'])
/** What a field can hold; others are left out, as upstream's server does. */
const sound = /^[\t -~\u0080-\uffff]*$/

/** Names are lower-case. */
export function answerBlock(status: number, headers: AnswerHeaders): string {
  let block = repeatedField(':status', String(status))
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined) continue
    if (typeof value === 'object') for (const one of value) block += fieldOf(name, one)
    else block += fieldOf(name, String(value))
  }
  return headers['date'] === undefined ? block + dateField() : block
}

function fieldOf(name: string, value: string): string {
  if (repeated.has(name)) return repeatedField(name, value)
  return sound.test(value) ? field(name, value) : ''
}

let second = 0
let ofSecond = ''

function dateField(): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    ofSecond = field('date', new Date(now * 1000).toUTCString())
  }
  return ofSecond
}
