/** DESCRIBE file api/core/event.ts */
import type { z } from 'zod'
import { int32, kind, message, microTime, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { eventColumns } from './columns/event.ts'
import { objectReferenceSchema } from './references.ts'
import { validateCoreEvent } from './validation/event.ts'

export const eventSourceSchema = message('io.k8s.api.core.v1.EventSource', 'DESCRIBE EventSource', {
  component: string(1, 'DESCRIBE EventSource.component'),
  host: string(2, 'DESCRIBE EventSource.host'),
})
export type EventSource = z.output<typeof eventSourceSchema>

export const eventSeriesSchema = message('io.k8s.api.core.v1.EventSeries', 'DESCRIBE EventSeries', {
  count: int32(1, 'DESCRIBE EventSeries.count'),
  lastObservedTime: microTime(2, 'DESCRIBE EventSeries.lastObservedTime'),
})
export type EventSeries = z.output<typeof eventSeriesSchema>

export const eventSchema = kind('io.k8s.api.core.v1.Event', 'DESCRIBE Event', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Event.metadata', { json: 'always' }),
  involvedObject: object(2, objectReferenceSchema, 'DESCRIBE Event.involvedObject', { json: 'always' }),
  reason: string(3, 'DESCRIBE Event.reason'),
  message: string(4, 'DESCRIBE Event.message'),
  source: object(5, eventSourceSchema, 'DESCRIBE Event.source'),
  firstTimestamp: time(6, 'DESCRIBE Event.firstTimestamp'),
  lastTimestamp: time(7, 'DESCRIBE Event.lastTimestamp'),
  count: int32(8, 'DESCRIBE Event.count'),
  type: string(9, 'DESCRIBE Event.type'),
  eventTime: microTime(10, 'DESCRIBE Event.eventTime'),
  series: object(11, eventSeriesSchema, 'DESCRIBE Event.series', { pointer: true }),
  action: string(12, 'DESCRIBE Event.action'),
  related: object(13, objectReferenceSchema, 'DESCRIBE Event.related', { pointer: true }),
  reportingComponent: string(14, 'DESCRIBE Event.reportingComponent', { json: 'always', required: false }),
  reportingInstance: string(15, 'DESCRIBE Event.reportingInstance', { json: 'always', required: false }),
})
export type Event = z.output<typeof eventSchema>

export const CoreEvents: Resource<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  scope: 'Namespaced',
  schema: eventSchema,
  columns: eventColumns,
  createOnUpdate: true,
  ttlSeconds: 3600,
  validate: validateCoreEvent,
  selectableFields: {
    'involvedObject.kind': (event) => event.involvedObject.kind ?? '',
    'involvedObject.namespace': (event) => event.involvedObject.namespace ?? '',
    'involvedObject.name': (event) => event.involvedObject.name ?? '',
    'involvedObject.uid': (event) => event.involvedObject.uid ?? '',
    'involvedObject.apiVersion': (event) => event.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': (event) => event.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': (event) => event.involvedObject.fieldPath ?? '',
    reason: (event) => event.reason ?? '',
    reportingComponent: (event) => event.reportingComponent ?? '',
    source: (event) => event.source?.component || event.reportingComponent || '',
    type: (event) => event.type ?? '',
  },
}
