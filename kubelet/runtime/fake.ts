/** A container runtime in memory, faithful to `ContainerRuntime`, whose clock, exits, images and failures a test controls. */
import { type Duplex, duplexPair } from 'node:stream'
import { EventFeed } from './event-feed.ts'
import {
  type Container,
  type ContainerConfig,
  type ContainerRuntime,
  type ExecStreams,
  type Image,
  type LinuxResources,
  RuntimeError,
  type RuntimeEvent,
  type Sandbox,
  type SandboxConfig,
  type SandboxHooks,
} from './runtime.ts'

/** What a container of an image does once started; the default runs until it is stopped. */
export interface FakeBehaviour {
  /** Ends at once with this code. */
  exitsWith?: number
  /** SIGTERM has no effect: the stop waits for the grace and kills (137). */
  ignoresTerm?: boolean
  /** The start itself fails, as for a command that does not exist (128 and StartError upstream). */
  startError?: string
}

export type FakeExec = (containerId: string, command: readonly string[]) => { exitCode: number; output: string } | 'hangs'

export interface FakeSandbox extends Sandbox {
  config: SandboxConfig
}
export interface FakeContainer extends Container {
  config: ContainerConfig
  resources: LinuxResources
}

type Verb = keyof ContainerRuntime

export class FakeRuntime implements ContainerRuntime {
  readonly sandboxes = new Map<string, FakeSandbox>()
  readonly containers = new Map<string, FakeContainer>()
  readonly images = new Map<string, Image>()
  /** Images that a pull can find, by the name that pods use; an Error is what the pull fails with. */
  readonly registry = new Map<string, Image | Error>()
  readonly behaviours = new Map<string, FakeBehaviour>()
  /** Every call in order, as `verb argument`. */
  readonly calls: string[] = []
  readonly graces = new Map<string, number>()
  runtimeReady = true
  networkReady = true
  /** Handlers beside the usual one. */
  handlers: readonly string[] = []
  runCommand: FakeExec = () => ({ exitCode: 0, output: '' })
  /** Answers a connection to a port; the default refuses. */
  dial: ((sandboxId: string, port: number, far: Duplex) => void) | undefined
  /** Called for each attach or exec session with streams; resolves with the exit code. */
  session: (id: string, command: readonly string[], streams: ExecStreams) => Promise<number> = async () => 0
  readonly logPaths = new Map<string, string>()
  readonly #now: () => Date
  readonly #keepsCalls: boolean
  readonly #newId: ((kind: string) => string) | undefined
  readonly #feed = new EventFeed<RuntimeEvent>()
  readonly #failures = new Map<Verb, Error[]>()
  #serial = 0

  /** Whoever does not look at `calls` for days does not want them kept. */
  constructor(now: () => Date, options: { keepCalls?: boolean; newId?: (kind: string) => string } = {}) {
    this.#now = now
    this.#keepsCalls = options.keepCalls ?? true
    this.#newId = options.newId
  }

  /** The next call of this verb fails with the error (several queue up). */
  failNext(verb: Verb, error: Error): void {
    this.#failures.set(verb, [...(this.#failures.get(verb) ?? []), error])
  }

  addImage(name: string, id = `sha256:${name}`): Image {
    const image: Image = { id, repoTags: [name], repoDigests: [`${name.split(':')[0]}@${id}`], sizeBytes: 1_000_000, user: '' }
    this.images.set(id, image)
    this.registry.set(name, image)
    return image
  }

