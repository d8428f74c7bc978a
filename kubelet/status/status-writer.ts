/**
 * Writes pods' statuses to the API: per pod one request at a time, the newest wish wins, and what failed is tried again. Patches are drawn
 * against the newest object known, so that nothing which others wrote is undone.
 */
import { type Pod, Pods } from '#api/core/pod.ts'
import type { PodStatus } from '#api/core/pod-status.ts'
import { ApiError } from '#api/meta/status.ts'
import type { Client } from '#client/rest.ts'
import { Backoff, sleep } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'
import { statusSyncDuration } from '#kubelet/metrics.ts'
import { Semaphore } from '#kubelet/runtime/semaphore.ts'
import { statusPatch } from './status-patch.ts'
import { patienceMs } from './status-urgency.ts'

interface Entry {
  base: Pod
  wanted: PodStatus
  /** When a wish began to differ from what the API shows, by `performance.now()`. */
  since: number | undefined
  writing: Promise<void> | undefined
  /** Writes a wish that may wait, unless a better one comes before. */
  later: NodeJS.Timeout | undefined
  gone: boolean
  stop: AbortController
}

/**
 * Of all pods at once; upstream's writes one after the other. The client has a limit of its own (turns.ts), twice as high, but a patch that waits there
 * is drawn already. One that waits here is drawn when its turn comes, with all that came meanwhile, and leaves the client's other turns to what a start
 * waits for: without it a burst of a hundred pods took more statuses, and more of the processors.
 */
const writesInFlight = 4

export class StatusWriter {
  readonly #slots = new Semaphore(writesInFlight)
  readonly #client: Client
  readonly #log: Logger
  readonly #entries = new Map<string, Entry>()
  /** Those whose wish waits. */
  readonly #waiting = new Set<Entry>()

  constructor(client: Client, log: Logger) {
    this.#client = client
    this.#log = log
  }

  /** The API's newest object. A wish that it does not fulfil is written again. */
  observe(pod: Pod): void {
    const entry = this.#entries.get(pod.metadata.uid ?? '')
    if (!entry || !isNewer(pod, entry.base)) return
    entry.base = pod
    this.#start(entry)
  }

  publish(pod: Pod, status: PodStatus): void {
    const uid = pod.metadata.uid ?? ''
    const entry = this.#entries.get(uid) ?? {
      base: pod,
      wanted: status,
      since: undefined,
      writing: undefined,
      later: undefined,
      gone: false,
      stop: new AbortController(),
    }
    this.#entries.set(uid, entry)
    entry.wanted = status
    this.#start(entry)
  }

  /** Resolves when the API shows the newest wish, or the pod is gone. */
  async flushed(uid: string): Promise<void> {
    const entry = this.#entries.get(uid)
    if (entry) this.#write(entry)
    while (entry?.writing) await entry.writing
  }

  forget(uid: string): void {
    const entry = this.#entries.get(uid)
    if (!entry) return
    entry.gone = true
    this.#waitNoMore(entry)
    entry.stop.abort()
    this.#entries.delete(uid)
  }

  #start(entry: Entry): void {
    entry.since ??= performance.now()
    const { status = {}, metadata } = entry.base
    const waitMs = patienceMs(entry.wanted, { status, deleted: metadata.deletionTimestamp !== undefined }, this.#waiting.size)
    if (waitMs === 0) this.#write(entry)
    else if (entry.later === undefined) {
      entry.later = setTimeout(() => this.#write(entry), waitMs).unref()
      this.#waiting.add(entry)
    }
  }

  #write(entry: Entry): void {
    this.#waitNoMore(entry)
    if (entry.writing || entry.gone) return
    if (!statusPatch(entry.base.status ?? {}, entry.wanted)) {
      entry.since = undefined
      return
    }
    entry.writing = this.#drain(entry)
  }

  #waitNoMore(entry: Entry): void {
    clearTimeout(entry.later)
    entry.later = undefined
    this.#waiting.delete(entry)
  }

  async #drain(entry: Entry): Promise<void> {
    try {
      await this.#writeUntilShown(entry)
    } finally {
      // At once, not a turn later: a wish that came in between would find a writer that writes no more.
      entry.writing = undefined
    }
  }

  async #writeUntilShown(entry: Entry): Promise<void> {
    const backoff = new Backoff({ firstMs: 100, maxMs: 10_000 })
    do {
      const { namespace, name = '' } = entry.base.metadata
      try {
        if ((await this.#slots.run(entry.stop.signal, () => this.#writeOnce(entry))) === 'done') return
        backoff.reset()
      } catch (error) {
        if (entry.gone) return
        if (error instanceof ApiError && (error.code === 404 || (error.code === 409 && /uid/i.test(error.message)))) {
          entry.gone = true
          return
        }
        this.#log.warn({ pod: `${namespace}/${name}`, error }, 'cannot write the status of a pod')
        await sleep(backoff.next(), entry.stop.signal)
      }
    } while (!entry.gone && statusPatch(entry.base.status ?? {}, entry.wanted))
  }

  /** `done` where nothing is left to be written. */
  async #writeOnce(entry: Entry): Promise<'done' | 'look again'> {
    const { base, wanted } = entry
    const status = statusPatch(base.status ?? {}, wanted)
    if (!status) return 'done'
    const { namespace, name = '', uid } = base.metadata
    // The uid is a precondition: a new pod of the same name must not get this one's status.
    const patch = { type: 'strategic', body: { metadata: { uid }, status } } as const
    const answer = await this.#client.patch(Pods, { namespace, name }, patch, { subresource: 'status', signal: entry.stop.signal })
    // The watch may have told of this very answer before; wishes that came meanwhile are still to be written then.
    if (isNewer(answer, entry.base)) entry.base = answer
    if (entry.since !== undefined) statusSyncDuration.observe((performance.now() - entry.since) / 1000)
    entry.since = entry.wanted === wanted ? undefined : performance.now()
    // Nothing came of it although something was to change: the server does not take it as we mean it. Once is enough.
    const unchanged = answer.metadata.resourceVersion === base.metadata.resourceVersion
    return unchanged && entry.base === base && entry.wanted === wanted ? 'done' : 'look again'
  }
}

/** Versions are compared as numbers, as the API promises since 1.35; unlike texts count as newer. */
function isNewer(pod: Pod, than: Pod): boolean {
  const a = pod.metadata.resourceVersion ?? ''
  const b = than.metadata.resourceVersion ?? ''
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return BigInt(a) > BigInt(b)
  return a !== b
}
