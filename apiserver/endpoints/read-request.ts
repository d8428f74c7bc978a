/** What get, list and watch have in common: the request, and the form of its answer. */
import type { Resource } from '#api/resource.ts'
import { treeOf } from '#api/tree.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { faceReader } from '#apiserver/cache/face-fields.ts'
import { type Form, faceForm, partialForm, storedForm } from '#apiserver/cache/form.ts'
import { FormBudget } from '#apiserver/cache/form-cache.ts'
import { type FieldReader, type Predicate, predicateOf } from '#apiserver/cache/predicate.ts'
import { protobufObjectForm, protobufPartialForm } from '#apiserver/cache/protobuf-form.ts'
import { tableForm } from '#apiserver/cache/table-form.ts'
import type { MediaType } from '#apiserver/filters/negotiation.ts'
import type { IncludeObject, ListOptions } from './list-options.ts'

/** `version` is that of meta.k8s.io for tables and metadata. What content negotiation finds fits. */
export interface AnswerForm {
  form: 'object' | 'table' | 'partial' | 'partialList'
  version: string
  mediaType?: MediaType
}

export interface ReadRequest {
  resource: Resource
  /** Absent or empty: all namespaces. */
  namespace?: string | undefined
  answer: AnswerForm
}

/** The object, or the list, as Go's formats name it in a refusal: its package is named after the group. */
export function goTypeOf({ group, kind, schema }: Resource, isList = false): string {
  const name = isList ? `${kind}List` : kind
  if (treeOf(schema).structural !== undefined) return isList ? '*unstructured.UnstructuredList' : '*unstructured.Unstructured'
  return `*${group === '' || group === 'events.k8s.io' ? 'core' : group.split('.', 1)[0]}.${name}`
}

/** Forms are made once per resource, so that what they cache is shared. */
interface Forms {
  budget: FormBudget
  byResource: WeakMap<Resource, Map<string, Form>>
}

const forms = new WeakMap<Cache, Forms>()

export function formOf(
  cache: Cache,
  { resource, answer }: Pick<ReadRequest, 'resource' | 'answer'>,
  includeObject: IncludeObject = 'Metadata',
): Form {
  const kind = answer.form === 'partialList' ? 'partial' : answer.form
  const isProtobuf = answer.mediaType === 'protobuf'
  const id = `${kind} ${answer.version} ${isProtobuf ? 'protobuf' : ''} ${kind === 'table' ? includeObject : ''}`
  const { budget, byResource } = formsOf(cache)
  const ofResource = byResource.get(resource) ?? new Map<string, Form>()
  const known = ofResource.get(id)
  if (known !== undefined) return known
  const form = made(cache, { resource, kind, version: answer.version, isProtobuf, budget }, includeObject)
  byResource.set(resource, ofResource.set(id, form))
  return form
}

function formsOf(cache: Cache): Forms {
  const known = forms.get(cache)
  if (known !== undefined) return known
  const made: Forms = { budget: new FormBudget(), byResource: new WeakMap() }
  forms.set(cache, made)
  return made
}

interface Wanted {
  resource: Resource
  kind: 'object' | 'table' | 'partial'
  version: string
  isProtobuf: boolean
  budget: FormBudget
}

function made(cache: Cache, { resource, kind, version, isProtobuf, budget }: Wanted, includeObject: IncludeObject): Form {
  const { shape } = cache.of(resource)
  if (kind === 'partial')
    return isProtobuf ? protobufPartialForm(shape, version, budget.cache()) : partialForm(shape, version, budget.cache())
  const face = resource.storedAs
  const object = face === undefined ? storedForm(shape) : faceForm(resource, (stored) => face.fromStored(stored), budget.cache())
  if (kind === 'object') return isProtobuf ? protobufObjectForm(resource, object, budget.cache()) : object
  return tableForm({ resource, object, partial: partialForm(shape, version), includeObject, version, rows: budget.cache() })
}

/** Reads fields as the requested face of the kind names them. */
export function readerOf(cache: Cache, resource: Resource): FieldReader {
  return resource.storedAs === undefined ? cache.of(resource).fieldReader : faceReader(resource)
}

export const predicateFor = (cache: Cache, request: ReadRequest, options: Pick<ListOptions, 'labels' | 'fields'>): Predicate =>
  predicateOf(
    { scope: request.resource.scope, namespace: request.namespace, labels: options.labels, fields: options.fields },
    readerOf(cache, request.resource),
  )
