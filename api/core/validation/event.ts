/** Rules of events: loose ones for the core group, strict ones besides for events.k8s.io (upstream: validation/events.go). */
import type { Event } from '#api/core/event.ts'
import { objectReferenceSchema } from '#api/core/references.ts'
import { type FieldError, invalid, required } from '#api/meta/field-error.ts'
import { goStruct } from '#api/meta/go-struct.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { byteLength, checkDns1123Subdomain, checkQualifiedName } from '#api/validation/names.ts'
import { immutableMessage, invalids } from './values.ts'

const longest = { name: 128, message: 1024 }

const tooLongText = (field: string, text: string, most: number): FieldError[] =>
  byteLength(text) > most ? [invalid(field, '', `can have at most ${most} characters`)] : []

/** The object's namespace is the event's; objects without one report to `default`, new ones to `kube-system` too. */
function validateNamespaces(event: Event): FieldError[] {
  const own = event.metadata.namespace ?? ''
  const involved = event.involvedObject.namespace ?? ''
  const mismatch = [invalid('involvedObject.namespace', involved, 'does not match event.namespace')]
  if (event.eventTime) return involved === '' && own !== 'default' && own !== 'kube-system' ? mismatch : []
  if (involved === '') return own === '' || own === 'default' ? [] : mismatch
  return own === involved ? [] : mismatch
}

function validateReporter(event: Event, controllerField: string): FieldError[] {
  const { reportingComponent: controller = '', reportingInstance: instance = '', action = '', reason = '', message = '' } = event
  const needed = (field: string, text: string): FieldError[] => (text === '' ? [required(field)] : tooLongText(field, text, longest.name))
  return [
    ...(controller === '' ? [required(controllerField)] : []),
    ...invalids(controllerField, controller, checkQualifiedName(controller)),
    ...needed('reportingInstance', instance),
    ...needed('action', action),
    ...needed('reason', reason),
    ...tooLongText('message', message, longest.message),
  ]
}

function validateLoosely(event: Event, controllerField: string): FieldError[] {
  const namespace = event.metadata.namespace ?? ''
  return [
    ...validateNamespaces(event),
    ...(event.eventTime ? validateReporter(event, controllerField) : []),
    ...invalids('namespace', namespace, checkDns1123Subdomain(namespace)),
  ]
}

export function validateCoreEvent(event: Event): FieldError[] {
  return validateLoosely(event, 'reportingComponent')
}

function validateSeries(event: Event): FieldError[] {
  if (!event.series) return []
  const found = (event.series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []
  return event.series.lastObservedTime ? found : [...found, required('series.lastObservedTime')]
}

function validateNew(event: Event): FieldError[] {
  const unset = (field: string, set: unknown): FieldError[] => (set ? [invalid(field, '', 'needs to be unset')] : [])
  const found = validateSeries(event)
  if (!event.eventTime) found.push(required('eventTime'))
  if (event.type !== 'Normal' && event.type !== 'Warning') found.push(invalid('type', '', `has invalid value: ${event.type ?? ''}`))
  return [
    ...found,
    ...unset('firstTimestamp', event.firstTimestamp),
    ...unset('lastTimestamp', event.lastTimestamp),
    ...unset('count', event.count),
    ...unset('source', event.source?.component || event.source?.host),
  ]
}

const fixed: readonly (readonly [keyof Event, string])[] = [
  ['involvedObject', 'involvedObject'],
  ['reason', 'reason'],
  ['message', 'message'],
  ['source', 'source'],
  ['firstTimestamp', 'firstTimestamp'],
  ['lastTimestamp', 'lastTimestamp'],
  ['count', 'count'],
  ['reason', 'reason'],
  ['type', 'type'],
  ['eventTime', 'eventTime'],
  ['action', 'action'],
  ['related', 'related'],
  ['reportingComponent', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
]

/** Upstream prints its own structs. */
function shown(next: Event, prev: Event, name: keyof Event): unknown {
  if (name === 'involvedObject') return goStruct(objectReferenceSchema, next.involvedObject)
  if (name === 'related') return next.related ? goStruct(objectReferenceSchema, next.related) : null
  if (name === 'source') return { Component: next.source?.component ?? '', Host: next.source?.host ?? '' }
  if (name === 'eventTime') return next.eventTime ?? null
  return next[name] ?? (typeof prev[name] === 'string' ? '' : null)
}

function validateFixed(next: Event, prev: Event): FieldError[] {
  return fixed
    .filter(([name]) => !sameValue(next[name] || undefined, prev[name] || undefined))
    .map(([name, field]) => invalid(field, shown(next, prev, name), immutableMessage))
}

/** As written through events.k8s.io/v1; both are in the stored form. Only the series of an event may change. */
export function validateNewStyleEvent(next: Event, prev: Event | undefined): FieldError[] {
  const found = validateLoosely(next, 'reportingController')
  if (!prev) return [...found, ...validateNew(next)]
  const series = sameValue(next.series, prev.series) ? [] : validateSeries(next)
  return [...found, ...series, ...validateFixed(next, prev)]
}
