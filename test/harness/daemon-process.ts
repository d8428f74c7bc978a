/** One of our daemons as a process of its own, started again when it dies: what a supervisor does on a real machine. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const checkout = join(import.meta.dirname, '../..')
/** Where `npm start` and `npm test` keep it too. */
const compiled = join(checkout, 'node_modules/.cache/compile')

export class DaemonProcess {
  readonly #argv: readonly string[]
  #child: ChildProcess | undefined
  #output = ''
  #isWanted = true
  /** How often it was killed by its failpoint so far. */
  deaths = 0

  /** `program` is the folder of the daemon. Only the first life has the failpoint. */
  constructor(program: string, flags: readonly string[], failpoint = '') {
    this.#argv = [join(checkout, program, 'main.ts'), ...flags]
    this.#start(failpoint)
  }

  #start(failpoint: string): void {
    const child = spawn(process.execPath, this.#argv, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { NODE_COMPILE_CACHE: compiled, ...process.env, TYPERNETES_FAILPOINT: failpoint, NODE_TEST_CONTEXT: undefined },
    })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.#output += String(chunk)))
    child.on('exit', (_code, signal) => {
      if (!this.#isWanted) return
      if (signal !== 'SIGKILL') throw new Error(`${this.#argv[0]} ended by itself:\n${this.#output}`)
      this.deaths++
      this.#start('')
    })
    this.#child = child
  }

  /** All that it said, in all its lives. */
  get output(): string {
    return this.#output
  }

  async stop(): Promise<void> {
    this.#isWanted = false
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}
