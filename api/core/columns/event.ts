/** Table columns of events. */
import type { Event } from '#api/core/event.ts'
import { column, since } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'

function firstSeen(event: Event, now: Date): string {
  return since(event.firstTimestamp || event.eventTime, now)
}

function lastSeen(event: Event, now: Date): string {
  if (event.series) return since(event.series.lastObservedTime, now)
  return event.lastTimestamp ? since(event.lastTimestamp, now) : firstSeen(event, now)
}

function target(event: Event): string {
  const { kind, name } = event.involvedObject
  return name ? `${(kind ?? '').toLowerCase()}/${name}` : (kind ?? '').toLowerCase()
}

function source(event: Event): string {
  const component = event.source?.component || event.reportingComponent || ''
  const host = event.source?.host || event.reportingInstance || ''
  return host === '' ? component : `${component}, ${host}`
}

export const eventColumns: readonly Column<Event>[] = [
  column('Last Seen', 'Time since it happened last.', lastSeen),
  column('Type', 'Normal or Warning.', (event) => event.type ?? ''),
  column('Reason', 'Short machine-readable cause.', (event) => event.reason ?? ''),
  column('Object', 'What the event is about.', target),
  column('Subobject', 'Part of the object, such as a container.', (event) => event.involvedObject.fieldPath ?? '', 1),
  column('Source', 'Component and host that saw it.', source, 1),
  column('Message', 'What happened, for people.', (event) => (event.message ?? '').trim()),
  column('First Seen', 'Time since it happened first.', firstSeen, 1),
  column('Count', 'How often it happened.', (event) => (event.series ? (event.series.count ?? 0) : event.count || 1), 1),
  { ...column('Name', 'Name of the event.', (event: Event) => event.metadata.name ?? '', 1), format: 'name' },
]
