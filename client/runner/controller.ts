/** The contract of a controller: which kinds it watches, and a pure decision per key. */
import type { Plan } from './plan.ts'
import type { Watch, World } from './world.ts'

export interface Controller<Seen = unknown> {
  name: string
  /** Source of its events, where upstream’s is another than the name. */
  eventSource?: string
  watches: readonly Watch[]
  /**
   * Read-only requests for what listers cannot tell (the content of a namespace, an owner that may be absent). Throwing backs off.
   * `world` may have moved on when `reconcile` runs.
   */
  observe?(key: string, world: World, signal: AbortSignal): Promise<Seen>
  /** No I/O, no clock, no randomness. The same world, seen and now give the same plan. */
  reconcile(key: string, world: World, seen: Seen, now: Date): Plan
  /** Keys to look at when the controller starts and then every so often, beside what changes bring. */
  resync?: { everyMs: number; keys(world: World): Iterable<string> }
}
