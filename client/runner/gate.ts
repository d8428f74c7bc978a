/**
 * Read your own writes: a key waits until the informers show what the runner wrote for it, so that no controller counts a stale cache.
 * A write that cannot show up (a selector hides it, the object was gone) opens the gate by time.
 */
import type { KubeObject } from '#api/resource.ts'
import type { Clock } from '#client/clock.ts'
import { keyOf, type ResourceType } from '#client/resource-path.ts'
import type { InformerSet } from './informers.ts'
import { typeKey } from './world.ts'

interface Expected {
  type: ResourceType
  /** The copy must have reached this version … */
  resourceVersion?: bigint
  /** … or must no longer hold this object undeleted. */
  gone?: { key: string; uid: string | undefined }
}
interface Waiting {
  expected: Expected[]
  deadlineMs: number
}

const defaultTimeoutMs = 10_000

export class WriteGate {
  readonly #informers: InformerSet
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #waiting = new Map<string, Waiting>()
  /** Keys that a worker had in hand and had to put down. */
  readonly #parked = new Set<string>()

  constructor(informers: InformerSet, clock: Clock, timeoutMs = defaultTimeoutMs) {
    this.#informers = informers
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  wrote(key: string, type: ResourceType, object: KubeObject | undefined): void {
    const text = object?.metadata?.resourceVersion
    if (text === undefined || !/^\d+$/.test(text) || !this.#informers.find(type)) return
    const waiting = this.#of(key)
    const version = BigInt(text)
    const same = waiting.expected.find((e) => e.resourceVersion !== undefined && typeKey(e.type) === typeKey(type))
    if (!same) waiting.expected.push({ type, resourceVersion: version })
    else if (version > (same.resourceVersion ?? 0n)) same.resourceVersion = version
  }

  deleted(
    key: string,
    type: ResourceType,
    target: { metadata: { namespace?: string | undefined; name?: string | undefined; uid?: string } },
  ): void {
    if (!this.#informers.find(type)) return
    this.#of(key).expected.push({ type, gone: { key: keyOf(target), uid: target.metadata.uid } })
  }

  /** True when the key may be handled; otherwise it is parked, and `released` or the clock brings it back. */
  admit(key: string): { open: true } | { open: false; retryAfterMs: number } {
    const waiting = this.#waiting.get(key)
    if (!waiting) return { open: true }
    const leftMs = waiting.deadlineMs - this.#clock.monotonicMs()
    if (leftMs <= 0 || this.#satisfied(waiting)) {
      this.#waiting.delete(key)
      this.#parked.delete(key)
      return { open: true }
    }
    this.#parked.add(key)
    return { open: false, retryAfterMs: leftMs }
  }

  /** The parked keys whose writes can be seen now. To be called after each change of an informer. */
  released(): string[] {
    const open: string[] = []
    for (const key of this.#parked) {
      const waiting = this.#waiting.get(key)
      if (waiting && !this.#satisfied(waiting)) continue
      this.#waiting.delete(key)
      this.#parked.delete(key)
      open.push(key)
    }
    return open
  }

  #of(key: string): Waiting {
    const waiting = this.#waiting.get(key) ?? { expected: [], deadlineMs: 0 }
    waiting.deadlineMs = this.#clock.monotonicMs() + this.#timeoutMs
    this.#waiting.set(key, waiting)
    return waiting
  }

  #satisfied(waiting: Waiting): boolean {
    waiting.expected = waiting.expected.filter((expected) => !this.#seen(expected))
    return waiting.expected.length === 0
  }

  #seen({ type, resourceVersion, gone }: Expected): boolean {
    const informer = this.#informers.find(type)
    if (!informer) return true
    if (resourceVersion !== undefined) return BigInt(informer.resourceVersion || 0) >= resourceVersion
    const object = gone && informer.get(gone.key)
    if (!object) return true
    return (gone.uid !== undefined && object.metadata.uid !== gone.uid) || object.metadata.deletionTimestamp !== undefined
  }
}
