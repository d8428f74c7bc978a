/** A real cluster for end-to-end tests: started by the same command as a user's, on other ports and in another state directory. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClusterApi } from '#deploy/cluster/api.ts'
import { type Layout, layoutOf, type NodeLayout } from '#deploy/cluster/layout.ts'
import { parseOptions } from '#deploy/cluster/options.ts'
import { run } from '#deploy/machine/exec.ts'
import type { JournalEntry } from '#deploy/machine/journal.ts'
import { listenersOn } from '#deploy/machine/ports.ts'
import { allPids, childrenOf, commandLine, identify, type ProcessIdentity, signalProcess } from '#deploy/machine/processes.ts'
import { findSupervisor } from '#deploy/machine/programs.ts'
import { cutPower, dockerSocket, findFirstProcess } from '#deploy/node/lifecycle.ts'
import { standing } from '#deploy/node/standing.ts'
import { makeState, takeDownOrphans } from './state-directories.ts'

export const checkout = dirname(dirname(import.meta.dirname))

/** Why a cluster cannot be started here, or undefined. */
export function whyNoCluster(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root: namespaces, links and rules cannot be made'
  const missing = ['dockerd', 'etcd', 'iptables', 'ip', 'unshare', 'busybox'].filter(
    (name) => !['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/bin'].some((folder) => existsSync(join(folder, name))),
  )
  return missing.length > 0 ? `not installed: ${missing.join(', ')}` : undefined
}

interface Finished {
  code: number
  output: string
}

/** Waits until `look` answers something; throws with what it waited for and the last thing it saw. */
export async function eventually<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let problem: unknown
  while (Date.now() < deadline) {
    try {
      const seen = await look()
      if (seen !== undefined && seen !== false) return seen
      problem = undefined
    } catch (error) {
      problem = error
    }
    await sleep(50)
  }
  throw new Error(`${what}: not within ${timeoutMs / 1000} s`, { cause: problem })
}

/** Ports that a cluster takes from its API server's on. */
const portsOfOne = 6

const nameOf = (entry: JournalEntry): string => ('name' in entry ? entry.name : 'path' in entry ? entry.path : entry.what)

export class TestCluster {
  readonly layout: Layout
  readonly #flags: readonly string[]
  #api: ClusterApi | undefined

  private constructor(layout: Layout, flags: readonly string[]) {
    this.layout = layout
    this.#flags = flags
  }

  /**
   * Makes the value; nothing runs before `up`. `port` is a wish: where something of this machine stands in its way, the next free ones are taken.
   * Clusters of tests that were killed are taken down first.
   */
  static async prepare(port: number, ...flags: readonly string[]): Promise<TestCluster> {
    const possible = whyNoCluster() === undefined
    if (possible) await takeDownOrphans()
    const state = possible ? await makeState() : join(tmpdir(), 'no-cluster')
    const from = (candidate: number): TestCluster => {
      const all = ['--state', state, '--port', String(candidate), ...flags]
      return new TestCluster(layoutOf(parseOptions(all, state).options, checkout), all)
    }
    for (let cluster = from(port), tries = 0; tries < 30; tries += 1, cluster = from(cluster.layout.options.port + portsOfOne)) {
      const taken = possible ? await cluster.#taken() : []
      if (taken.length === 0) return cluster
      console.error(`port ${cluster.layout.options.port} is not free (${taken.join(', ')}): trying the next`)
    }
    throw new Error(`no free port and names from ${port} on`)
  }

