/** Answers of two servers with managedFields, as far as they are to be equal. */
import type { KubeObject } from '#api/resource.ts'
import type { Answered } from './both.ts'
import { type Cause, comparable } from './compare.ts'

type Managed = NonNullable<KubeObject['metadata']['managedFields']>

const sortKey = ({ manager, operation, subresource, apiVersion }: Managed[number]): string =>
  `${manager} ${operation} ${subresource} ${apiVersion}`

/** In an order that does not depend on times; whether there is a time counts, and the order of the fields. */
export function managedFields(entries: Managed | undefined): unknown {
  return entries
    ?.map(({ time, fieldsV1, ...entry }) => ({ ...entry, timed: time !== undefined, fields: JSON.stringify(fieldsV1) }))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

/** What stands after a line break in a forbidden change is a diff in words of one's own; bad YAML is told in the parser's words. */
function words(message: unknown): string {
  const text = String(message)
  if (text.startsWith('error decoding YAML: error converting')) return 'bad YAML'
  return text.startsWith('Apply failed') ? text : text.replace(/\n.*/s, '')
}

const causes = (found: readonly Cause[]): string[] =>
  [...new Set(found.map((cause) => words(JSON.stringify(cause).replaceAll('\\n', '\n'))))].sort()

/** Without the warnings: upstream may have warned in a first try, on an older state of the object, that it gave up. */
export function compared({ code, body }: Answered): unknown {
  const details = body['details'] as { causes?: Cause[] } | undefined
  if (code >= 400) return { code, message: words(body['message']), reason: body['reason'], causes: causes(details?.causes ?? []) }
  const object = body as unknown as KubeObject
  return { code, object: comparable(object), managedFields: managedFields(object.metadata.managedFields) }
}
