/** LIST: a stream of cached bytes, at the newest state, at any, or at an exact revision that the history still reaches. */
import { Readable } from 'node:stream'
import { ApiError, badRequest, gone } from '#api/meta/status.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import type { Entry } from '#apiserver/cache/entry.ts'
import type { Form } from '#apiserver/cache/form.ts'
import type { Listed, ListRange, ResourceCache } from '#apiserver/cache/resource-cache.ts'
import { decodeContinue, encodeContinue, encodeInconsistentContinue } from './continue-token.ts'
import { type ListOptions, parseListOptions, revisionOf } from './list-options.ts'
import { formOf, predicateFor, type ReadRequest } from './read-request.ts'

export interface ListRequest extends ReadRequest {
  query: URLSearchParams
}

/** `body` has exactly `bytes` bytes: send it with a Content-Length. */
export interface ListAnswer {
  bytes: number
  body: Buffer | Readable
}

/** Throws 400, 406, 410, 422, 503, 504. */
export async function listObjects(cache: Cache, request: ListRequest): Promise<ListAnswer> {
  const { resource, answer } = request
  if (answer.form === 'partial') {
    throw new ApiError(
      406,
      'NotAcceptable',
      `you requested PartialObjectMetadata, but the requested object is a list (*core.${resource.kind}List)`,
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
  const head = listHead(formOf(cache, request, options.includeObject), {
    listed,
    revision,
    limit: page.limit,
    prefix,
    countsRemaining: predicate.isPlain,
  })
  return answerOf(formOf(cache, request, options.includeObject), head, listed.entries)
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

function listHead(form: Form, { listed, revision, limit, prefix, countsRemaining }: HeadFacts): string {
  const last = listed.entries.at(-1)
  const hasMore = limit > 0 && listed.behind > 0 && last !== undefined
  const more = hasMore ? `,"continue":"${encodeContinue(last.key, prefix, revision)}"` : ''
  const remaining = hasMore && countsRemaining ? `,"remainingItemCount":${listed.behind}` : ''
  return `{${form.listHead},"metadata":{"resourceVersion":"${revision}"${more}${remaining}},${form.listMembers}"${form.itemsName}":[`
}

/** Pieces in which a long list is written. */
const CHUNK_BYTES = 128 * 1024
const TAIL = ']}\n'

function answerOf(form: Form, head: string, entries: readonly Entry[]): ListAnswer {
  const start = form.itemStart
  const opening = start === 0 ? 0 : 1
  let bytes = Buffer.byteLength(head) + TAIL.length + Math.max(0, entries.length - 1)
  const items: Buffer[] = []
  for (const entry of entries) {
    const item = form.item(entry)
    items.push(item)
    bytes += item.length - 1 - start + opening
  }
  const chunks = chunksOf(items, { head, start })
  if (bytes > CHUNK_BYTES) return { bytes, body: Readable.from(chunks, { objectMode: false, highWaterMark: 4 * CHUNK_BYTES }) }
  return { bytes, body: Buffer.concat([...chunks]) }
}

/** Joins items into pieces of bounded size, lazily: the pieces of a long list are made as the client reads them. */
function* chunksOf(items: readonly Buffer[], { head, start }: { head: string; start: number }): Generator<Buffer> {
  const first = start === 0 ? '' : '{'
  const separator = start === 0 ? ',' : ',{'
  let chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, Buffer.byteLength(head) + 1))
  let at = chunk.write(head)
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (item === undefined) continue
    const size = item.length - 1 - start
    if (at + size + 2 > chunk.length) {
      yield chunk.subarray(0, at)
      chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, size + 2))
      at = 0
    }
    at += chunk.write(i === 0 ? first : separator, at, 'latin1')
    at += item.copy(chunk, at, start, item.length - 1)
  }
  yield chunk.subarray(0, at)
  yield Buffer.from(TAIL)
}
