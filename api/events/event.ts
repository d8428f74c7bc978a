/** DESCRIBE file api/events/event.ts */
import type { z } from 'zod'
import { eventColumns } from '#api/core/columns/event.ts'
import { type Event as CoreEvent, CoreEvents, eventSourceSchema } from '#api/core/event.ts'
import { objectReferenceSchema } from '#api/core/references.ts'
import { validateNewStyleEvent } from '#api/core/validation/event.ts'
import { int32, kind, message, microTime, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { fromCoreEvent, toCoreEvent } from './convert.ts'

export const eventSeriesSchema = message('io.k8s.api.events.v1.EventSeries', 'DESCRIBE EventSeries', {
  count: int32(1, 'DESCRIBE EventSeries.count', { json: 'always' }),
  lastObservedTime: microTime(2, 'DESCRIBE EventSeries.lastObservedTime', { json: 'always' }),
})
export type EventSeries = z.output<typeof eventSeriesSchema>

export const eventSchema = kind('io.k8s.api.events.v1.Event', 'DESCRIBE Event', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Event.metadata', { json: 'always', required: false }),
  eventTime: microTime(2, 'DESCRIBE Event.eventTime', { json: 'always' }),
  series: object(3, eventSeriesSchema, 'DESCRIBE Event.series', { pointer: true }),
  reportingController: string(4, 'DESCRIBE Event.reportingController'),
  reportingInstance: string(5, 'DESCRIBE Event.reportingInstance'),
  action: string(6, 'DESCRIBE Event.action'),
  reason: string(7, 'DESCRIBE Event.reason'),
  regarding: object(8, objectReferenceSchema, 'DESCRIBE Event.regarding'),
  related: object(9, objectReferenceSchema, 'DESCRIBE Event.related', { pointer: true }),
  note: string(10, 'DESCRIBE Event.note'),
  type: string(11, 'DESCRIBE Event.type'),
  deprecatedSource: object(12, eventSourceSchema, 'DESCRIBE Event.deprecatedSource'),
  deprecatedFirstTimestamp: time(13, 'DESCRIBE Event.deprecatedFirstTimestamp'),
  deprecatedLastTimestamp: time(14, 'DESCRIBE Event.deprecatedLastTimestamp'),
  deprecatedCount: int32(15, 'DESCRIBE Event.deprecatedCount'),
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
