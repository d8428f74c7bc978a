/** The runtime of a hollow node: the fake one, with containers that start, end, log, answer and use as `acting.ts` says. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FakeRuntime } from '#kubelet/runtime/fake.ts'
import { normalizeImageName } from '#kubelet/runtime/image-name.ts'
import type { ExecStreams, Image, Sandbox, SandboxConfig, SandboxHooks } from '#kubelet/runtime/runtime.ts'
import { type Acted, answer, endOf, logText, usageOf } from './acting.ts'

export interface HollowOptions {
  /** Folder for logs that were asked for. */
  rootDir: string
  /** The node's range of pod addresses, as far as it has one. */
  podCidr(): string | undefined
  now(): Date
}

const longestTimerMs = 2 ** 31 - 1

export class HollowRuntime extends FakeRuntime {
  readonly #options: HollowOptions
  readonly #timers = new Map<string, NodeJS.Timeout>()
  #addresses = 1

  constructor(options: HollowOptions) {
    super(options.now, { keepCalls: false, newId: () => randomBytes(32).toString('hex') })
    this.#options = options
    this.runCommand = (id, command) => this.#answer(id, command)
    this.session = (id, command, streams) => this.#session(id, command, streams)
  }

  override async runSandbox(config: SandboxConfig, signal: AbortSignal, { cgroup }: SandboxHooks = {}): Promise<Sandbox> {
    await cgroup?.()
    const made = await super.runSandbox(config, signal)
    const ips = config.hostNetwork ? [] : [this.#nextAddress()]
    this.sandboxes.set(made.id, { ...made, ips, config })
    return { ...made, ips }
  }

  override async startContainer(id: string, signal: AbortSignal, ready?: Promise<unknown>): Promise<void> {
    await super.startContainer(id, signal, ready)
    const container = this.containers.get(id)
    // Ids of processes would lead to those of the machine.
    if (container !== undefined) delete container.pid
    const end = endOf(this.#acted(id)?.command ?? [])
    if (end !== undefined && end.afterMs < longestTimerMs)
      this.#timers.set(id, setTimeout(() => this.exitContainer(id, end.exitCode), Math.max(end.afterMs, 1)).unref())
  }

  override async removeContainer(id: string, signal: AbortSignal): Promise<void> {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    rmSync(this.#logPath(id), { force: true })
    await super.removeContainer(id, signal)
  }

  /** Every image is somewhere. */
  override async pullImage(image: string, auth: unknown, signal: AbortSignal): Promise<Image> {
    if (!this.registry.has(image)) this.#register(image)
    return await super.pullImage(image, auth, signal)
  }

  override async imageStatus(image: string, signal: AbortSignal): Promise<Image | undefined> {
    return (await super.imageStatus(image, signal)) ?? (await super.imageStatus(normalizeImageName(image), signal))
  }

  /** Written when it is asked for. */
  override async logFile(id: string): Promise<{ path: string; format: 'docker-json' | 'cri' }> {
    await super.logFile(id)
    const acted = this.#acted(id)
    const path = this.#logPath(id)
    mkdirSync(this.#options.rootDir, { recursive: true, mode: 0o750 })
    const until = this.containers.get(id)?.finishedAt ?? this.#options.now()
    writeFileSync(path, acted === undefined ? '' : logText(acted, until.getTime()))
    return { path, format: 'docker-json' }
  }

  /** Undefined unless it runs. */
  usage(id: string): { cpuNanos: number; memoryBytes: number } | undefined {
    const acted = this.#acted(id)
    if (acted === undefined || this.containers.get(id)?.state !== 'running') return undefined
    return usageOf(acted, this.#options.now().getTime())
  }

  /** Ids of the running containers of a pod. */
  running(podUid: string): string[] {
    return [...this.containers.values()].filter((each) => each.podUid === podUid && each.state === 'running').map(({ id }) => id)
  }

  #acted(id: string): Acted | undefined {
    const container = this.containers.get(id)
    if (container?.startedAt === undefined) return undefined
    const { config, resources, startedAt } = container
    return {
      id,
      name: container.name,
      podName: this.sandboxes.get(container.sandboxId)?.name ?? '',
      image: normalizeImageName(container.image),
      command: [...(config.command ?? []), ...(config.args ?? [])],
      env: new Map(config.env.map(({ name, value }) => [name, value])),
      startedAtMs: startedAt.getTime(),
      cpuMillis: ((resources.cpuShares ?? 0) * 1000) / 1024,
      memoryBytes: resources.memoryLimitBytes ?? 0,
    }
  }

  #answer(id: string, command: readonly string[]): { exitCode: number; output: string } {
    const acted = this.#acted(id)
    return acted === undefined ? { exitCode: 1, output: '' } : answer(acted, command, this.#options.now().getTime())
  }

  async #session(id: string, command: readonly string[], streams: ExecStreams): Promise<number> {
    if (command.length === 0) return 0
    const { exitCode, output } = this.#answer(id, command)
    const stream = exitCode === 0 ? streams.stdout : (streams.stderr ?? streams.stdout)
    if (output !== '') await new Promise((resolve) => stream?.write(output, resolve) ?? resolve(undefined))
    return exitCode
  }

  #register(image: string): void {
    const id = `sha256:${randomBytes(32).toString('hex')}`
    const name = normalizeImageName(image)
    const repository = name.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
    const made: Image = { id, repoTags: [name], repoDigests: [`${repository}@${id}`], sizeBytes: 25_000_000, user: '' }
    this.registry.set(image, made)
  }

  #nextAddress(): string {
    const [base = '10.244.0.0', bits = '24'] = (this.#options.podCidr() ?? '10.244.0.0/24').split('/')
    this.#addresses = (this.#addresses % (2 ** (32 - Number(bits)) - 2)) + 1
    const number = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + this.#addresses
    return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
  }

  #logPath(id: string): string {
    return join(this.#options.rootDir, `${id}-json.log`)
  }
}
