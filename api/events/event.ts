/** Events under events.k8s.io: a second face of the stored ones. */
import type { z } from 'zod'
import { eventColumns } from '#api/core/columns/event.ts'
import { type Event as CoreEvent, CoreEvents, eventSourceSchema } from '#api/core/event.ts'
import { objectReferenceSchema } from '#api/core/references.ts'
import { validateNewStyleEvent } from '#api/core/validation/event.ts'
import { int32, kind, message, microTime, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { fromCoreEvent, toCoreEvent } from './convert.ts'

export const eventSeriesSchema = message('io.k8s.api.events.v1.EventSeries', 'Repetitions of an event.', {
  count: int32(1, 'How often it happened.', { json: 'always' }),
  lastObservedTime: microTime(2, 'When it happened last.', { json: 'always' }),
})
export type EventSeries = z.output<typeof eventSeriesSchema>

export const eventSchema = kind('io.k8s.api.events.v1.Event', 'Something that happened to an object.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  eventTime: microTime(2, 'When it happened first.', { json: 'always' }),
  series: object(3, eventSeriesSchema, 'Repetitions.', { pointer: true }),
  reportingController: string(4, 'Controller that reports it.'),
  reportingInstance: string(5, 'Instance of the controller.'),
  action: string(6, 'What was done or failed.'),
  reason: string(7, 'Cause of the last change, one CamelCase word.'),
  regarding: object(8, objectReferenceSchema, 'The object that it is about.'),
  related: object(9, objectReferenceSchema, 'A second object that takes part.', { pointer: true }),
  note: string(10, 'What happened, for people.'),
  type: string(11, 'Normal or Warning.'),
  deprecatedSource: object(12, eventSourceSchema, 'Source of the core kind.'),
  deprecatedFirstTimestamp: time(13, 'First time of the core kind.'),
  deprecatedLastTimestamp: time(14, 'Last time of the core kind.'),
  deprecatedCount: int32(15, 'Count of the core kind.'),
})
export type Event = z.output<typeof eventSchema>

export const EventsV1: Resource<Event> = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  scope: 'Namespaced',
  schema: eventSchema,
  columns: eventColumns.map((column) => ({ ...column, cell: (event, now) => column.cell(toCoreEvent(event), now) })),
  createOnUpdate: true,
  ttlSeconds: 3600,
  validate: (next, prev) => validateNewStyleEvent(toCoreEvent(next), prev && toCoreEvent(prev)),
  selectableFields: {
    reason: (event) => event.reason ?? '',
    'regarding.kind': (event) => event.regarding?.kind ?? '',
    'regarding.namespace': (event) => event.regarding?.namespace ?? '',
    'regarding.name': (event) => event.regarding?.name ?? '',
    'regarding.uid': (event) => event.regarding?.uid ?? '',
    'regarding.apiVersion': (event) => event.regarding?.apiVersion ?? '',
    'regarding.resourceVersion': (event) => event.regarding?.resourceVersion ?? '',
    'regarding.fieldPath': (event) => event.regarding?.fieldPath ?? '',
    reportingController: (event) => event.reportingController ?? '',
    type: (event) => event.type ?? '',
  },
  storedAs: { resource: CoreEvents, toStored: toCoreEvent, fromStored: (stored) => fromCoreEvent(stored as CoreEvent) },
}
