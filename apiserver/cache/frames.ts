/** Watch events as bytes: framed once, the same Buffer goes to every watcher of a form. */
import type { Form } from './form.ts'
import type { Change, History } from './history.ts'
import type { Predicate } from './predicate.ts'

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED'

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
  const frame = form.event(type, form.body(entry, change.revision))
  change.frames ??= new Map()
  history.framed.add(change)
  change.frames.set(id, frame)
  return frame
}
