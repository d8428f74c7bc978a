/** The one way to run a program of the host: argv in, output out, bounded in time. */
import { spawn } from 'node:child_process'

export class ExecError extends Error {
  readonly argv: readonly string[]
  /** Undefined when the program was killed or could not be started. */
  readonly exitCode: number | undefined
  readonly stderr: string
  readonly stdout: string
  readonly timedOut: boolean

  constructor(
    argv: readonly string[],
    outcome: { exitCode: number | undefined; stderr: string; stdout?: string; timedOut: boolean; cause?: unknown },
  ) {
    const why = outcome.timedOut ? 'timed out' : outcome.exitCode === undefined ? 'did not run' : `exited with ${outcome.exitCode}`
    super(`${argv.join(' ')}: ${why}${outcome.stderr === '' ? '' : `: ${outcome.stderr.trim()}`}`, { cause: outcome.cause })
    this.name = 'ExecError'
    this.argv = argv
    this.exitCode = outcome.exitCode
    this.stderr = outcome.stderr
    this.stdout = outcome.stdout ?? ''
    this.timedOut = outcome.timedOut
  }
}

export interface ExecOptions {
  input?: string | Buffer
  /** Milliseconds after which the program is killed; 10 s unless said. */
  timeoutMs?: number
  signal?: AbortSignal
  env?: NodeJS.ProcessEnv
  cwd?: string
}

export interface ExecResult {
  stdout: string
  stderr: string
}

/** Runs `argv` without a shell. Rejects with ExecError unless it exits with 0. */
export function exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const [program, ...args] = argv
  if (program === undefined) throw new TypeError('exec needs a program')
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.env ? { env: options.env } : {}),
      ...(options.cwd ? { cwd: options.cwd } : {}),
      ...(options.signal ? { signal: options.signal, killSignal: 'SIGKILL' } : {}),
    })
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, options.timeoutMs ?? 10_000)
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8')
    child.on('error', (cause) => {
      clearTimeout(timer)
      reject(new ExecError(argv, { exitCode: undefined, stderr: cause.message, timedOut, cause }))
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      if (code === 0) resolve({ stdout: text(out), stderr: text(err) })
      else reject(new ExecError(argv, { exitCode: code ?? undefined, stderr: text(err), stdout: text(out), timedOut }))
    })
    // A program that ends before it has read its input closes the pipe; its exit code tells the story.
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') child.emit('error', error)
    })
    child.stdin.end(options.input ?? '')
  })
}
