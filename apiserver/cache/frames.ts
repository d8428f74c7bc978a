/** Watch events as bytes: framed once, the same Buffer goes to every watcher of a form. */
import type { Status } from '#api/meta/status.ts'
import type { Form } from './form.ts'
import type { Change, History } from './history.ts'
import type { Predicate } from './predicate.ts'

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED'

const heads: Readonly<Record<EventType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
}
const TAIL = Buffer.from('}\n')

/** What a change is to somebody who sees only what `predicate` selects; undefined: nothing. */
export function eventTypeOf(change: Change, predicate: Predicate): EventType | undefined {
  const isIn = change.now !== undefined && predicate.matches(change.now)
  const wasIn = change.was !== undefined && predicate.matches(change.was)
  if (isIn) return wasIn ? 'MODIFIED' : 'ADDED'
  return wasIn ? 'DELETED' : undefined
}

/** The frame of a change; a deletion shows the last state that was selected, under the revision of the change. */
export function frameOf(change: Change, type: EventType, form: Form, history: History): Buffer {
  const id = `${type} ${form.id}`
  const made = change.frames?.get(id)
  if (made !== undefined) return made
  const entry = type === 'DELETED' ? change.was : change.now
  if (entry === undefined) throw new Error(`no object for a ${type} event of ${change.key}`)
  const frame = framed(type, form.body(entry, change.revision))
  change.frames ??= new Map()
  history.framed.add(change)
  change.frames.set(id, frame)
  return frame
}

/** `body` ends in a newline, which moves behind the closing brace. */
export function framed(type: EventType, body: Buffer): Buffer {
  const head = heads[type]
  const frame = Buffer.allocUnsafe(head.length + body.length - 1 + TAIL.length)
  head.copy(frame)
  body.copy(frame, head.length, 0, body.length - 1)
  TAIL.copy(frame, head.length + body.length - 1)
  return frame
}

const INITIAL_EVENTS_END = ',"annotations":{"k8s.io/initial-events-end":"true"}'

export const bookmarkFrame = (form: Form, revision: number, isInitialEnd: boolean): Buffer =>
  Buffer.from(`{"type":"BOOKMARK","object":${form.bookmark(revision, isInitialEnd ? INITIAL_EVENTS_END : '')}}\n`)

export const errorFrame = (status: Status): Buffer => Buffer.from(`{"type":"ERROR","object":${JSON.stringify(status)}}\n`)
