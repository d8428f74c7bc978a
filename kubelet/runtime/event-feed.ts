/** Fans pushed values out to any number of async iterators, each with its own buffer. */

class Subscriber<T> {
  #buffer: T[] = []
  #wake: (() => void) | undefined

  push(value: T): void {
    this.#buffer.push(value)
    this.#wake?.()
  }

  async *read(signal: AbortSignal): AsyncGenerator<T> {
    const stop = () => this.#wake?.()
    signal.addEventListener('abort', stop)
    try {
      while (!signal.aborted) {
        const batch = this.#buffer
        this.#buffer = []
        yield* batch
        if (this.#buffer.length > 0 || signal.aborted) continue
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}

export class EventFeed<T> {
  readonly #subscribers = new Set<Subscriber<T>>()

  push(value: T): void {
    for (const subscriber of this.#subscribers) subscriber.push(value)
  }

  /** Subscribed from this call on, not from the first read; ends when the signal aborts. */
  subscribe(signal: AbortSignal): AsyncIterable<T> {
    const subscriber = new Subscriber<T>()
    this.#subscribers.add(subscriber)
    signal.addEventListener('abort', () => this.#subscribers.delete(subscriber), { once: true })
    return subscriber.read(signal)
  }
}
