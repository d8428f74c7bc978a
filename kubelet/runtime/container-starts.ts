/** Starts containers: a bounded number at once, and such whose sandbox is still being made so that Docker does its part meanwhile. */
import { type DockerApi, DockerError, runtimeError } from './docker-api.ts'
import { isContainerdAway } from './docker-container.ts'
import { timedCall } from './docker-metrics.ts'
import type { NamespaceFiles } from './namespace-files.ts'
import { RuntimeError } from './runtime.ts'
import { Semaphore } from './semaphore.ts'

export interface StartsParts {
  api: DockerApi
  namespaces: NamespaceFiles
  remove: (id: string) => Promise<void>
  /** Docker has begun to start it. */
  begun: (id: string) => void
}

export interface Start {
  id: string
  /** Namespaces that the container enters, as the runtime wrapper reads them. */
  wrapped: Readonly<Record<string, string>>
  /** Resolves when the sandbox is there; absent where it is. */
  ready: Promise<unknown> | undefined
  /** The runtime wrapper can hold the start back. */
  holds: boolean
}

/** More starts at once only wait on each other's kernel locks (measured on small machines). */
const startsInFlight = 4

/** A start takes many times as long, and after so long Docker is at it. */
const begunMs = 20

export class ContainerStarts {
  readonly #parts: StartsParts
  readonly #slots = new Semaphore(startsInFlight)

  constructor(parts: StartsParts) {
    this.#parts = parts
  }

  async start(start: Start, signal: AbortSignal): Promise<void> {
    const { id, wrapped, ready, holds } = start
    // Where others are being started already, Docker has enough to do until the sandbox is there.
    if (ready !== undefined && holds && this.#slots.isFree) return await this.#startHeld(start, ready)
    if (ready !== undefined) await ready.catch((cause: unknown) => this.#giveUp(id, cause))
    this.#parts.namespaces.write(id, wrapped)
    await this.#slots.run(signal, () => this.#post(id, signal))
  }

  /** Past this point nothing is broken off half way: Docker's start and the sandbox would outlast each other. */
  async #startHeld({ id, wrapped }: Start, ready: Promise<unknown>): Promise<void> {
    const { namespaces } = this.#parts
    namespaces.hold(id)
    const never = new AbortController().signal
    const entering = ready.then(
      () => namespaces.write(id, wrapped),
      (error) => {
        namespaces.fail(id)
        throw error
      },
    )
    const [started, entered] = await Promise.allSettled([this.#slots.run(never, () => this.#post(id, never)), entering])
    if (entered.status === 'rejected') await this.#giveUp(id, entered.reason)
    if (started.status === 'rejected') throw started.reason
  }

  /** A container that never ran goes with the sandbox that will not be. */
  async #giveUp(id: string, cause: unknown): Promise<never> {
    await this.#parts.remove(id)
    throw new RuntimeError('notFound', `the sandbox of container ${id} could not be made`, { cause })
  }

  async #post(id: string, signal: AbortSignal): Promise<void> {
    const begun = setTimeout(() => this.#parts.begun(id), begunMs)
    try {
      await timedCall('start_container', this.#parts.api.call('POST', `/containers/${id}/start`, { signal }))
    } catch (error) {
      if (!(error instanceof DockerError) || error.status === 404 || error.status === 0) throw runtimeError(error)
      throw new RuntimeError(isContainerdAway(error.message) ? 'unavailable' : 'startFailed', error.message, { cause: error })
    } finally {
      clearTimeout(begun)
    }
  }
}
