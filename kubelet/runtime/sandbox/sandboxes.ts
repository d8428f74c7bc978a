/** Pod sandboxes: namespaces by one of two drivers, wired by CNI, recorded before they exist so that a kill at any instant leaves nothing. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { exec } from '#component/exec.ts'
import type { Logger } from '#component/logging.ts'
import type { Attachment, Cni } from '#kubelet/runtime/cni.ts'
import { bridgesOf } from '#kubelet/runtime/cni-config.ts'
import { RuntimeError, type Sandbox, type SandboxConfig, type SandboxHooks } from '#kubelet/runtime/runtime.ts'
import { Semaphore } from '#kubelet/runtime/semaphore.ts'
import type { Creation, SandboxDriver } from './driver.ts'
import type { PauseContainers } from './pause-container.ts'
import { removeStray, runtimeName, strayNamespaces } from './pinned.ts'
import { type SandboxRecord, SandboxRecords, sandboxOf } from './record.ts'

export interface SandboxesOptions {
  runDir: string
  cni: Cni
  /** The driver of new sandboxes first; the other serves those of an earlier configuration. */
  drivers: readonly SandboxDriver[]
  pauses: PauseContainers
  /** Whether Docker has a runtime of this name. */
  hasRuntime(name: string): Promise<boolean>
  log: Logger
  now: () => Date
}

/** Names for what every container runs with unless its pod says otherwise. */
const usualRuntimes: ReadonlySet<string> = new Set([runtimeName, 'runc', 'io.containerd.runc.v2'])

/** More at once only wait on each other's kernel locks. */
const madeAtOnce = 4
/** As long as a plug-in has: right after a slow machine's start even small programs take seconds. */
const bridgeTimeoutMs = 60_000

export class Sandboxes {
  readonly records: SandboxRecords
  readonly #options: SandboxesOptions
  /** Being made or unmade by this process: not leftovers. */
  readonly #busy = new Set<string>()
  readonly #ending = new Set<string>()
  readonly #slots = new Semaphore(madeAtOnce)
  /** Whether the bridges are there; one look for all who wait for it. */
  #bridges: Promise<boolean> | undefined

  constructor(options: SandboxesOptions) {
    this.#options = options
    this.records = new SandboxRecords(path.join(options.runDir, 'sandboxes'))
  }

  driver(record: SandboxRecord): SandboxDriver {
    const driver = this.#options.drivers.find((d) => d.kind === record.driver)
    if (driver === undefined) throw new RuntimeError('other', `sandbox ${record.id} needs the ${record.driver} driver`)
    return driver
  }

  async run(config: SandboxConfig, signal: AbortSignal, hooks: SandboxHooks): Promise<Sandbox> {
    return await this.#slots.run(signal, () => this.#make(config, signal, hooks))
  }

  /** Being made by this process. */
  isUnderWay(record: SandboxRecord): boolean {
    return record.state === 'creating' && this.#busy.has(record.id)
  }

