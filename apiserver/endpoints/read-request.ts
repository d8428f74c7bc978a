/** What get, list and watch have in common: the request, and the form of its answer. */
import type { Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { faceReader } from '#apiserver/cache/face-fields.ts'
import { type Form, faceForm, partialForm, storedForm } from '#apiserver/cache/form.ts'
import { type FieldReader, type Predicate, predicateOf } from '#apiserver/cache/predicate.ts'
import { tableForm } from '#apiserver/cache/table-form.ts'
import type { IncludeObject, ListOptions } from './list-options.ts'

/** `version` is that of meta.k8s.io for tables and metadata. What content negotiation finds fits. */
export interface AnswerForm {
  form: 'object' | 'table' | 'partial' | 'partialList'
  version: string
}

export interface ReadRequest {
  resource: Resource
  /** Absent or empty: all namespaces. */
  namespace?: string | undefined
  answer: AnswerForm
}

/** Forms are made once per resource, so that what they cache is shared. */
const forms = new WeakMap<Cache, Map<string, Form>>()

export function formOf(
  cache: Cache,
  { resource, answer }: Pick<ReadRequest, 'resource' | 'answer'>,
  includeObject: IncludeObject = 'Metadata',
): Form {
  const kind = answer.form === 'partialList' ? 'partial' : answer.form
  const id = [resource.group, resource.version, resource.plural, kind, answer.version, kind === 'table' ? includeObject : ''].join(' ')
  const known = forms.get(cache) ?? new Map<string, Form>()
  forms.set(cache, known)
  const form = known.get(id) ?? made(cache, { resource, kind, version: answer.version }, includeObject)
  known.set(id, form)
  return form
}

function made(
  cache: Cache,
  { resource, kind, version }: { resource: Resource; kind: 'object' | 'table' | 'partial'; version: string },
  includeObject: IncludeObject,
): Form {
  const { shape } = cache.of(resource)
  if (kind === 'partial') return partialForm(shape, version)
  const face = resource.storedAs
  const object = face === undefined ? storedForm(shape) : faceForm(resource, (stored) => face.fromStored(stored))
  if (kind === 'object') return object
  return tableForm({ resource, object, partial: partialForm(shape, version), includeObject, version })
}

/** Reads fields as the requested face of the kind names them. */
export function readerOf(cache: Cache, resource: Resource): FieldReader {
  return resource.storedAs === undefined ? cache.of(resource).fieldReader : faceReader(resource)
}

export const predicateFor = (cache: Cache, request: ReadRequest, options: Pick<ListOptions, 'labels' | 'fields'>): Predicate =>
  predicateOf({ namespace: request.namespace, labels: options.labels, fields: options.fields }, readerOf(cache, request.resource))
