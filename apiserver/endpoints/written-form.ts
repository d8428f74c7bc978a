/** What a write answers with where the client wants a table, or metadata only (clients of metadata alone do, of every verb). */
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { partialObjectMetadata, tableOf } from '#api/table.ts'
import type { Answer, ApiRequest } from './exchange.ts'
import { includeObjectOf } from './list-options.ts'
import { goTypeOf } from './read-request.ts'

/** Throws 400 and 406. An answer that is a Status stays one. */
export function inForm(answer: Answer, resource: Resource, { accepted, info }: ApiRequest): Answer {
  const { form, version } = accepted
  if (form === 'object' || answer.bytes === undefined) return answer
  if (form === 'partialList') {
    const why = `you requested PartialObjectMetadataList, but the requested object is not a list (${goTypeOf(resource)})`
    throw new ApiError(406, 'NotAcceptable', why)
  }
  const written = JSON.parse(answer.bytes.toString()) as KubeObject
  const apiVersion = `meta.k8s.io/${version}`
  if (form === 'partial') return { status: answer.status, object: { ...partialObjectMetadata(written), apiVersion } }
  const include = includeObjectOf(info.query.get('includeObject') ?? '')
  const { resourceVersion } = written.metadata
  const table = tableOf(resource, [written], {
    now: new Date(),
    include,
    metadata: resourceVersion === undefined ? {} : { resourceVersion },
  })
  return { status: answer.status, object: { ...table, apiVersion } }
}
