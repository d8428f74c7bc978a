/** What is asked of a conversion webhook, and what of its answer is believed (pure; source: pkg/apiserver/conversion/webhook_converter.go). */
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import type { KubeObject } from '#api/resource.ts'
import { isObject } from '#api/structural/values.ts'
import { validateAnnotations, validateLabels } from '#api/validation/object-meta.ts'

const GROUP = 'apiextensions.k8s.io'

/** The first version of `accepted` that this server speaks; undefined where it speaks none. */
export const reviewVersionOf = (accepted: readonly string[]): string | undefined =>
  accepted.find((version) => version === 'v1' || version === 'v1beta1')

export const reviewOf = (version: string, uid: string, desiredAPIVersion: string, objects: readonly KubeObject[]): object => ({
  kind: 'ConversionReview',
  apiVersion: `${GROUP}/${version}`,
  request: { uid, desiredAPIVersion, objects },
})

/** An answer that cannot be used; the message follows `conversion webhook for <kind> `. */
export class ConversionFailure extends Error {}

const fail = (why: string): never => {
  throw new ConversionFailure(why)
}

const kindText = (apiVersion: unknown, kind: unknown): string => `${String(apiVersion ?? '')}, Kind=${String(kind ?? '')}`

interface Asked {
  version: string
  uid: string
  desiredAPIVersion: string
  objects: readonly KubeObject[]
}

/** The converted objects, with the metadata of the given ones but for labels and annotations. Throws ConversionFailure. */
export function convertedObjects(answer: unknown, asked: Asked): KubeObject[] {
  const found = objectsOf(answer, asked)
  if (found.length !== asked.objects.length) fail(`returned ${found.length} objects, expected ${asked.objects.length}`)
  const single = asked.objects.length === 1
  return asked.objects.map((original, i) => {
    return checked(original, found[i], asked.desiredAPIVersion, single ? onlyOne : oneOf(i))
  })
}

function objectsOf(answer: unknown, { version, uid }: Asked): readonly unknown[] {
  const review = isObject(answer) ? answer : {}
  const wanted = kindText(`${GROUP}/${version}`, 'ConversionReview')
  const got = kindText(review['apiVersion'], review['kind'])
  if (version === 'v1' && got !== wanted) fail(`failed: expected webhook response of ${wanted}, got ${got}`)
  const { response } = review
  if (!isObject(response)) return fail('failed: no response provided')
  if (version === 'v1' && response['uid'] !== uid)
    fail(`failed: expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`)
  const result = isObject(response['result']) ? response['result'] : {}
  if (result['status'] !== 'Success')
    fail(`failed: ${String(result['message'] || `response.result.status was '${String(result['status'] ?? '')}', not 'Success'`)}`)
  return Array.isArray(response['convertedObjects']) ? response['convertedObjects'] : []
}

/** How upstream names what is wrong: it knows an index where it sent several objects. */
interface Words {
  type: string
  object: string
  metadata: string
}

const onlyOne: Words = {
  type: 'returned invalid object at index 0',
  object: 'returned invalid object',
  metadata: 'returned invalid metadata',
}
const oneOf = (i: number): Words => {
  const object = `returned invalid converted object at index ${i}`
  return { type: object, object, metadata: `returned invalid metadata in object at index ${i}` }
}

function checked(original: KubeObject, given: unknown, apiVersion: string, words: Words): KubeObject {
  const object = isObject(given) ? given : {}
  if (object['apiVersion'] !== apiVersion)
    fail(`${words.type}: invalid groupVersion (expected ${apiVersion}, received ${String(object['apiVersion'] ?? '')})`)
  if (object['kind'] !== original.kind)
    fail(`${words.type}: invalid kind (expected ${original.kind}, received ${String(object['kind'] ?? '')})`)
  if (!Object.hasOwn(object, 'metadata')) fail(`${words.metadata}: missing metadata in converted object`)
  const { metadata } = object
  if (!isObject(metadata)) return fail(`${words.metadata}: invalid metadata in converted object`)
  for (const [field, name] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    const [old, now] = [original.metadata[field] ?? '', metadata[field] ?? '']
    if (old !== now) fail(`${words.object}: must have the same ${name}: ${old} != ${String(now)}`)
  }
  return { ...object, metadata: mergedMetadata(original.metadata, metadata, words.metadata) } as unknown as KubeObject
}

function goType(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'map[string]interface {}'
}

function mergedMetadata(original: ObjectMeta, given: Record<string, unknown>, where: string): ObjectMeta {
  const { labels: _labels, annotations: _annotations, ...rest } = original
  const merged: ObjectMeta = rest
  for (const field of ['labels', 'annotations'] as const) {
    const map = given[field]
    if (map === undefined || map === null) continue
    if (!isObject(map)) return fail(`${where}: invalid metadata.${field} of type ${goType(map)} in converted object`)
    for (const [key, value] of Object.entries(map))
      if (typeof value !== 'string')
        fail(`${where}: metadata.${field}[${key}] must be a string, but is ${goType(value)} in converted object`)
    const texts = map as Record<string, string>
    const faults = field === 'labels' ? validateLabels(texts, 'metadata.labels') : validateAnnotations(texts, 'metadata.annotation')
    if (faults[0] !== undefined) fail(`${where}: ${faults[0].field}: ${faults[0].message}`)
    merged[field] = texts
  }
  return merged
}
