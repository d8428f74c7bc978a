/**
 * Runs the node's CNI plug-in chain (specification 1.0): ADD, CHECK and DEL, with results kept on disk so that a later process can undo them. What the first
 * plug-in of the network that we write ourselves does is done without it where a sandbox can have it.
 */
import { closeSync, constants, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { access, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { ExecError, type ExecOptions, type ExecResult, exec } from '#component/exec.ts'
import { Addresses } from '#kubelet/runtime/bridge/addresses.ts'
import { BridgeWiring } from '#kubelet/runtime/bridge/bridge-wiring.ts'
import { IpBatch } from '#kubelet/runtime/bridge/ip-batch.ts'
import { type OwnNetwork, ownNetwork, type PodLink } from '#kubelet/runtime/bridge/own-network.ts'
import { type CniNetwork, type CniPlugin, capabilityArguments, parseNetwork, pluginsFor } from './cni-config.ts'
import { Semaphore } from './semaphore.ts'

export interface CniOptions {
  confDir?: string
  binDirs?: readonly string[]
  stateDir?: string
  timeoutMs?: number
  /** How plug-ins are run; as the kubelet's own children unless said. */
  exec?: (argv: readonly string[], options: ExecOptions) => Promise<ExecResult>
}

/** One attachment of a sandbox to the network. */
export interface Attachment {
  id: string
  netns: string
  podNamespace: string
  podName: string
  podUid: string
  portMappings: readonly { containerPort: number; hostPort: number; protocol: string; hostIp: string }[]
  annotations: Readonly<Record<string, string>>
}

export interface CniResult {
  ips: readonly string[]
}

interface Cached {
  network: CniNetwork
  attachment: Attachment
  result: unknown
  /** The first plug-in's part is our own work. */
  isWiredByUs?: boolean
}

type Command = 'ADD' | 'DEL' | 'CHECK'

const interfaceName = 'eth0'

export class CniError extends Error {
  constructor(plugin: string, command: string, why: string, options?: ErrorOptions) {
    super(`plugin type="${plugin}" failed (${command.toLowerCase()}): ${why}`, options)
    this.name = 'CniError'
  }
}

export class Cni {
  readonly #confDir: string
  readonly #binDirs: readonly string[]
  readonly #cacheDir: string
  readonly #timeoutMs: number
  readonly #exec: NonNullable<CniOptions['exec']>
  readonly #found = new Map<string, string>()
  // The kernel takes network changes one at a time (RTNL): more at once only wait on each other.
  readonly #slots = new Semaphore(4)
  readonly #ip = new IpBatch()
  readonly #bridge = new BridgeWiring(this.#ip)
  readonly #owns = new WeakMap<CniNetwork, OwnNetwork>()
  #lastRead: { text: string; network: CniNetwork } | undefined
  /** Addresses of attachments that are begun. */
  readonly #begun = new Map<string, { cached: Cached; address: string }>()

  constructor(options: CniOptions = {}) {
    this.#confDir = options.confDir ?? '/etc/cni/net.d'
    this.#binDirs = options.binDirs ?? ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni']
    this.#cacheDir = path.join(options.stateDir ?? '/var/lib/cni', 'results')
    this.#timeoutMs = options.timeoutMs ?? 60_000
    this.#exec = options.exec ?? exec
  }

  /** The network in force: the first configuration by name. Undefined when there is none yet, as before a node has its podCIDR. */
  async network(): Promise<CniNetwork | undefined> {
    const first = namesIn(this.#confDir)
      .filter((name) => /\.(conflist|conf|json)$/.test(name))
      .sort()[0]
    if (first === undefined) return undefined
    const text = readFileSync(path.join(this.#confDir, first), 'utf8')
    if (this.#lastRead?.text !== text) this.#lastRead = { text, network: parseNetwork(text, first) }
    return this.#lastRead.network
  }

  /**
   * The link that is to be made inside the attachment's namespace while that is made, before `add`: none where plug-ins do it all. For a sandbox whose
   * namespace is made by others this is left out.
   */
  async begin(attachment: Attachment): Promise<PodLink | undefined> {
    const network = await this.#inForce()
    const own = this.#ownOf(network)
    if (own === undefined) return undefined
    const { id } = attachment
    const cached = { network, attachment, result: undefined, isWiredByUs: true }
    this.#remember(cached)
    const link = await told('ADD', () => this.#bridge.begin(own, id))
    this.#begun.set(id, { cached, address: link.address })
    return link
  }

  async add(attachment: Attachment, signal: AbortSignal): Promise<CniResult> {
    const begun = this.#begun.get(attachment.id)?.cached
    const cached: Cached = begun ?? { network: await this.#inForce(), attachment, result: undefined }
    return await this.#slots.run(signal, async () => {
      if (begun === undefined) this.#remember(cached)
      for (const [i, plugin] of pluginsFor(cached.network, attachment).entries())
        cached.result = await this.#run('ADD', cached, { plugin, i })
      this.#complete(cached)
      this.#begun.delete(attachment.id)
      return resultOf(cached.result)
    })
  }

  async check(id: string): Promise<void> {
    const cached = await this.#recall(id)
    if (cached === undefined || cached.network.disableCheck) return
    for (const [i, plugin] of pluginsFor(cached.network, cached.attachment).entries()) await this.#run('CHECK', cached, { plugin, i })
  }

  /** Undoes what `add` did or began, also by another process. No error if nothing is known of it. */
  async del(id: string): Promise<void> {
    const cached = await this.#recall(id)
    if (cached !== undefined) {
      await this.#slots.run(undefined, async () => {
        for (const [i, plugin] of [...pluginsFor(cached.network, cached.attachment).entries()].toReversed())
          await this.#run('DEL', cached, { plugin, i })
      })
    }
    this.#begun.delete(id)
    const file = this.#cacheFile(id)
    // The second is what a kill in the middle of writing leaves.
    for (const name of [file, `${file}.new`]) await rm(name, { force: true })
  }

  close(): void {
    this.#ip.renew()
  }

  /** Attachments that this or an earlier process made and has not undone. */
  async attached(): Promise<readonly string[]> {
    const names = await readdir(this.#cacheDir).catch(missingIsEmpty)
    const ids = names.map((name) => /^typernetes-(.+)\.json(\.new)?$/.exec(name)?.[1])
    return [...new Set(ids.filter((id) => id !== undefined))]
  }

  /** Addresses in our own network that are reserved for none of these sandboxes, as by a machine that lost its power, are free again. */
  async releaseOthers(ids: ReadonlySet<string>): Promise<void> {
    const network = await this.network()
    const own = network === undefined ? undefined : this.#ownOf(network)
    if (own !== undefined) new Addresses(own.addressDir, own.subnet).releaseOthers(ids)
  }

  async #inForce(): Promise<CniNetwork> {
    const network = await this.network()
    if (network === undefined) throw new Error('network is not ready: cni plugin not initialized')
    return network
  }

  #ownOf(network: CniNetwork): OwnNetwork | undefined {
    const known = this.#owns.get(network)
    if (known !== undefined) return known
    const own = ownNetwork(network)
    if (own !== undefined) this.#owns.set(network, own)
    return own
  }

  /** One plug-in's part in its place, by whoever does it. */
  async #run(command: Command, cached: Cached, { plugin, i }: { plugin: CniPlugin; i: number }): Promise<unknown> {
    const own = i === 0 && cached.isWiredByUs === true ? this.#ownOf(cached.network) : undefined
    return own === undefined ? await this.#runPlugin(command, cached, plugin) : await this.#wire(command, cached, own)
  }

  async #wire(command: Command, { attachment, result }: Cached, own: OwnNetwork): Promise<unknown> {
    const { id: sandboxId, netns } = attachment
    const address = this.#begun.get(sandboxId)?.address ?? resultOf(result).ips[0]
    return await told(command, async () => {
      if (command === 'ADD') return await this.#bridge.finish(own, { sandboxId, netns, address: address ?? '' })
      await (command === 'DEL' ? this.#bridge.undo(own, { sandboxId, address }) : this.#bridge.check(own, { sandboxId, address }))
      return result
    })
  }

  async #runPlugin(command: Command, cached: Cached, plugin: CniPlugin): Promise<unknown> {
    const { network, attachment, result } = cached
    const configuration = {
      ...plugin.configuration,
      cniVersion: network.cniVersion,
      name: network.name,
      ...capabilityArguments(plugin, attachment),
      ...(result === undefined ? {} : { prevResult: result }),
    }
    const pod = { K8S_POD_NAMESPACE: attachment.podNamespace, K8S_POD_NAME: attachment.podName, K8S_POD_UID: attachment.podUid }
    const args = { IgnoreUnknown: '1', ...pod, K8S_POD_INFRA_CONTAINER_ID: attachment.id }
    const environment = {
      CNI_COMMAND: command,
      CNI_CONTAINERID: attachment.id,
      CNI_NETNS: attachment.netns,
      CNI_IFNAME: interfaceName,
      CNI_ARGS: Object.entries(args)
        .map(([key, value]) => `${key}=${value}`)
        .join(';'),
      CNI_PATH: this.#binDirs.join(':'),
      PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    }
    const output = await this.#execute(plugin.type, command, environment, JSON.stringify(configuration))
    return output.trim() === '' ? result : JSON.parse(output)
  }

  async #execute(type: string, command: string, env: NodeJS.ProcessEnv, input: string): Promise<string> {
    const file = await this.#find(type)
    try {
      return (await this.#exec([file], { env, input, timeoutMs: this.#timeoutMs })).stdout
    } catch (error) {
      if (!(error instanceof ExecError)) throw error
      throw new CniError(type, command, pluginMessage(error.stdout) ?? (error.stderr.trim() || error.message), { cause: error })
    }
  }

  async #find(type: string): Promise<string> {
    const known = this.#found.get(type)
    if (known !== undefined) return known
    for (const dir of this.#binDirs) {
      const file = path.join(dir, type)
      const there = await access(file).then(
        () => true,
        () => false,
      )
      if (!there) continue
      this.#found.set(type, file)
      return file
    }
    throw new CniError(type, 'find', `no such plug-in in ${this.#binDirs.join(', ')}`)
  }

  /** A machine that lost its power may have kept a file's name and not its text: what it tells of is undone as far as the id says what it was. */
  async #unreadable(id: string): Promise<Cached | undefined> {
    const network = await this.network()
    if (network === undefined) return undefined
    const attachment = { id, netns: '', podNamespace: '', podName: '', podUid: '', portMappings: [], annotations: {} }
    return { network, attachment, result: undefined, isWiredByUs: true }
  }

  #cacheFile(id: string): string {
    return path.join(this.#cacheDir, `typernetes-${id}.json`)
  }

  /** At once, as a pod's start waits for it: two thousand bytes are written sooner than another thread is asked to write them. */
  #remember(cached: Cached): void {
    mkdirSync(this.#cacheDir, { recursive: true })
    const file = this.#cacheFile(cached.attachment.id)
    writeFileSync(`${file}.new`, JSON.stringify(cached))
    renameSync(`${file}.new`, file)
  }

  /** What came of it, as a line more: a file that takes the place of another is written to the disk at once. */
  #complete({ attachment, result }: Cached): void {
    const file = openSync(this.#cacheFile(attachment.id), constants.O_WRONLY | constants.O_APPEND)
    try {
      writeFileSync(file, `\n${JSON.stringify(result ?? null)}`)
    } finally {
      closeSync(file)
    }
  }

  async #recall(id: string): Promise<Cached | undefined> {
    const text = await readFile(this.#cacheFile(id), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return undefined
    const [begun = '', completed] = text.split('\n')
    const cached = whole(begun) as Cached | undefined
    if (cached === undefined) return await this.#unreadable(id)
    const result = completed === undefined ? undefined : whole(completed)
    return result === undefined ? cached : { ...cached, result }
  }
}

/** Undefined of what was cut off, as where nothing came of it. */
function whole(line: string): unknown {
  try {
    return JSON.parse(line) ?? undefined
  } catch {
    return undefined
  }
}

/** In the words for a plug-in's failure, whoever did its work. */
async function told<T>(command: Command, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new CniError('bridge', command, (error as Error).message, { cause: error })
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    return missingIsEmpty(error as NodeJS.ErrnoException)
  }
}

function missingIsEmpty(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}

function resultOf(result: unknown): CniResult {
  const { ips } = (result ?? {}) as { ips?: { address: string }[] }
  return { ips: (ips ?? []).map(({ address }) => address.split('/')[0] ?? '') }
}

function pluginMessage(stdout: string): string | undefined {
  try {
    const { msg, details } = JSON.parse(stdout) as { msg?: string; details?: string }
    return msg === undefined ? undefined : `${msg}${details === undefined || details === '' ? '' : `: ${details}`}`
  } catch {
    return undefined
  }
}
