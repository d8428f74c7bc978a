/** Stock kubectls of this machine, newest first, and a way to run one, or our own, against a test cluster. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const folders = ['/usr/lib/google-cloud-sdk/bin', '/usr/local/bin', '/usr/bin']

const checkout = join(import.meta.dirname, '../..')

/** Of its name, or else what it says of itself; 0 if it does not say. */
function minorOf(path: string): number {
  const named = /\/kubectl\.1\.(\d+)$/.exec(path)?.[1]
  if (named !== undefined) return Number(named)
  const { stdout } = spawnSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8', timeout: 10_000 })
  return Number(/"minor": *"(\d+)/.exec(stdout ?? '')?.[1] ?? 0)
}

/** Those of version 1.`atLeast` or newer: distributions have old ones. TYPERNETES_KUBECTL names one more, put first. */
export function stockKubectls(atLeast = 0): readonly string[] {
  const named = process.env['TYPERNETES_KUBECTL']
  const found = folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []))
  const versioned = found
    .filter((path) => /\/kubectl\.1\.\d+$/.test(path))
    .sort((one, other) => Number(other.split('.').at(-1)) - Number(one.split('.').at(-1)))
  const plain = found.filter((path) => path.endsWith('/kubectl'))
  const all = [...(named ? [named] : []), ...versioned, ...plain]
  return atLeast === 0 ? all : all.filter((path) => minorOf(path) >= atLeast)
}

/** For tests that need some kubectl: the newest stock one of this machine, or our own where there is none. */
export function anyKubectl(): readonly string[] {
  const [stock] = stockKubectls()
  return stock === undefined ? [process.execPath, join(checkout, 'kubectl/main.ts')] : [stock]
}

export interface Output {
  code: number
  stdout: string
  stderr: string
}

/** One that runs until it is told to end, such as a port-forward. */
export interface KubectlSession {
  /** What it printed so far. */
  output: Output
  /** Kills it if it still runs; resolves with all that it printed. */
  end(): Promise<Output>
}

export class Kubectl {
  readonly #argv: readonly string[]
  constructor(kubectl: string | readonly string[], kubeconfig: string) {
    this.#argv = [...(typeof kubectl === 'string' ? [kubectl] : kubectl), '--kubeconfig', kubeconfig]
  }

  #spawn(words: readonly string[], options: { input?: string; timeoutMs?: number }) {
    const { promise: ended, resolve, reject } = Promise.withResolvers<Output>()
    const [file = '', ...args] = this.#argv
    const child = spawn(file, [...args, ...words], { stdio: 'pipe', timeout: options.timeoutMs ?? 60_000 })
    const output: Output = { code: -1, stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve(Object.assign(output, { code: code ?? -1 })))
    child.stdin.on('error', () => child.stdin.destroy())
    child.stdin.end(options.input ?? '')
    return { child, output, ended }
  }

  /** Resolves whatever the exit code; `input` goes to its stdin; ends it after `timeoutMs` (60 s). */
  run(words: readonly string[], options: { input?: string; timeoutMs?: number } = {}): Promise<Output> {
    return this.#spawn(words, options).ended
  }

  /** Answers at once; it is ended after a minute whatever happens. */
  start(words: readonly string[], options: { input?: string } = {}): KubectlSession {
    const { child, output, ended } = this.#spawn(words, options)
    // A kubectl that cannot be started is told of by `end`.
    ended.catch(() => undefined)
    return {
      output,
      end: () => {
        child.kill('SIGKILL')
        return ended
      },
    }
  }

  /** stdout; throws on another exit code than 0. `kubectl.ok('get', 'pods')`. */
  async ok(...words: readonly string[]): Promise<string> {
    const output = await this.run(words)
    if (output.code !== 0) throw new Error(`kubectl ${words.join(' ')} ended with ${output.code}: ${output.stderr}${output.stdout}`)
    return output.stdout
  }

  async json<T>(...words: readonly string[]): Promise<T> {
    return JSON.parse(await this.ok(...words, '-o', 'json')) as T
  }
}
