/** Observes containers cheaply: one list, and an inspect only of those whose state is new, since the rest cannot have changed. */
import { type DockerApi, unlessMissing } from './docker-api.ts'
import { type ContainerInspect, containerOf, label } from './docker-container.ts'
import type { DockerImages } from './docker-images.ts'
import type { Container } from './runtime.ts'

interface ListedContainer {
  Id: string
  State: string
  Labels: Record<string, string>
}

/** States in which every answer of inspect is final until the state changes (our containers are never restarted). */
const settled: ReadonlySet<string> = new Set(['running', 'exited'])

export class DockerListing {
  readonly #api: DockerApi
  readonly #images: DockerImages
  readonly #inspected = new Map<string, { state: string; container: Container }>()
  readonly #digests = new Map<string, string | undefined>()

  constructor(api: DockerApi, images: DockerImages) {
    this.#api = api
    this.#images = images
  }

  async list(filter: { podUid?: string }, signal: AbortSignal): Promise<readonly Container[]> {
    const listed = await this.#listed(filter.podUid === undefined ? [] : [`${label.podUid}=${filter.podUid}`], signal)
    if (filter.podUid === undefined) {
      const ids = new Set(listed.map((container) => container.Id))
      for (const id of this.#inspected.keys()) if (!ids.has(id)) this.#inspected.delete(id)
    }
    const containers = await Promise.all(listed.map((container) => this.#details(container, signal)))
    return containers.filter((container) => container !== undefined)
  }

  async bySandbox(sandboxId: string, signal: AbortSignal): Promise<readonly { id: string; running: boolean }[]> {
    const listed = await this.#listed([`${label.sandboxId}=${sandboxId}`], signal)
    return listed.map(({ Id, State }) => ({ id: Id, running: State === 'running' || State === 'paused' }))
  }

  /** All containers of Docker, pause containers and foreign ones included. */
  async ids(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const query = { all: 1 }
    const listed = await this.#api.call<ListedContainer[]>('GET', '/containers/json', { query, signal, timeoutMs: 30_000 })
    return new Set(listed.map((container) => container.Id))
  }

  /** Docker tells of a death a moment before its list shows it; inspect waits for the truth. */
  forget(id: string): void {
    this.#inspected.delete(id)
  }

  /** After a pull an image may have a digest that it had not. */
  forgetImages(): void {
    this.#digests.clear()
  }

  #listed(labels: readonly string[], signal: AbortSignal): Promise<ListedContainer[]> {
    const query = { all: 1, filters: JSON.stringify({ label: [`${label.type}=container`, ...labels] }) }
    return this.#api.call<ListedContainer[]>('GET', '/containers/json', { query, signal, timeoutMs: 30_000 })
  }

  async #details({ Id, State }: ListedContainer, signal: AbortSignal): Promise<Container | undefined> {
    const known = this.#inspected.get(Id)
    if (known?.state === State && settled.has(State)) return known.container
    const inspect = await unlessMissing(this.#api.call<ContainerInspect>('GET', `/containers/${Id}/json`, { signal, timeoutMs: 15_000 }))
    if (inspect === undefined) return undefined
    const container = containerOf(inspect, await this.#digest(inspect.Image, signal))
    this.#inspected.set(Id, { state: inspect.State.Status, container })
    return container
  }

  async #digest(imageId: string, signal: AbortSignal): Promise<string | undefined> {
    if (!this.#digests.has(imageId)) this.#digests.set(imageId, (await this.#images.status(imageId, signal))?.repoDigests[0])
    return this.#digests.get(imageId)
  }
}
