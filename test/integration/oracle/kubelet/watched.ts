/** The pods and events of a cluster as watches tell them, and waits for what they are to tell. */
import { CoreEvents, type Event } from '#api/core/event.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { Informer } from '#client/informer.ts'
import { loadKubeconfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'

export class Watched {
  readonly #end = new AbortController()
  readonly #pods: Informer<Pod>
  readonly #events: Informer<Event>
  readonly #runs: Promise<unknown>
  readonly #waiting = new Set<() => void>()

  constructor(kubeconfig: string) {
    const client = new Client(loadKubeconfig(kubeconfig))
    this.#pods = new Informer(client, Pods)
    this.#events = new Informer(client, CoreEvents)
    const changed = (): void => {
      for (const look of [...this.#waiting]) look()
    }
    this.#pods.onChange(changed)
    this.#events.onChange(changed)
    this.#runs = Promise.all([this.#pods.run(this.#end.signal), this.#events.run(this.#end.signal)])
  }

  pod(namespace: string, name: string): Pod | undefined {
    return this.#pods.get(`${namespace}/${name}`)
  }

  eventsAbout(uid: string): Event[] {
    return this.#events.list().filter(({ involvedObject }) => involvedObject.uid === uid)
  }

  /** Resolves when `look` answers something, which is asked at each change; rejects after `ms`. */
  async until<T>(what: string, ms: number, look: () => T | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const late = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms)
    const again = (): void => {
      const found = look()
      if (found !== undefined) resolve(found)
    }
    this.#waiting.add(again)
    again()
    try {
      return await promise
    } finally {
      clearTimeout(late)
      this.#waiting.delete(again)
    }
  }

  /** What `look` tells once it has not changed for as long as `patienceMs` says of it, or after `ms` all the same. */
  async untilCalm<T>(ms: number, look: () => T, patienceMs: (seen: T) => number): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const late = setTimeout(resolve, ms)
    let seen = look()
    let text: string | undefined
    let calm: NodeJS.Timeout | undefined
    const again = (): void => {
      seen = look()
      const newest = JSON.stringify(seen)
      if (newest === text) return
      text = newest
      clearTimeout(calm)
      calm = setTimeout(resolve, patienceMs(seen))
    }
    this.#waiting.add(again)
    again()
    await promise
    clearTimeout(late)
    clearTimeout(calm)
    this.#waiting.delete(again)
    return seen
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.#runs
  }
}
