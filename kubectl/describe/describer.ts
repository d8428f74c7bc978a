/** What a describer is, and the parts that all descriptions share. Pure. */
import type { Event } from '#api/core/event.ts'
import { since } from '#api/meta/age.ts'
import type { KubeObject } from '#api/resource.ts'
import type { Lines } from './lines.ts'

/** What a describer may look at beside the object itself. */
export interface Surroundings {
  events: readonly Event[]
  /** Objects of other kinds that a description names, fetched before: pods of a node, slices of a service, replica sets of a deployment. */
  related: readonly KubeObject[]
  now: Date
}

export interface Describer<T extends KubeObject> {
  /** Which other objects are wanted; a selector or field selector in the object's namespace, or everywhere. */
  related?(object: T): readonly RelatedQuery[]
  describe(object: T, lines: Lines, around: Surroundings): void
}

export interface RelatedQuery {
  group: string
  plural: string
  labelSelector?: string
  fieldSelector?: string
  everywhere?: boolean
  /** Another namespace than the object's. */
  namespace?: string
}

export function head(object: KubeObject, lines: Lines, options: { namespaced: boolean }): void {
  lines.add(0, `Name:\t${object.metadata.name}`)
  if (options.namespaced) lines.add(0, `Namespace:\t${object.metadata.namespace}`)
}

export function labelsAndAnnotations(object: KubeObject, lines: Lines): void {
  lines.pairs('Labels', object.metadata.labels)
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...annotations } = object.metadata.annotations ?? {}
  lines.pairs('Annotations', annotations, ': ')
}

export function eventTable(lines: Lines, { events, now }: Surroundings): void {
  if (events.length === 0) {
    lines.add(0, 'Events:\t<none>')
    return
  }
  lines.add(0, 'Events:').add(1, 'Type\tReason\tAge\tFrom\tMessage').add(1, '----\t------\t----\t----\t-------')
  for (const event of events) {
    const first = event.firstTimestamp ?? event.eventTime ?? ''
    const last = event.lastTimestamp ?? event.series?.lastObservedTime ?? first
    const count = event.count ?? event.series?.count ?? 1
    const age = count > 1 ? `${since(last, now)} (x${count} over ${since(first, now)})` : since(last || first, now)
    lines.add(
      1,
      `${event.type}\t${event.reason}\t${age}\t${event.source?.component || event.reportingComponent || ''}\t${messageOf(event)}`,
    )
  }
}

/** What part of the object it is about stands before the message, as upstream has it. */
function messageOf(event: Event): string {
  const path = event.involvedObject.fieldPath
  return `${path ? `${path}: ` : ''}${(event.message ?? '').trim()}`
}

export const joined = (parts: readonly string[] | undefined, none = '<none>'): string =>
  parts && parts.length > 0 ? parts.join(', ') : none
