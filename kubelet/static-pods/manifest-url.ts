/** The manifest at `staticPodURL`: fetched again and again, and what was read last stays while it cannot be. */
import type { Logger } from '#component/logging.ts'

export interface ManifestUrlOptions {
  url: string
  /** As `staticPodURLHeader` has them. */
  headers: Readonly<Record<string, readonly string[]>>
  log: Pick<Logger, 'info' | 'warn'>
}

const timeoutMs = 10_000
const maxBytes = 10 * 1024 * 1024
/** Of failures in a row, so many are told. */
const toldFailures = 3

export class ManifestUrl {
  readonly url: string
  readonly #headers: Headers
  readonly #log: ManifestUrlOptions['log']
  #text: string | undefined
  #failures = 0

  constructor({ url, headers, log }: ManifestUrlOptions) {
    this.url = url
    this.#log = log
    this.#headers = new Headers(Object.entries(headers).flatMap(([name, values]) => values.map((value): [string, string] => [name, value])))
  }

  /** What was read last; undefined before anything was. */
  get text(): string | undefined {
    return this.#text
  }

  async fetch(signal: AbortSignal): Promise<void> {
    try {
      const text = await this.#get(AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]))
      // An empty answer says that the source is there, and nothing of which pods it wants.
      this.#text = text === '' ? (this.#text ?? '') : text
      if (text === '') throw new Error(`zero-length data received from ${this.url}`)
      if (this.#failures > 0) this.#log.info({ url: this.url }, 'read pods from the URL again')
      this.#failures = 0
    } catch (error) {
      if (signal.aborted) return
      if (this.#failures++ < toldFailures) this.#log.warn({ url: this.url, error }, 'cannot read pods from the URL')
    }
  }

  async #get(signal: AbortSignal): Promise<string> {
    const response = await fetch(this.url, { headers: this.#headers, signal })
    const kept: Buffer[] = []
    let size = 0
    for await (const chunk of response.body ?? []) {
      size += chunk.length
      if (size > maxBytes) throw new Error(`${this.url}: more than ${maxBytes} bytes`)
      kept.push(Buffer.from(chunk))
    }
    if (response.status !== 200) throw new Error(`${this.url}: ${response.status} ${response.statusText}`)
    return Buffer.concat(kept).toString('utf8')
  }
}