  /** The container's process ends by itself. */
  exitContainer(id: string, exitCode: number, how: { oomKilled?: boolean } = {}): void {
    const container = this.#container(id)
    if (container.state !== 'running') return
    const oomKilled = how.oomKilled ?? false
    const reason = oomKilled ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error'
    const { pid: _, ...rest } = container
    this.containers.set(id, { ...rest, state: 'exited', exitCode, finishedAt: this.#now(), oomKilled, reason })
    this.#emit('died', container)
  }

  /** The sandbox loses its namespaces, as after a reboot. */
  loseSandbox(id: string): void {
    const sandbox = this.sandboxes.get(id)
    if (sandbox !== undefined) this.sandboxes.set(id, { ...sandbox, ready: false })
  }

  resync(): void {
    this.#feed.push({ type: 'resync' })
  }

  async version(): Promise<{ name: string; version: string; apiVersion: string }> {
    this.#called('version')
    return { name: 'fake', version: '1.0.0', apiVersion: '1.0.0' }
  }

  async status() {
    this.#called('status')
    return {
      runtimeReady: this.runtimeReady,
      runtimeMessage: this.runtimeReady ? '' : 'fake runtime is down',
      networkReady: this.networkReady,
      networkMessage: this.networkReady ? '' : 'cni config uninitialized',
      handlers: ['', ...this.handlers],
    }
  }

  async runSandbox(config: SandboxConfig, signal: AbortSignal, { planned, cgroup }: SandboxHooks = {}): Promise<Sandbox> {
    this.#called('runSandbox', `${config.namespace}/${config.name}`, signal)
    const handler = config.runtimeHandler ?? ''
    if (handler !== '' && !this.handlers.includes(handler))
      throw new RuntimeError('other', `failed to get sandbox runtime: no runtime for ${JSON.stringify(handler)} is configured`)
    const id = this.#id('sandbox')
    const sandbox: FakeSandbox = {
      id,
      podUid: config.podUid,
      namespace: config.namespace,
      name: config.name,
      attempt: config.attempt,
      ready: true,
      createdAt: this.#now(),
      ips: config.hostNetwork ? [] : [`10.244.0.${this.#serial + 1}`],
      labels: config.labels,
      config,
    }
    this.sandboxes.set(id, sandbox)
    planned?.({ ...sandbox, ips: [] })
    await cgroup?.()
    return sandbox
  }

  async stopSandbox(id: string, signal: AbortSignal): Promise<void> {
    this.#called('stopSandbox', id, signal)
    for (const container of this.containers.values()) {
      if (container.sandboxId === id && container.state === 'running') this.exitContainer(container.id, 137)
    }
    this.loseSandbox(id)
  }

  async removeSandbox(id: string, signal: AbortSignal): Promise<void> {
    this.#called('removeSandbox', id, signal)
    for (const container of [...this.containers.values()]) if (container.sandboxId === id) this.#remove(container)
    this.sandboxes.delete(id)
  }

  async listSandboxes(signal: AbortSignal): Promise<readonly Sandbox[]> {
    this.#called('listSandboxes', '', signal)
    return [...this.sandboxes.values()]
  }

  async createContainer(sandbox: Sandbox, config: ContainerConfig, signal: AbortSignal): Promise<string> {
    this.#called('createContainer', config.name, signal)
    if (!this.sandboxes.get(sandbox.id)?.ready) throw new RuntimeError('notFound', `sandbox ${sandbox.id} is not ready`)
    if (!this.images.has(config.imageId)) throw new RuntimeError('imageNotFound', `No such image: ${config.imageId}`)
    for (const other of this.containers.values()) {
      if (other.sandboxId === sandbox.id && other.name === config.name && other.attempt === config.attempt) {
        throw new RuntimeError('conflict', `container name ${config.name} with attempt ${config.attempt} is in use by ${other.id}`)
      }
    }
    const id = this.#id('container')
    this.containers.set(id, {
      id,
      sandboxId: sandbox.id,
      podUid: config.podUid,
      name: config.name,
      attempt: config.attempt,
      state: 'created',
      image: config.image,
      imageId: config.imageId,
      imageRef: this.images.get(config.imageId)?.repoDigests[0] ?? config.imageId,
      createdAt: this.#now(),
      oomKilled: false,
      reason: '',
      error: '',
      labels: config.labels,
      config,
      resources: config.resources,
    })
    return id
  }

  async startContainer(id: string, signal: AbortSignal, ready?: Promise<unknown>): Promise<void> {
    this.#called('startContainer', id, signal)
    await ready
    const container = this.#container(id)
    if (container.state === 'running') return
    const behaviour = this.behaviours.get(container.image) ?? {}
    if (behaviour.startError !== undefined) {
      const at = this.#now()
      this.containers.set(id, {
        ...container,
        state: 'exited',
        exitCode: 128,
        reason: 'StartError',
        error: behaviour.startError,
        finishedAt: at,
      })
      throw new RuntimeError('startFailed', behaviour.startError)
    }
    this.containers.set(id, { ...container, state: 'running', startedAt: this.#now(), pid: 1000 + this.#serial })
    this.#emit('started', container)
    if (behaviour.exitsWith !== undefined) this.exitContainer(id, behaviour.exitsWith)
  }

  async stopContainer(id: string, graceSeconds: number, signal: AbortSignal): Promise<void> {
    this.#called('stopContainer', id, signal)
    this.graces.set(id, graceSeconds)
    const container = this.containers.get(id)
    if (container?.state !== 'running') return
    const killed = graceSeconds <= 0 || this.behaviours.get(container.image)?.ignoresTerm === true
    this.exitContainer(id, killed ? 137 : 143)
  }

  async removeContainer(id: string, signal: AbortSignal): Promise<void> {
    this.#called('removeContainer', id, signal)
    const container = this.containers.get(id)
    if (container !== undefined) this.#remove(container)
  }

  async listContainers(filter: { podUid?: string }, signal: AbortSignal): Promise<readonly Container[]> {
    this.#called('listContainers', filter.podUid ?? '', signal)
    return [...this.containers.values()].filter((c) => filter.podUid === undefined || c.podUid === filter.podUid)
  }

  async updateResources(id: string, resources: LinuxResources, signal: AbortSignal): Promise<void> {
    this.#called('updateResources', id, signal)
    this.containers.set(id, { ...this.#container(id), resources })
  }

  async execSync(id: string, command: readonly string[], _timeoutMs: number) {
    this.#called('execSync', `${id} ${command.join(' ')}`)
    this.#running(id)
    const answer = this.runCommand(id, command)
    if (answer === 'hangs') return { exitCode: -1, output: '', timedOut: true }
    return { ...answer, timedOut: false }
  }

  async exec(id: string, command: readonly string[], streams: ExecStreams, signal: AbortSignal): Promise<{ exitCode: number }> {
    this.#called('exec', `${id} ${command.join(' ')}`, signal)
    this.#running(id)
    return { exitCode: await this.session(id, command, streams) }
  }

  async attach(id: string, streams: ExecStreams, signal: AbortSignal): Promise<void> {
    this.#called('attach', id, signal)
    this.#running(id)
    await this.session(id, [], streams)
  }

  async portForward(sandboxId: string, port: number): Promise<Duplex> {
    this.#called('portForward', `${sandboxId} ${port}`)
    if (!this.sandboxes.get(sandboxId)?.ready) throw new RuntimeError('notFound', `sandbox ${sandboxId} is not ready`)
    if (this.dial === undefined) throw new RuntimeError('other', `connect ECONNREFUSED 127.0.0.1:${port}`)
    const [near, far] = duplexPair()
    this.dial(sandboxId, port, far)
    return near
  }

  async logFile(id: string): Promise<{ path: string; format: 'docker-json' | 'cri' }> {
    this.#called('logFile', id)
    this.#container(id)
    return { path: this.logPaths.get(id) ?? `/dev/null`, format: 'docker-json' }
  }

  async reopenLog(id: string): Promise<void> {
    this.#called('reopenLog', id)
  }

  async listImages(signal: AbortSignal): Promise<readonly Image[]> {
    this.#called('listImages', '', signal)
    return [...new Set(this.images.values())]
  }

  async imageStatus(image: string, signal: AbortSignal): Promise<Image | undefined> {
    this.#called('imageStatus', image, signal)
    return [...this.images.values()].find((i) => i.id === image || i.repoTags.includes(image) || i.repoDigests.includes(image))
  }

  async pullImage(image: string, _auth: unknown, signal: AbortSignal): Promise<Image> {
    this.#called('pullImage', image, signal)
    const found = this.registry.get(image)
    if (found instanceof Error) throw found
    if (found === undefined) throw new RuntimeError('imageNotFound', `manifest for ${image} not found: manifest unknown`)
    this.images.set(found.id, found)
    return found
  }

  async mountImage(): Promise<void> {
    // There is nothing in an image that is not there.
  }

  async removeImage(id: string, signal: AbortSignal): Promise<void> {
    this.#called('removeImage', id, signal)
    this.images.delete(id)
  }

  async imageRoot(): Promise<string | undefined> {
    return undefined
  }

  events(signal: AbortSignal): AsyncIterable<RuntimeEvent> {
    return this.#feed.subscribe(signal)
  }

  #called(verb: Verb, argument = '', signal?: AbortSignal): void {
    if (this.#keepsCalls) this.calls.push(argument === '' ? verb : `${verb} ${argument}`)
    signal?.throwIfAborted()
    const failure = this.#failures.get(verb)?.shift()
    if (failure !== undefined) throw failure
  }

  #container(id: string): FakeContainer {
    const container = this.containers.get(id)
    if (container === undefined) throw new RuntimeError('notFound', `No such container: ${id}`)
    return container
  }

  #running(id: string): void {
    if (this.#container(id).state !== 'running') throw new RuntimeError('conflict', `Container ${id} is not running`)
  }

  #remove(container: FakeContainer): void {
    if (container.state === 'running') this.exitContainer(container.id, 137)
    this.containers.delete(container.id)
    this.#emit('removed', container)
  }

  #emit(type: 'started' | 'died' | 'removed', container: Container): void {
    this.#feed.push({ type, containerId: container.id, podUid: container.podUid, at: this.#now() })
  }

  #id(kind: string): string {
    this.#serial += 1
    return this.#newId?.(kind) ?? `${kind}-${this.#serial}`
  }
}