  async #make(config: SandboxConfig, signal: AbortSignal, hooks: SandboxHooks): Promise<Sandbox> {
    const { driver, runtime } = await this.#chosen(config.runtimeHandler ?? '')
    const id = randomBytes(32).toString('hex')
    const createdAt = this.#options.now().toISOString()
    const planned = driver.plan({ id, driver: driver.kind, state: 'creating', createdAt, config, ips: [], ...runtime })
    this.#busy.add(id)
    let isWiredByUs = false
    try {
      this.records.save(planned)
      // Docker wants the sources of a container's mounts when it creates the container.
      this.#files(planned)
      this.#hosts(planned, [])
      const how: Creation = {
        joinable: () => hooks.planned?.(sandboxOf(planned, true)),
        cgroup: async () => hooks.cgroup?.(),
        link: async () => {
          const link = await this.#options.cni.begin(attachmentOf(planned, planned.netns ?? ''))
          isWiredByUs = link !== undefined
          return link
        },
      }
      const made = await driver.create(planned, how, signal)
      // A network that we wire ourselves has its bridge made with it.
      if (!config.hostNetwork && !isWiredByUs) await this.#prepareBridges()
      // A pause container is found by its label should we end here; what CNI makes is found by CNI's own record.
      const ips = config.hostNetwork ? [] : await this.#connect(made, signal)
      const ready: SandboxRecord = { ...made, state: 'ready', ips }
      if (ips.length > 0) this.#hosts(made, ips)
      this.records.save(ready)
      return sandboxOf(ready, true)
    } catch (error) {
      await this.#discard(planned).catch((cleanup) => this.#options.log.warn({ sandbox: id, error: cleanup }, 'sandbox clean-up failed'))
      throw error
    } finally {
      this.#busy.delete(id)
    }
  }

  /** Only our own wrapper can put containers into pinned namespaces, so that other runtimes have theirs held by a pause container. */
  async #chosen(handler: string): Promise<{ driver: SandboxDriver; runtime: { runtime?: string } }> {
    const usual = handler === '' || usualRuntimes.has(handler)
    if (!usual && !(await this.#options.hasRuntime(handler)))
      throw new RuntimeError('other', `failed to get sandbox runtime: no runtime for ${JSON.stringify(handler)} is configured`)
    const driver = usual ? this.#options.drivers[0] : this.#options.drivers.find(({ kind }) => kind === 'pause')
    if (driver === undefined) throw new RuntimeError('other', 'no sandbox driver')
    return { driver, runtime: usual ? {} : { runtime: handler } }
  }

  /** Ends network and namespaces; the record stays, not ready, until `remove`. */
  async stop(id: string): Promise<void> {
    this.#ending.add(id)
    const record = await this.records.load(id)
    if (record === undefined || record.state === 'stopped') return
    const signal = AbortSignal.timeout(60_000)
    // Plug-ins clean up inside the namespace, so it goes last; but they stumble over a file that is no namespace (any more).
    if (await this.driver(record).alive(record, signal)) await this.#options.cni.del(id)
    await this.driver(record).destroy(record, signal)
    await this.#options.cni.del(id)
    this.records.save({ ...record, state: 'stopped' })
  }

  /** Being ended, or never made. */
  isEnding(id: string): boolean {
    return this.#ending.has(id) || this.#busy.has(id)
  }

  async remove(id: string): Promise<void> {
    await this.stop(id)
    this.#ending.delete(id)
    await this.records.remove(id)
  }

  async list(signal: AbortSignal): Promise<readonly Sandbox[]> {
    const records = (await this.records.list()).filter((record) => record.state !== 'creating')
    return await Promise.all(
      records.map(async (record) => sandboxOf(record, record.state === 'ready' && (await this.driver(record).alive(record, signal)))),
    )
  }

  /** Removes what a killed process left: half-made sandboxes, and namespaces, attachments and pause containers that no record names. */
  async sweep(signal: AbortSignal): Promise<void> {
    for (const record of await this.#halfMade()) await this.#discard(record)
    const known = new Set((await this.records.list()).map((record) => record.id))
    // A folder without its record is one whose removal was cut short.
    for (const id of await this.records.ids()) if (!known.has(id) && !this.#busy.has(id)) await this.#discardUnknown(id)
    for (const id of await this.#options.cni.attached()) if (!known.has(id) && !this.#busy.has(id)) await this.#options.cni.del(id)
    await this.#options.cni.releaseOthers(known)
    await this.#sweepPauses(signal)
    const names = await readdir('/run/netns').catch(() => [])
    await removeStray(strayNamespaces(names, await this.records.list()))
  }

  /**
   * What is also wanted later than at the start. Half-made sandboxes could not be taken away while dockerd was away; and it finishes what a killed
   * process had asked for, which may be after the next one has looked.
   */
  async sweepAgain(signal: AbortSignal): Promise<void> {
    for (const record of await this.#halfMade())
      await this.#discard(record).catch((error) => this.#options.log.warn({ sandbox: record.id, error }, 'sandbox clean-up failed'))
    await this.#sweepPauses(signal)
  }

  async #halfMade(): Promise<readonly SandboxRecord[]> {
    return (await this.records.list()).filter((record) => record.state === 'creating' && !this.#busy.has(record.id))
  }

  /** Pause containers of no sandbox. */
  async #sweepPauses(signal: AbortSignal): Promise<void> {
    const pauses = await this.#options.pauses.list(undefined, signal)
    for (const pause of pauses) {
      if (this.#busy.has(pause.sandboxId) || (await this.records.load(pause.sandboxId)) !== undefined) continue
      await this.#options.pauses.remove(pause, signal)
    }
  }

  async #connect(record: SandboxRecord, signal: AbortSignal): Promise<readonly string[]> {
    const netns = await this.driver(record).netnsPath(record, signal)
    const { ips } = await this.#options.cni.add(attachmentOf(record, netns), signal)
    return ips
  }

  /**
   * Debian 12's bridge plug-in cannot finish a bridge that it made in an attempt that failed half way; one made beforehand it can. The first pods of a
   * node come at once: only one of them makes it.
   */
  async #prepareBridges(): Promise<void> {
    this.#bridges ??= this.#makeBridges()
    const areReady = await this.#bridges.catch((error: unknown) => {
      this.#bridges = undefined
      throw error
    })
    if (!areReady) this.#bridges = undefined
  }

  async #makeBridges(): Promise<boolean> {
    const network = await this.#options.cni.network()
    const script = 'ip link show "$1" >/dev/null 2>&1 || ip link add "$1" type bridge; ip link set "$1" up'
    for (const bridge of network === undefined ? [] : bridgesOf(network))
      await exec(['sh', '-c', script, 'sh', bridge], { timeoutMs: bridgeTimeoutMs })
    return network !== undefined
  }

  #files(record: SandboxRecord): void {
    const folder = this.records.folder(record.id)
    if (record.ipc !== undefined) mkdirSync(path.join(folder, 'shm'))
    const { dns, hostname } = record.config
    const lines = [
      ...dns.servers.map((server) => `nameserver ${server}`),
      ...(dns.searches.length === 0 ? [] : [`search ${dns.searches.join(' ')}`]),
      ...(dns.options.length === 0 ? [] : [`options ${dns.options.join(' ')}`]),
    ]
    writeFileSync(path.join(folder, 'resolv.conf'), lines.map((line) => `${line}\n`).join(''), { mode: 0o644 })
    writeFileSync(path.join(folder, 'hostname'), `${hostname}\n`, { mode: 0o644 })
  }

  /** For containers whose kubelet mounts no hosts file of its own; a pod on the host's network has a copy of the host's. */
  #hosts(record: SandboxRecord, ips: readonly string[]): void {
    const { hostNetwork, hostname } = record.config
    const own = ips.map((ip) => `${ip}\t${hostname}\n`).join('')
    const text = hostNetwork
      ? readFileSync('/etc/hosts', 'utf8')
      : `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${own}`
    writeFileSync(path.join(this.records.folder(record.id), 'hosts'), text, { mode: 0o644 })
  }

  async #discard(record: SandboxRecord): Promise<void> {
    this.#busy.add(record.id)
    try {
      // Namespaces first: a plug-in is to undo an attachment whose namespace is gone, but not one whose file is no namespace yet.
      await this.driver(record).destroy(record, AbortSignal.timeout(60_000))
      await this.#options.cni.del(record.id)
      await this.records.remove(record.id)
    } finally {
      this.#busy.delete(record.id)
    }
  }

  async #discardUnknown(id: string): Promise<void> {
    const shm = path.join(this.records.folder(id), 'shm')
    await removeStray([shm]).catch(async () => rm(shm, { recursive: true, force: true }))
    await this.records.remove(id)
  }
}

const attachmentOf = ({ id, config }: SandboxRecord, netns: string): Attachment => ({
  id,
  netns,
  podNamespace: config.namespace,
  podName: config.name,
  podUid: config.podUid,
  portMappings: config.portMappings,
  annotations: config.annotations,
})
