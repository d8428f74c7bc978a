/**
 * Observes containers cheaply. A full list is the audit; while Docker's events are heard, a pod's containers are known without asking, and only
 * those of which something was told are inspected again.
 */
import { type DockerApi, unlessMissing } from './docker-api.ts'
import { type ContainerInspect, containerOf, label } from './docker-container.ts'
import type { DockerImages } from './docker-images.ts'
import type { OomVictims } from './oom-victims.ts'
import type { Container } from './runtime.ts'

interface ListedContainer {
  Id: string
  State: string
  Labels: Record<string, string>
}

/** Where a container belongs. */
export interface Belonging {
  podUid: string
  sandboxId: string
}

export const belongingOf = (labels: Readonly<Record<string, string>>): Belonging => ({
  podUid: labels[label.podUid] ?? '',
  sandboxId: labels[label.sandboxId] ?? '',
})

/** States in which every answer of inspect is final until the state changes (our containers are never restarted). */
const settled: ReadonlySet<string> = new Set(['running', 'exited'])

export class DockerListing {
  readonly #api: DockerApi
  readonly #images: DockerImages
  readonly #victims: Pick<OomVictims, 'has' | 'forget'> | undefined
  readonly #inspected = new Map<string, { state: string; container: Container }>()
  readonly #digests = new Map<string, string | undefined>()
  /** All containers of pods by id, kept by events; undefined while a full list is wanted first. */
  #known: Map<string, Belonging> | undefined
  /** For each full list under way, what was told of meanwhile: the list may not show it. */
  readonly #toldMeanwhile = new Set<Map<string, Belonging>>()
  /** By id, how often something was told of it: an inspect that was overtaken is not kept. */
  readonly #changes = new Map<string, number>()
  readonly #ownStarts = new Set<string>()
  /** Inspects by id that were sent before anybody asked for them. */
  readonly #ahead = new Map<string, Promise<unknown>>()
  #hearing = false

  /** `victims`: where Docker does not learn of each container that was ended for want of memory. */
  constructor(api: DockerApi, images: DockerImages, victims?: Pick<OomVictims, 'has' | 'forget'>) {
    this.#api = api
    this.#images = images
    this.#victims = victims
  }

