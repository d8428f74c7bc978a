/** Waits until one object is as a condition wants it: by watching it, from what it is now on. */
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject } from '#api/resource.ts'
import { longestTimerMs } from '#client/clock.ts'
import type { Ref } from '#client/resource-path.ts'
import { type Ctx, UsageError } from './command.ts'
import type { ApiResource } from './served-types.ts'
import { displayName } from './targets.ts'

export interface Awaited {
  type: ApiResource
  ref: Ref
  ctx: Ctx
  /** Wall-clock milliseconds. */
  deadline: number
  /** What is waited for, for the time-out's message. */
  what: string
}

/** `holds` is asked of each state, undefined for an object that is not there. Rejects with upstream's time-out sentence. */
export async function awaitObject(waited: Awaited, holds: (object: KubeObject | undefined) => boolean): Promise<KubeObject | undefined> {
  const { type, ref, ctx, deadline } = waited
  const stop = new AbortController()
  const signal = AbortSignal.any([ctx.signal, stop.signal])
  const leftMs = deadline - Date.now()
  const timer = Number.isFinite(leftMs) ? setTimeout(() => stop.abort(), Math.min(Math.max(0, leftMs), longestTimerMs)) : undefined
  try {
    while (!signal.aborted) {
      const { object, resourceVersion } = await lookAt(waited, signal)
      if (holds(object)) return object
      for await (const event of ctx.client().watch(type, {
        namespace: ref.namespace,
        fieldSelector: `metadata.name=${ref.name}`,
        resourceVersion,
        signal,
      })) {
        if (event.type === 'BOOKMARK') continue
        const now = event.type === 'DELETED' ? undefined : event.object
        if (holds(now)) return now
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    clearTimeout(timer)
    stop.abort()
  }
  ctx.signal.throwIfAborted()
  throw new UsageError(`timed out waiting for the ${waited.what} on ${displayName(type, ref.name)}`)
}

async function lookAt(
  { type, ref, ctx }: Awaited,
  signal: AbortSignal,
): Promise<{ object: KubeObject | undefined; resourceVersion: string }> {
  try {
    const page = await ctx.client().list(type, { namespace: ref.namespace, fieldSelector: `metadata.name=${ref.name}`, signal })
    return { object: page.items[0], resourceVersion: page.metadata.resourceVersion ?? '' }
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return { object: undefined, resourceVersion: '' }
    throw error
  }
}
