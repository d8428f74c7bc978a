/** `ContainerRuntime` over Docker's API: ties containers, images, sessions and sandboxes together. */
import path from 'node:path'
import type { Duplex } from 'node:stream'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import type { Logger } from '#component/logging.ts'
import type { Cni } from './cni.ts'
import { ContainerCreations, lowestOomScoreAdj } from './container-creations.ts'
import { ContainerStarts } from './container-starts.ts'
import { stopContainer } from './container-stop.ts'
import { type DockerApi, isStatus, runtimeError, unlessMissing } from './docker-api.ts'
import { type ContainerInspect, label, resourceFields } from './docker-container.ts'
import { dockerEvents, type EventSink } from './docker-events.ts'
import { DockerExec } from './docker-exec.ts'
import { DockerImages, type RegistryAuth } from './docker-images.ts'
import { belongingOf, DockerListing } from './docker-listing.ts'
import type { HelperShell } from './helper-shell.ts'
import { mountImage } from './image-mount.ts'
import { type LoggedContainer, LogLinks, type LogLinksOptions } from './log-links.ts'
import { NamespaceFiles } from './namespace-files.ts'
import { OomVictims } from './oom-victims.ts'
import { dialLocal, PortDialer } from './port-dialer.ts'
import { dockerInfo, Preparation } from './preparation.ts'
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
import type { SandboxChoice } from './sandbox/choice.ts'
import type { SandboxRecord } from './sandbox/record.ts'
import type { Sandboxes } from './sandbox/sandboxes.ts'
import { endUnknown } from './unknown-starts.ts'

export interface DockerRuntimeParts {
  api: DockerApi
  cni: Cni
  helper: HelperShell
  runDir: string
  logs: LogLinksOptions
  logRotation: { maxSize: string; maxFiles: number }
  sandboxes: SandboxChoice
  log: Logger
  now: () => Date
}

type DockerVersion = { Version: string; ApiVersion: string }

export class DockerRuntime implements ContainerRuntime {
  readonly #parts: DockerRuntimeParts
  readonly #api: DockerApi
  readonly #images: DockerImages
  readonly #exec: DockerExec
  readonly #listing: DockerListing
  readonly #links: LogLinks
  readonly #namespaces: NamespaceFiles
  readonly #dialer = new PortDialer()
  readonly #creations: ContainerCreations
  readonly #starts: ContainerStarts
  readonly #preparation: Preparation
  /** Containers that this process has created and not yet started. */
  readonly #created = new Map<string, { logged: LoggedContainer; record: SandboxRecord }>()
  /** Docker runs two programs to tell it. The next daemon may have another: its events are heard anew. */
  #version: DockerVersion | undefined