  async list(filter: { podUid?: string }, signal: AbortSignal): Promise<readonly Container[]> {
    const { podUid } = filter
    if (podUid !== undefined && this.#known !== undefined) return await this.#byIds((each) => each.podUid === podUid, signal)
    const listed = podUid === undefined ? await this.#all(signal) : await this.#listed([`${label.podUid}=${podUid}`], signal)
    return present(await Promise.all(listed.map(({ Id, State }) => this.#details(Id, State, signal))))
  }

  async bySandbox(sandboxId: string, signal: AbortSignal): Promise<readonly { id: string; running: boolean }[]> {
    if (this.#known !== undefined) {
      const found = await this.#byIds((each) => each.sandboxId === sandboxId, signal)
      return found.map(({ id, state }) => ({ id, running: state === 'running' || state === 'unknown' }))
    }
    const listed = await this.#listed([`${label.sandboxId}=${sandboxId}`], signal)
    return listed.map(({ Id, State }) => ({ id: Id, running: State === 'running' || State === 'paused' }))
  }

  /** As it was seen last; what a container is called never changes. */
  seen(id: string): Container | undefined {
    return this.#inspected.get(id)?.container
  }

  /** Whether events are heard from now on: what they told before says nothing about what was missed. */
  hear(hearing: boolean): void {
    this.#hearing = hearing
    this.#known = undefined
  }

  created(id: string, belonging: Belonging): void {
    for (const known of [this.#known, ...this.#toldMeanwhile]) known?.set(id, belonging)
  }

  removed(id: string): void {
    for (const known of [this.#known, ...this.#toldMeanwhile]) known?.delete(id)
    this.#inspected.delete(id)
    this.#changes.delete(id)
    this.#ownStarts.delete(id)
    this.#victims?.forget(id)
  }

  /** This process starts it, and will look when it has. */
  starting(id: string): void {
    this.#ownStarts.add(id)
  }

  /**
   * Asks already for what will be asked once the start under way is over: Docker answers an inspect of a container when it has done what it is doing
   * with it, so that the answer comes with that to the start. One that comes earlier, or fails, is worth nothing, and the look at the container asks
   * again.
   */
  async lookAhead(id: string): Promise<void> {
    const asked = this.#inspect(id, new AbortController().signal).catch(() => undefined)
    this.#ahead.set(id, asked)
    await asked
    if (this.#ahead.get(id) === asked) this.#ahead.delete(id)
  }

  /** This process has ended it. What was seen since its end holds. */
  stopped(id: string): void {
    if (this.#inspected.get(id)?.state !== 'exited') this.forget(id)
  }

  /** Its start was told. */
  started(id: string): void {
    if (!this.#ownStarts.has(id)) this.forget(id)
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
    this.#changes.set(id, (this.#changes.get(id) ?? 0) + 1)
  }

  /** After a pull an image may have a digest that it had not. */
  forgetImages(): void {
    this.#digests.clear()
  }

  #listed(labels: readonly string[], signal: AbortSignal): Promise<ListedContainer[]> {
    const query = { all: 1, filters: JSON.stringify({ label: [`${label.type}=container`, ...labels] }) }
    return this.#api.call<ListedContainer[]>('GET', '/containers/json', { query, signal, timeoutMs: 30_000 })
  }

  async #all(signal: AbortSignal): Promise<readonly ListedContainer[]> {
    const told = new Map<string, Belonging>()
    this.#toldMeanwhile.add(told)
    const hearing = this.#hearing
    try {
      const listed = await this.#listed([], signal)
      const known = new Map([...listed.map(({ Id, Labels }) => [Id, belongingOf(Labels)] as const), ...told])
      for (const id of [...this.#inspected.keys(), ...this.#changes.keys()]) if (!known.has(id)) this.removed(id)
      if (hearing && this.#hearing) this.#known = known
      return listed
    } finally {
      this.#toldMeanwhile.delete(told)
    }
  }

  async #byIds(isWanted: (belonging: Belonging) => boolean, signal: AbortSignal): Promise<readonly Container[]> {
    const ids = [...(this.#known ?? [])].filter(([, belonging]) => isWanted(belonging)).map(([id]) => id)
    return present(await Promise.all(ids.map((id) => this.#details(id, undefined, signal))))
  }

  /** `state` as a list has just shown it; undefined where events tell of every change. */
  async #details(id: string, state: string | undefined, signal: AbortSignal): Promise<Container | undefined> {
    await this.#ahead.get(id)
    const known = this.#inspected.get(id)
    if (known !== undefined && settled.has(known.state) && (state ?? known.state) === known.state) return known.container
    return await this.#inspect(id, signal)
  }

  async #inspect(id: string, signal: AbortSignal): Promise<Container | undefined> {
    const before = this.#changes.get(id)
    const inspect = await unlessMissing(this.#api.call<ContainerInspect>('GET', `/containers/${id}/json`, { signal, timeoutMs: 15_000 }))
    if (inspect === undefined) {
      this.removed(id)
      return undefined
    }
    const { State } = inspect
    if (State.ExitCode === 137 && !State.Running && !State.OOMKilled) State.OOMKilled = this.#victims?.has(id) ?? false
    const container = containerOf(inspect, await this.#digest(inspect.Image, signal))
    if (this.#changes.get(id) === before) this.#inspected.set(id, { state: inspect.State.Status, container })
    return container
  }

  async #digest(imageId: string, signal: AbortSignal): Promise<string | undefined> {
    if (!this.#digests.has(imageId)) this.#digests.set(imageId, (await this.#images.status(imageId, signal))?.repoDigests[0])
    return this.#digests.get(imageId)
  }
}

const present = (containers: readonly (Container | undefined)[]): readonly Container[] =>
  containers.filter((container) => container !== undefined)
