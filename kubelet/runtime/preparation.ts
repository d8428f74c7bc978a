/**
 * What comes once, before the first sandbox: the daemon is asked what it is, the way in which sandboxes are held is chosen, and what a killed kubelet
 * left is taken away.
 */
import path from 'node:path'
import type { Logger } from '#component/logging.ts'
import type { Cni } from './cni.ts'
import { type DockerApi, runtimeError } from './docker-api.ts'
import type { DockerListing } from './docker-listing.ts'
import { HelperShell } from './helper-shell.ts'
import type { LogLinks } from './log-links.ts'
import type { NamespaceFiles } from './namespace-files.ts'
import { chosenDriver, type SandboxChoice } from './sandbox/choice.ts'
import { NamespaceMaker } from './sandbox/namespace-maker.ts'
import { PauseContainers } from './sandbox/pause-container.ts'
import { PauseDriver } from './sandbox/pause-driver.ts'
import { PinnedDriver, preparePinning } from './sandbox/pinned.ts'
import { Sandboxes } from './sandbox/sandboxes.ts'
import { endUnknown } from './unknown-starts.ts'

interface PreparationParts {
  api: DockerApi
  cni: Cni
  helper: HelperShell
  listing: DockerListing
  links: LogLinks
  namespaces: NamespaceFiles
  runDir: string
  sandboxes: SandboxChoice
  minOomScoreAdj: number
  log: Logger
  now: () => Date
}

export interface Prepared {
  sandboxes: Sandboxes
  dockerRoot: string
}

interface DockerInfo {
  CgroupDriver?: string
  DockerRootDir: string
  Runtimes: Record<string, unknown>
}

/** Rejects with RuntimeError. */
export const dockerInfo = (api: DockerApi, timeoutMs = 30_000): Promise<DockerInfo> =>
  api.call<DockerInfo>('GET', '/info', { timeoutMs }).catch((error: unknown) => Promise.reject(runtimeError(error)))

export class Preparation {
  readonly #parts: PreparationParts
  readonly #maker = new NamespaceMaker()
  #prepared: Promise<Prepared> | undefined
  #sandboxes: Sandboxes | undefined
  #handlers: readonly string[] = []

  constructor(parts: PreparationParts) {
    this.#parts = parts
  }

  /** As soon as it is known; before that nothing is swept yet. */
  get sandboxes(): Sandboxes | undefined {
    return this.#sandboxes
  }

  /** Names of the daemon's runtimes, as it has told them last; the empty name is its default. */
  get handlers(): readonly string[] {
    return this.#handlers
  }

  /** Prepares where that has not been done, or has failed. Rejects with RuntimeError. */
  async ready(signal: AbortSignal): Promise<Prepared> {
    this.#prepared ??= this.#prepare()
    const attempt = this.#prepared
    try {
      const prepared = await attempt
      signal.throwIfAborted()
      return prepared
    } catch (error) {
      if (this.#prepared === attempt && !signal.aborted) this.#prepared = undefined
      throw runtimeError(error)
    }
  }

  close(): void {
    this.#maker.close()
  }

  async #prepare(): Promise<Prepared> {
    const { api, runDir, namespaces, listing, links } = this.#parts
    const info = await dockerInfo(api)
    await preparePinning(runDir)
    HelperShell.sweep(runDir)
    namespaces.failHeld()
    this.#handlers = handlersOf(info)
    const sandboxes = this.#sandboxesOf(info)
    this.#sandboxes = sandboxes
    const signal = AbortSignal.timeout(60_000)
    await sandboxes.sweep(signal)
    const ids = await listing.ids(signal)
    namespaces.sweep(ids)
    await links.sweep(ids)
    return { sandboxes, dockerRoot: info.DockerRootDir }
  }

  #sandboxesOf(info: DockerInfo): Sandboxes {
    const { api, cni, helper, namespaces, runDir, minOomScoreAdj, log, now } = this.#parts
    const pauses = new PauseContainers({
      api,
      minOomScoreAdj,
      endUnknown: (id) => endUnknown(id, log),
      wrap: async (id, paths) => namespaces.write(id, paths),
      unwrap: async (id) => namespaces.remove(id),
    })
    const pinned = new PinnedDriver({
      runDir,
      pauses,
      maker: this.#maker,
      folder: (id) => path.join(runDir, 'sandboxes', id),
      exec: (argv, how) => helper.exec(argv, how),
      script: (text, args, how) => helper.script(text, args, how),
    })
    const pause = new PauseDriver(pauses)
    const driver = chosenDriver(this.#parts.sandboxes, Object.keys(info.Runtimes))
    log.info({ driver: driver.kind }, driver.why)
    return new Sandboxes({
      runDir,
      cni,
      drivers: driver.kind === 'pinned' ? [pinned, pause] : [pause, pinned],
      pauses,
      hasRuntime: (name) => this.#hasRuntime(name),
      log,
      now,
    })
  }

  /** One that dockerd has been given since is seen when it is first asked for. */
  async #hasRuntime(name: string): Promise<boolean> {
    if (!this.#handlers.includes(name)) this.#handlers = handlersOf(await dockerInfo(this.#parts.api))
    return this.#handlers.includes(name)
  }
}

const handlersOf = ({ Runtimes }: DockerInfo): readonly string[] => ['', ...Object.keys(Runtimes)]
