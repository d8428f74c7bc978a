/** Runs one command to its end. The functions that build commands return argv arrays; this is the only place that runs them. */
import { spawn } from 'node:child_process'

export class CommandError extends Error {
  readonly argv: readonly string[]
  readonly exitCode: number | null
  readonly stderr: string
  constructor(argv: readonly string[], exitCode: number | null, stderr: string) {
    super(`${argv.join(' ')}: ${stderr.trim() || `exit code ${exitCode}`}`)
    this.name = 'CommandError'
    this.argv = argv
    this.exitCode = exitCode
    this.stderr = stderr
  }
}

export interface RunOptions {
  input?: string | Buffer
  timeoutMs?: number
  cwd?: string
}

/** Resolves with stdout; throws CommandError when the command cannot be started, fails, or runs longer than `timeoutMs` (30 s unless told). */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const [file = '', ...args] = argv
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = spawn(file, args, { stdio: 'pipe', timeout: options.timeoutMs ?? 30_000, ...(options.cwd ? { cwd: options.cwd } : {}) })
  const stdout: Buffer[] = []
  let stderr = ''
  let pipeError = ''
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  child.on('error', (error) => reject(new CommandError(argv, null, error.message)))
  child.on('close', (code, signal) => {
    if (code === 0) resolve(Buffer.concat(stdout).toString())
    else reject(new CommandError(argv, code, stderr || pipeError || (signal ? `ended by ${signal}` : '')))
  })
  // A command that ends without reading its input closes the pipe; its exit code tells the story, the EPIPE does not.
  child.stdin.on('error', (error) => {
    pipeError = error.message
  })
  child.stdin.end(options.input ?? '')
  return promise
}

/** Like run, but a failing command answers undefined: for undoing what may be gone already, and for questions. */
export async function attempt(argv: readonly string[], options: RunOptions = {}): Promise<string | undefined> {
  try {
    return await run(argv, options)
  } catch (error) {
    if (error instanceof CommandError) return undefined
    throw error
  }
}
