/**
 * Keeps a handler in step with one collection: list at a version, watch from it with bookmarks, relist on 410, and on any other
 * failure back off with jitter and go on. It ends only by its signal.
 */
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject } from '#api/resource.ts'
import { type Clock, systemClock } from './clock.ts'
import type { ResourceType } from './resource-path.ts'
import type { Client } from './rest.ts'
import { ConnectionError } from './transport.ts'
import type { WatchEvent } from './watch-frames.ts'

export interface ReflectorOptions {
  namespace?: string | undefined
  labelSelector?: string
  fieldSelector?: string
  metadataOnly?: boolean
  clock?: Clock
  random?: () => number
  /** Told of every failure before the back-off; the reflector goes on by itself. */
  onError?: (error: unknown) => void
}
export interface ReflectorTarget<T extends KubeObject> {
  /** The whole collection at `resourceVersion`. */
  replace(items: T[], resourceVersion: string): void
  /** One event; for a bookmark only the version is passed on. */
  apply(event: WatchEvent<T> & { type: 'ADDED' | 'MODIFIED' | 'DELETED' }): void
  passed(resourceVersion: string): void
}

const pageSize = 500
const backoffFirstMs = 800
const backoffMaxMs = 30_000
/** A server that is not there costs nothing to ask, and all wait for it to come back. */
const unreachableFirstMs = 100
const unreachableMaxMs = 2000
const expiredJitterMs = 200
/** Upstream's client asks for a random time between 5 and 10 minutes, so that watches do not end together. */
const minWatchSeconds = 300

export async function reflect<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  target: ReflectorTarget<T>,
  options: ReflectorOptions & { signal: AbortSignal },
): Promise<void> {
  const { signal, clock = systemClock, random = Math.random } = options
  let version: string | undefined
  const failures = new Failures()
  while (!signal.aborted) {
    try {
      if (version === undefined) version = await relist(client, type, target, options)
      const startedAtMs = clock.monotonicMs()
      const from = version
      for await (const event of watchFrom(client, type, { ...options, resourceVersion: from }, random)) {
        failures.reset()
        version = event.object.metadata.resourceVersion ?? version
        if (event.type === 'BOOKMARK') target.passed(version)
        else target.apply({ ...event, type: event.type })
      }
      // A watch that ends at once without an event would otherwise be asked for again in a tight loop.
      if (version === from && clock.monotonicMs() - startedAtMs < 1000) throw new Error('watch closed at once without an event')
    } catch (error) {
      if (signal.aborted) return
      if (isExpired(error)) {
        version = undefined
        // Once without delay, but not all clients in the same instant.
        if (failures.isFirst(error)) {
          failures.count(error)
          await clock.sleep(random() * expiredJitterMs, signal)
          continue
        }
      }
      options.onError?.(error)
      await clock.sleep(backoffMs(failures.count(error), error, random), signal)
    }
  }
}

/** Failures in a row of one kind: what was learnt while the server was away says nothing about what it answers when it is back. */
class Failures {
  #unreachable = 0
  #refused = 0

  /** How many of this kind there were before. */
  count(error: unknown): number {
    if (!(error instanceof ConnectionError)) {
      this.#unreachable = 0
      return this.#refused++
    }
    this.#refused = 0
    return this.#unreachable++
  }

  isFirst(error: unknown): boolean {
    return error instanceof ConnectionError ? this.#unreachable === 0 : this.#refused === 0
  }

  reset(): void {
    this.#unreachable = 0
    this.#refused = 0
  }
}

/** The version asked for is gone (410), or one that the server has not reached, as after a restored backup (504 with that cause). */
function isExpired(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  if (error.code === 410) return true
  return error.details?.causes?.some((c) => c.reason === 'ResourceVersionTooLarge') ?? error.message.includes('Too large resource version')
}

function backoffMs(failures: number, error: unknown, random: () => number): number {
  const asked = error instanceof ApiError ? (error.details?.retryAfterSeconds ?? 0) * 1000 : 0
  const [first, max] = error instanceof ConnectionError ? [unreachableFirstMs, unreachableMaxMs] : [backoffFirstMs, backoffMaxMs]
  const grown = Math.min(max, first * 2 ** Math.min(failures, 30))
  return Math.max(asked, grown) * (1 + random())
}

async function relist<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  target: ReflectorTarget<T>,
  options: ReflectorOptions & { signal: AbortSignal },
): Promise<string> {
  const { namespace, labelSelector, fieldSelector, metadataOnly, signal } = options
  const where = {
    namespace,
    signal,
    ...(labelSelector ? { labelSelector } : {}),
    ...(fieldSelector ? { fieldSelector } : {}),
    ...(metadataOnly ? { metadataOnly } : {}),
  }
  let page = await client.list(type, { ...where, limit: pageSize })
  let items = page.items
  while (page.metadata.continue) {
    try {
      page = await client.list(type, { ...where, limit: pageSize, continue: page.metadata.continue })
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 410)) throw error
      // The snapshot behind the pages was compacted in between: one big answer instead.
      page = await client.list(type, where)
      items = []
    }
    items = items.concat(page.items)
  }
  const version = page.metadata.resourceVersion ?? ''
  target.replace(items, version)
  return version
}

function watchFrom<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  options: ReflectorOptions & { signal: AbortSignal; resourceVersion: string },
  random: () => number,
): AsyncIterable<WatchEvent<T>> {
  const { namespace, labelSelector, fieldSelector, metadataOnly, signal, resourceVersion } = options
  return client.watch(type, {
    namespace,
    signal,
    resourceVersion,
    allowWatchBookmarks: true,
    timeoutSeconds: Math.round(minWatchSeconds * (1 + random())),
    ...(labelSelector ? { labelSelector } : {}),
    ...(fieldSelector ? { fieldSelector } : {}),
    ...(metadataOnly ? { metadataOnly } : {}),
  })
}