  constructor(parts: DockerRuntimeParts) {
    this.#parts = parts
    this.#api = parts.api
    this.#images = new DockerImages(parts.api)
    this.#exec = new DockerExec(parts.api)
    this.#listing = new DockerListing(parts.api, this.#images, new OomVictims(parts.log))
    this.#links = new LogLinks(parts.logs)
    this.#namespaces = new NamespaceFiles(path.join(parts.runDir, 'containers'))
    this.#starts = new ContainerStarts({
      api: parts.api,
      namespaces: this.#namespaces,
      remove: (id) => this.removeContainer(id, new AbortController().signal),
      begun: (id) => void this.#listing.lookAhead(id),
    })
    const shared = { ...parts, links: this.#links, minOomScoreAdj: lowestOomScoreAdj(parts.log) }
    this.#creations = new ContainerCreations({ ...shared, remove: (id, signal) => this.removeContainer(id, signal) })
    this.#preparation = new Preparation({ ...shared, listing: this.#listing, namespaces: this.#namespaces })
  }

  async version(signal: AbortSignal): Promise<{ name: string; version: string; apiVersion: string }> {
    const known = this.#version ?? (await this.#call<DockerVersion>('GET', '/version', { signal, timeoutMs: 15_000 }))
    this.#version = known
    return { name: 'docker', version: known.Version, apiVersion: known.ApiVersion }
  }

  /** As `docker info` has it: cgroupfs, systemd or none. */
  async cgroupDriver(): Promise<string> {
    return (await dockerInfo(this.#api, 5000)).CgroupDriver ?? ''
  }

  async status(signal: AbortSignal) {
    const network = await this.#parts.cni.network().catch((error: Error) => error)
    const networkReady = network !== undefined && !(network instanceof Error)
    const networkMessage = networkReady ? '' : network instanceof Error ? network.message : 'cni config uninitialized'
    const down = await this.#api.call('GET', '/_ping', { signal, timeoutMs: 10_000 }).then(
      () => undefined,
      (error: Error) => `docker: ${error.message}`,
    )
    return {
      runtimeReady: down === undefined,
      runtimeMessage: down ?? '',
      networkReady,
      networkMessage,
      handlers: this.#preparation.handlers,
    }
  }

  async runSandbox(config: SandboxConfig, signal: AbortSignal, hooks: SandboxHooks = {}): Promise<Sandbox> {
    const { sandboxes } = await this.#preparation.ready(signal)
    return await this.#mapped(sandboxes.run(config, signal, hooks))
  }

  async stopSandbox(id: string, signal: AbortSignal): Promise<void> {
    const { sandboxes } = await this.#preparation.ready(signal)
    for (const container of await this.#listing.bySandbox(id, signal)) {
      if (container.running) await this.stopContainer(container.id, 0, signal)
    }
    await this.#mapped(sandboxes.stop(id))
  }

  async removeSandbox(id: string, signal: AbortSignal): Promise<void> {
    await this.stopSandbox(id, signal)
    for (const container of await this.#listing.bySandbox(id, signal)) await this.removeContainer(container.id, signal)
    const { sandboxes } = await this.#preparation.ready(signal)
    await this.#mapped(sandboxes.remove(id))
  }

  /** Also sandboxes that are gone, as after a reboot, while containers of theirs remain: not ready, to be removed. */
  async listSandboxes(signal: AbortSignal): Promise<readonly Sandbox[]> {
    const { sandboxes } = await this.#preparation.ready(signal)
    await this.#mapped(sandboxes.sweepAgain(signal))
    const [known, containers] = await this.#mapped(Promise.all([sandboxes.list(signal), this.#listing.list({}, signal)]))
    const all = new Map(known.map((sandbox) => [sandbox.id, sandbox]))
    for (const container of containers) {
      if (container.sandboxId === '' || all.has(container.sandboxId)) continue
      // One that is being made, or unmade, between the two observations.
      if ((await sandboxes.records.load(container.sandboxId)) !== undefined) continue
      all.set(container.sandboxId, lostSandbox(container))
    }
    return [...all.values()]
  }

  async createContainer(sandbox: Sandbox, config: ContainerConfig, signal: AbortSignal): Promise<string> {
    const { sandboxes } = await this.#preparation.ready(signal)
    const record = await sandboxes.records.load(sandbox.id)
    if (record === undefined || (record.state !== 'ready' && !sandboxes.isUnderWay(record)))
      throw new RuntimeError('notFound', `sandbox ${sandbox.id} is not ready`)
    const place = { record, driver: sandboxes.driver(record), folder: sandboxes.records.folder(record.id) }
    const logged = await this.#creations.create(place, config, signal)
    const { id } = logged
    this.#listing.created(id, { podUid: config.podUid, sandboxId: sandbox.id })
    this.#created.set(id, { logged, record })
    return id
  }

  async startContainer(id: string, signal: AbortSignal, ready?: Promise<unknown>): Promise<void> {
    const { sandboxes, dockerRoot } = await this.#preparation.ready(signal)
    const { logged, record } = this.#created.get(id) ?? (await this.#foundCreated(id, sandboxes, signal))
    const driver = sandboxes.driver(record)
    this.#listing.starting(id)
    // Docker is at work by then. What fails is told below.
    const linked = turnOfLoop().then(() => this.#links.make(logged, path.join(dockerRoot, 'containers', id, `${id}-json.log`)))
    linked.catch(() => undefined)
    try {
      await this.#starts.start({ id, wrapped: driver.wrapped(record), ready, holds: driver.holdsStarts }, signal)
    } finally {
      this.#created.delete(id)
      await linked
    }
  }

  /** One that another process has created. */
  async #foundCreated(id: string, sandboxes: Sandboxes, signal: AbortSignal): Promise<{ logged: LoggedContainer; record: SandboxRecord }> {
    const inspect = await this.#inspect(id, signal)
    const record = await sandboxes.records.load(inspect.Config.Labels?.[label.sandboxId] ?? '')
    if (record?.state !== 'ready') throw new RuntimeError('notFound', `the sandbox of container ${id} is gone`)
    return { logged: loggedFrom(id, inspect.Config.Labels ?? {}), record }
  }

  async stopContainer(id: string, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const grace = Math.max(0, Math.ceil(graceSeconds))
    try {
      await this.#mapped(stopContainer(this.#api, { id, seen: this.#listing.seen(id), graceSeconds: grace }, signal))
    } finally {
      this.#listing.stopped(id)
    }
  }

  async removeContainer(id: string, signal: AbortSignal): Promise<void> {
    try {
      const own = this.#created.get(id)?.logged
      const logged = own ?? (await this.#loggedOf(id, signal))
      if (logged !== undefined) {
        const seen = this.#listing.seen(id)
        if (own === undefined && seen !== undefined && seen.startedAt === undefined) await endUnknown(id, this.#parts.log)
        await unlessMissing(this.#api.call('DELETE', `/containers/${id}`, { query: { force: 1, v: 1 }, signal }))
        await this.#links.remove(logged)
      }
    } catch (error) {
      if (!isStatus(error, 409)) throw runtimeError(error)
    }
    this.#created.delete(id)
    this.#listing.removed(id)
    this.#namespaces.remove(id)
  }

  async listContainers(filter: { podUid?: string }, signal: AbortSignal): Promise<readonly Container[]> {
    return await this.#mapped(this.#listing.list(filter, signal))
  }

  async updateResources(id: string, resources: LinuxResources, signal: AbortSignal): Promise<void> {
    await this.#call('POST', `/containers/${id}/update`, { body: resourceFields(resources), signal })
  }

  execSync(id: string, command: readonly string[], timeoutMs: number) {
    return this.#exec.runSync(id, command, timeoutMs)
  }

  exec(id: string, command: readonly string[], streams: ExecStreams, signal: AbortSignal): Promise<{ exitCode: number }> {
    return this.#exec.run(id, command, streams, signal)
  }

  async attach(id: string, streams: ExecStreams, signal: AbortSignal): Promise<void> {
    // What comes is a terminal's text or multiplexed as the container was made, whatever the client thinks.
    const { Config } = await this.#inspect(id, signal)
    await this.#exec.attach(id, { ...streams, tty: Config.Tty }, signal)
  }

  async portForward(sandboxId: string, port: number): Promise<Duplex> {
    const signal = AbortSignal.timeout(30_000)
    const { sandboxes } = await this.#preparation.ready(signal)
    const record = await sandboxes.records.load(sandboxId)
    if (record?.state !== 'ready') throw new RuntimeError('notFound', `sandbox ${sandboxId} is not ready`)
    if (!record.config.hostNetwork) return await this.#dialer.dial(await sandboxes.driver(record).netnsPath(record, signal), port)
    return await dialLocal(port)
  }

  async logFile(id: string): Promise<{ path: string; format: 'docker-json' | 'cri' }> {
    const { LogPath } = await this.#inspect(id, AbortSignal.timeout(15_000))
    const { dockerRoot } = await this.#preparation.ready(AbortSignal.timeout(15_000))
    return { path: LogPath === '' ? path.join(dockerRoot, 'containers', id, `${id}-json.log`) : LogPath, format: 'docker-json' }
  }

  async reopenLog(): Promise<void> {
    // Docker rotates its json-file logs itself, and our links name the newest.
  }

  listImages(signal: AbortSignal): Promise<readonly Image[]> {
    return this.#mapped(this.#images.list(signal))
  }

  imageStatus(image: string, signal: AbortSignal): Promise<Image | undefined> {
    return this.#mapped(this.#images.status(image, signal))
  }

  async pullImage(image: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<Image> {
    const pulled = await this.#images.pull(image, auth, signal)
    this.#listing.forgetImages()
    return pulled
  }

  removeImage(id: string, signal: AbortSignal): Promise<void> {
    return this.#mapped(this.#images.remove(id, signal))
  }

  async imageRoot(signal: AbortSignal): Promise<string | undefined> {
    return (await this.#preparation.ready(signal)).dockerRoot
  }

  mountImage(id: string, target: string, signal: AbortSignal): Promise<void> {
    return this.#mapped(mountImage(this.#api, id, target, signal))
  }

  async *events(signal: AbortSignal): AsyncIterable<RuntimeEvent> {
    const sink: EventSink = {
      hearing: (isHearing) => {
        this.#listing.hear(isHearing)
        this.#version = undefined
        this.#images.forget(isHearing)
      },
      isEnding: (id) => this.#preparation.sandboxes?.isEnding(id) ?? true,
      created: (id, labels) => this.#listing.created(id, belongingOf(labels)),
      imagesChanged: () => {
        this.#images.changed()
        this.#listing.forgetImages()
      },
    }
    for await (const event of dockerEvents(this.#api, sink, signal)) {
      if (event.type === 'started') this.#listing.started(event.containerId)
      else if (event.type === 'died') this.#listing.forget(event.containerId)
      else if (event.type === 'removed') this.#listing.removed(event.containerId)
      yield event
    }
  }

  /** Ends helper processes; containers go on. */
  close(): void {
    this.#dialer.close()
    this.#parts.helper.close()
    this.#preparation.close()
    this.#parts.cni.close()
  }

  #inspect(id: string, signal: AbortSignal): Promise<ContainerInspect> {
    return this.#call<ContainerInspect>('GET', `/containers/${id}/json`, { signal, timeoutMs: 15_000 })
  }

  async #loggedOf(id: string, signal: AbortSignal): Promise<LoggedContainer | undefined> {
    const seen = this.#listing.seen(id)
    if (seen !== undefined) return loggedFrom(id, seen.labels)
    const inspect = await unlessMissing(this.#api.call<ContainerInspect>('GET', `/containers/${id}/json`, { signal, timeoutMs: 15_000 }))
    return inspect === undefined ? undefined : loggedFrom(id, inspect.Config.Labels ?? {})
  }

  #call<T>(...args: Parameters<DockerApi['call']>): Promise<T> {
    return this.#mapped(this.#api.call<T>(...args))
  }

  async #mapped<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      throw runtimeError(error)
    }
  }
}

const loggedFrom = (id: string, labels: Readonly<Record<string, string>>): LoggedContainer => ({
  podNamespace: labels[label.podNamespace] ?? '',
  podName: labels[label.podName] ?? '',
  podUid: labels[label.podUid] ?? '',
  container: labels[label.containerName] ?? '',
  attempt: Number(labels[label.attempt] ?? 0),
  id,
})

const lostSandbox = (container: Container): Sandbox => ({
  id: container.sandboxId,
  podUid: container.podUid,
  namespace: container.labels[label.podNamespace] ?? '',
  name: container.labels[label.podName] ?? '',
  attempt: 0,
  ready: false,
  createdAt: container.createdAt,
  ips: [],
  labels: {},
})