  /** What stands on this machine in the way of this cluster. */
  async #taken(): Promise<readonly string[]> {
    const listeners = await listenersOn(Object.values(this.layout.ports))
    return [...listeners.map((listener) => `port ${listener.port}`), ...(await standing(this.layout)).map(nameOf)]
  }

  get api(): ClusterApi {
    this.#api ??= new ClusterApi(this.layout)
    return this.#api
  }

  /** Runs `npm start`'s own command line. Resolves with its output, whatever its exit code. */
  command(verb: 'up' | 'stop' | 'down' | 'load', ...words: readonly string[]): Promise<Finished> {
    const flags = verb === 'up' ? this.#flags : ['--state', this.layout.state]
    const { promise, resolve, reject } = Promise.withResolvers<Finished>()
    const child = spawn('sh', [join(checkout, 'deploy/start.sh'), verb, ...flags, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, output }))
    return promise
  }

  async mustRun(verb: 'up' | 'stop' | 'down' | 'load', ...words: readonly string[]): Promise<string> {
    const { code, output } = await this.command(verb, ...words)
    if (code !== 0) throw new Error(`start.sh ${verb} ended with ${code}:\n${output}\n${await this.logs()}`)
    return output
  }

  async down(): Promise<void> {
    this.#api?.close()
    await this.mustRun('down')
    await rm(this.layout.state, { recursive: true, force: true })
  }

  /** The ends of all logs, for the message of a failed test. */
  async logs(): Promise<string> {
    const names = await readdir(this.layout.logs, { recursive: true }).catch(() => [])
    const texts = await Promise.all(
      names
        .filter((name) => name.endsWith('.log'))
        .map(async (name) => {
          const text = await readFile(join(this.layout.logs, name), 'utf8')
          return text === '' ? '' : `--- ${name}\n${text.split('\n').slice(-12).join('\n')}`
        }),
    )
    return texts.join('\n')
  }

  node(name: string): NodeLayout {
    const node = this.layout.nodes.find((candidate) => candidate.name === name)
    if (!node) throw new Error(`no node ${name}`)
    return node
  }

  async firstProcess(name: string): Promise<ProcessIdentity> {
    const first = await findFirstProcess(this.node(name))
    if (!first) throw new Error(`${name} does not run`)
    return first
  }

  async docker(name: string): Promise<string> {
    return dockerSocket(await this.firstProcess(name))
  }

  async cutPower(name: string): Promise<void> {
    await cutPower(await this.firstProcess(name))
  }

  /** Process of a program, on the host or (kubelet, kube-proxy, dockerd) in a node; its supervisor starts it again when it is killed. */
  async program(name: string, node?: string): Promise<ProcessIdentity> {
    const supervisor = node === undefined ? await findSupervisor(this.layout, name) : await this.#supervisorIn(node, name)
    for (const pid of supervisor ? await childrenOf(supervisor.pid) : []) {
      const identity = await identify(pid)
      if (identity && !(await commandLine(pid)).startsWith('sleep ')) return identity
    }
    throw new Error(`${name} does not run${node ? ` on ${node}` : ''}`)
  }

  #runFolder(node: string | undefined): string {
    return node === undefined ? this.layout.run : join(this.layout.run, node)
  }

  /** How often a program has ended unasked since its supervisor started. */
  async ends(name: string, node?: string): Promise<number> {
    const text = await readFile(join(this.#runFolder(node), `${name}.exits`), 'utf8')
    return text.split('\n').filter(Boolean).length
  }

  /** Restarts a program with a failpoint in it; its next life but one is a normal one again. Answers `ends` as it is when the armed one runs. */
  async arm(failpoint: string, name: string, node?: string): Promise<number> {
    const settings = join(this.#runFolder(node), `${name}.env`)
    // One that has just ended is started again in a moment, and would take the setting for itself.
    const running = await eventually(`${name} to run`, 60_000, () => this.program(name, node))
    const before = await this.ends(name, node)
    await writeFile(settings, `TYPERNETES_FAILPOINT=${failpoint}`)
    await signalProcess(running, 'SIGKILL')
    await eventually(`the armed ${name}`, 60_000, async () => (await this.ends(name, node)) > before && !existsSync(settings))
    return before + 1
  }

  async #supervisorIn(node: string, name: string): Promise<ProcessIdentity | undefined> {
    const first = await this.firstProcess(node)
    for (const pid of await childrenOf(first.pid)) {
      if ((await commandLine(pid)).includes(`supervise.sh ${name} `)) return identify(pid)
    }
    return undefined
  }

  /** Runs a command in a node's network and mounts. */
  async inNode(name: string, ...argv: readonly string[]): Promise<string> {
    const first = await this.firstProcess(name)
    return run(['nsenter', '-t', String(first.pid), '-p', '-m', '-n', '-u', '-i', ...argv])
  }

  /** What of this cluster is on the machine outside of its state directory: empty when it is down. */
  async remains(): Promise<readonly string[]> {
    const { state } = this.layout
    const mounts = await readFile('/proc/self/mounts', 'utf8')
    const processes = (await Promise.all((await allPids()).map(commandLine))).filter((line) => line.includes(state))
    return [
      ...(await standing(this.layout)).map(nameOf),
      ...mounts.split('\n').filter((line) => line.includes(state)),
      ...processes,
      ...(existsSync(state) ? [state] : []),
    ]
  }
}
