/** WATCH: opens a session on the cache and keeps it until the client leaves, its time is over or its revision is forgotten. */
import { gone } from '#api/meta/status.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import type { ResourceCache } from '#apiserver/cache/resource-cache.ts'
import type { SessionOptions, WatchSession, WatchSink } from '#apiserver/cache/watch-session.ts'
import { type ListOptions, parseListOptions, revisionOf, unclassified } from './list-options.ts'
import { formOf, predicateFor, type ReadRequest } from './read-request.ts'

export interface WatchRequest extends ReadRequest {
  query: URLSearchParams
  /** Of the single object that a watch by path is for. */
  name?: string
  /** Sends the status line and headers: called once, when the request is known to be good and before anything is written. */
  start(contentType: string): WatchSink
  /** Ends the watch in good order (shutdown). */
  signal?: AbortSignal
}

/** Upstream's --min-request-timeout: watches that name no time end after once to twice as long, so that they spread over servers. */
const MIN_TIMEOUT_SECONDS = 1800
/** Timers take no more than 24 days. */
const MAX_TIMEOUT_SECONDS = 2_000_000

/** Resolves when the watch is over. Throws 400, 422, 429, 503, 504 before `start` is called; later errors are ERROR events, as upstream's. */
export async function watchObjects(cache: Cache, request: WatchRequest): Promise<void> {
  const options = parseListOptions(request.resource, request.query, true, request.name)
  const asked = revisionOf(options.resourceVersion, unclassified)
  const seconds = options.timeoutSeconds || MIN_TIMEOUT_SECONDS * (1 + Math.random())
  const deadline = Date.now() + Math.min(seconds, MAX_TIMEOUT_SECONDS) * 1000
  await awaitState(cache, options, asked)
  const sink = request.start(formOf(cache, request, options.includeObject).watchType)
  if (!(await futureReached(cache, { sink, asked, deadline, options }))) return
  const resourceCache = cache.of(request.resource)
  const from = startOf(cache, resourceCache, { options, asked })
  if (from.isForgotten) {
    sink.write(
      formOf(cache, request, options.includeObject).error(
        gone(`too old resource version: ${asked} (${resourceCache.history.floor})`).toStatus(),
      ),
    )
    sink.end()
    return
  }
  const session = opened(cache, request, { options, start: from, sink })
  const end = (): void => session.end(undefined)
  const timer = setTimeout(end, Math.max(0, deadline - Date.now()))
  request.signal?.addEventListener('abort', end)
  if (request.signal?.aborted) end()
  await session.ended
  clearTimeout(timer)
  request.signal?.removeEventListener('abort', end)
}

/** The state that is sent first must not outlive its sending: no frame of the long-lived caller may hold it. */
function opened(
  cache: Cache,
  request: WatchRequest,
  { options, start, sink }: { options: ListOptions; start: Start; sink: WatchSink },
): WatchSession {
  const form = formOf(cache, request, options.includeObject)
  const predicate = predicateFor(cache, request, options)
  const session: SessionOptions = {
    sink,
    revision: start.revision,
    initial: start.sendsState ? cache.of(request.resource).list({ predicate, limit: 0, from: '' }).entries : [],
    bookmarks: options.allowWatchBookmarks,
    marksInitialEnd: options.sendInitialEvents === true && options.allowWatchBookmarks,
    now: Date.now(),
    random: Math.random,
  }
  return cache.groupsOf(request.resource).open({ form, predicate }, session)
}

/** A watch from the newest state waits for it; one that lists first waits for the revision it names. */
async function awaitState(cache: Cache, options: ListOptions, asked: number): Promise<void> {
  if (options.resourceVersion === '') await cache.fresh()
  else if (options.sendInitialEvents !== undefined && asked > 0) await cache.reach(asked)
  else cache.assertReady()
}

/** A plain watch may name a revision of the future: nothing happens until it is passed. False: the client left or the time is over. */
async function futureReached(
  cache: Cache,
  watch: { sink: WatchSink; asked: number; deadline: number; options: ListOptions },
): Promise<boolean> {
  const { sink, asked, deadline, options } = watch
  if (options.sendInitialEvents !== undefined || asked <= cache.revision) return true
  const { promise: closed, resolve } = Promise.withResolvers<boolean>()
  sink.onClose(() => resolve(false))
  const isReached = await Promise.race([cache.reached(asked, deadline - Date.now()), closed])
  if (!isReached) sink.end()
  return isReached
}

interface Start {
  /** Events after this one are sent. */
  revision: number
  /** The state at `revision` is sent first. */
  sendsState: boolean
  isForgotten: boolean
}

/** From where a watch begins (upstream: cacher, getAllEventsSinceLocked). */
function startOf(cache: Cache, resourceCache: ResourceCache, { options, asked }: { options: ListOptions; asked: number }): Start {
  const { sendInitialEvents } = options
  const sendsState = sendInitialEvents ?? asked === 0
  if (sendsState || asked === 0) return { revision: cache.revision, sendsState, isForgotten: false }
  return { revision: asked, sendsState, isForgotten: asked < resourceCache.history.floor }
}
