/** LIST: a stream of cached bytes, at the newest state, at any, or at an exact revision that the history still reaches. */
import { ApiError, badRequest, gone } from '#api/meta/status.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import type { ListFacts } from '#apiserver/cache/form.ts'
import type { Listed, ListRange, ResourceCache } from '#apiserver/cache/resource-cache.ts'
import { decodeContinue, encodeContinue, encodeInconsistentContinue } from './continue-token.ts'
import { answerOf, type ListAnswer } from './list-body.ts'
import { type ListOptions, parseListOptions, revisionOf } from './list-options.ts'
import { formOf, goTypeOf, predicateFor, type ReadRequest } from './read-request.ts'

export interface ListRequest extends ReadRequest {
  query: URLSearchParams
}

/** Throws 400, 406, 410, 422, 503, 504. */
export async function listObjects(cache: Cache, request: ListRequest): Promise<ListAnswer> {
  const { resource, answer } = request
  if (answer.form === 'partial') {
    throw new ApiError(
      406,
      'NotAcceptable',
      `you requested PartialObjectMetadata, but the requested object is a list (${goTypeOf(resource, true)})`,
    )
  }
  const options = parseListOptions(resource, request.query, false)
  const resourceCache = cache.of(resource)
  const predicate = predicateFor(cache, request, options)
  const prefix = resourceCache.rangePrefix(request.namespace ?? '')
  const page = await pageOf(cache, prefix, options)
  const range: ListRange = { predicate, limit: page.limit, from: page.from }
  const revision = page.exact ?? cache.revision
  const listed = page.exact === undefined ? resourceCache.list(range) : exactly(resourceCache, page.exact, { range, options, prefix })
  const facts = listFacts({ listed, revision, limit: page.limit, prefix, countsRemaining: predicate.isPlain })
  return answerOf(formOf(cache, request, options.includeObject), facts, listed.entries)
}

interface PageRequest {
  /** Revision that must be listed exactly; undefined: the newest state (after the wait). */
  exact: number | undefined
  from: string
  limit: number
}

/** Waits for what the client may expect, and says what is to be listed. */
async function pageOf(cache: Cache, prefix: string, options: ListOptions): Promise<PageRequest> {
  const { limit, resourceVersion, resourceVersionMatch } = options
  if (options.continue !== '') {
    const token = decodeContinue(options.continue, prefix)
    if (resourceVersion !== '' && resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue')
    if (token.revision < 0) {
      await cache.fresh()
      return { exact: undefined, from: token.from, limit }
    }
    await cache.reach(token.revision)
    return { exact: token.revision, from: token.from, limit }
  }
  const asked = revisionOf(resourceVersion, (message) => badRequest(`invalid resource version: ${message}`))
  if (resourceVersion === '') await cache.fresh()
  else await cache.reach(asked)
  const isExact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0 && asked > 0)
  // Upstream ignores the limit where any state will do.
  return { exact: isExact ? asked : undefined, from: '', limit: resourceVersion === '0' ? 0 : limit }
}

function exactly(
  resourceCache: ResourceCache,
  revision: number,
  { range, options, prefix }: { range: ListRange; options: ListOptions; prefix: string },
): Listed {
  const listed = resourceCache.listAt(revision, range)
  if (listed !== undefined) return listed
  if (options.continue === '') throw gone('The resourceVersion for the provided list is too old.')
  throw expiredContinue(encodeInconsistentContinue(range.from, prefix))
}

/** Carries a token with which the client may go on at the newest state. */
export class ExpiredContinue extends ApiError {
  readonly token: string

  constructor(message: string, token: string) {
    super(410, 'Expired', message)
    this.token = token
  }

  override toStatus(): ReturnType<ApiError['toStatus']> {
    return { ...super.toStatus(), metadata: { continue: this.token } }
  }
}

const expiredContinue = (token: string): ApiError =>
  new ExpiredContinue(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    token,
  )

interface HeadFacts {
  listed: Listed
  revision: number
  limit: number
  prefix: string
  countsRemaining: boolean
}

function listFacts({ listed, revision, limit, prefix, countsRemaining }: HeadFacts): ListFacts {
  const last = listed.entries.at(-1)
  const hasMore = limit > 0 && listed.behind > 0 && last !== undefined
  if (!hasMore) return { revision }
  const token = encodeContinue(last.key, prefix, revision)
  return { revision, continue: token, ...(countsRemaining ? { remaining: listed.behind } : {}) }
}
