/** What a kind needs beside its own write: values that are allocated, and the writes that take and give them back in the same transaction. */
import { groupResourceOf, type KubeObject, type Resource } from '#api/resource.ts'
import type { Current, Write } from '#apiserver/cache/store.ts'

export interface Companion {
  /** Fills allocated values into `next`, before its rules look at it. Throws ApiError where a wish cannot be granted. */
  fill(next: KubeObject, prev: KubeObject | undefined): Promise<void>
  /** Writes that go with the object's own; `next` is undefined when the object goes. */
  writes(next: KubeObject | undefined, prev: KubeObject | undefined): Promise<readonly Write[]>
  /** A commit failed; `current` is what stands at the keys of `writes`. What was chosen freely must not be chosen again. */
  lost(writes: readonly Write[], current: readonly (Current | undefined)[]): void
}

export class Companions {
  readonly #byResource: Readonly<Record<string, Companion>>

  /** Keys are group resources such as `services`. */
  constructor(byResource: Readonly<Record<string, Companion>>) {
    this.#byResource = byResource
  }

  of(resource: Resource): Companion | undefined {
    const key = groupResourceOf(resource)
    return Object.hasOwn(this.#byResource, key) ? this.#byResource[key] : undefined
  }
}
