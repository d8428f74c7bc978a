/** GET of one object: cached bytes, consistent unless the client says otherwise. */
import { ApiError, notFoundError } from '#api/meta/status.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import type { Form } from '#apiserver/cache/form.ts'
import { storedResource } from '#apiserver/storage/keys.ts'
import { includeObjectOf, revisionOf, unclassified } from './list-options.ts'
import { formOf, goTypeOf, type ReadRequest } from './read-request.ts'

export interface GetRequest extends ReadRequest {
  name: string
  query: URLSearchParams
}

/** Resolves once the cache is as new as the client asks. Throws 400, rejects with 503 and 504. */
export function settled(cache: Cache, query: URLSearchParams): Promise<void> {
  const asked = query.get('resourceVersion') ?? ''
  return asked === '' ? cache.fresh() : cache.reach(revisionOf(asked, unclassified))
}

/** As the cache has it at this moment. Throws 404, 406. */
export function readObject(cache: Cache, request: GetRequest): { bytes: Buffer; form: Form } {
  const { resource, namespace = '', name, answer, query } = request
  const resourceCache = cache.of(storedResource(resource))
  const entry = resourceCache.get(resourceCache.keyOf(namespace, name))
  if (entry === undefined) throw notFoundError(resource, name)
  if (answer.form === 'partialList') {
    throw new ApiError(
      406,
      'NotAcceptable',
      `you requested PartialObjectMetadataList, but the requested object is not a list (${goTypeOf(resource)})`,
    )
  }
  const form = formOf(cache, request, includeObjectOf(query.get('includeObject') ?? ''))
  return { bytes: form.single?.(entry) ?? form.body(entry), form }
}
