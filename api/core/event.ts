/** Events, in the form in which they are stored. */
import type { z } from 'zod'
import { int32, kind, message, microTime, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { checkPathSegmentName } from '#api/validation/names.ts'
import { eventColumns } from './columns/event.ts'
import { objectReferenceSchema } from './references.ts'
import { validateCoreEvent } from './validation/event.ts'

export const eventSourceSchema = message('io.k8s.api.core.v1.EventSource', 'Who saw an event.', {
  component: string(1, 'Component.'),
  host: string(2, 'Node.'),
})
export type EventSource = z.output<typeof eventSourceSchema>

export const eventSeriesSchema = message('io.k8s.api.core.v1.EventSeries', 'Repetitions of an event.', {
  count: int32(1, 'How often it happened.'),
  lastObservedTime: microTime(2, 'When it happened last.'),
})
export type EventSeries = z.output<typeof eventSeriesSchema>

export const eventSchema = kind('io.k8s.api.core.v1.Event', 'Something that happened to an object.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always' }),
  involvedObject: object(2, objectReferenceSchema, 'The object that it is about.', { json: 'always' }),
  reason: string(3, 'Cause of the last change, one CamelCase word.'),
  message: string(4, 'What happened, for people.'),
  source: object(5, eventSourceSchema, 'Who saw it.'),
  firstTimestamp: time(6, 'When it happened first.'),
  lastTimestamp: time(7, 'When it happened last.'),
  count: int32(8, 'How often it happened.'),
  type: string(9, 'Normal or Warning.'),
  eventTime: microTime(10, 'When it happened first.'),
  series: object(11, eventSeriesSchema, 'Repetitions.', { pointer: true }),
  action: string(12, 'What was done or failed.'),
  related: object(13, objectReferenceSchema, 'A second object that takes part.', { pointer: true }),
  reportingComponent: string(14, 'Controller that reports it.', { json: 'always', required: false }),
  reportingInstance: string(15, 'Instance of the controller.', { json: 'always', required: false }),
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
  metadataOnUpdate: 'left to the rules of the kind',
  validateName: checkPathSegmentName,
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
