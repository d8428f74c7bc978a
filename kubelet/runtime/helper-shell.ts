/**
 * Runs the host's small programs from a shell that waits beside the kubelet: to fork a process as large as the kubelet stops it for
 * milliseconds, and a pod's start needs several programs.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs'
import path from 'node:path'
import { ExecError, type ExecOptions, type ExecResult } from '#component/exec.ts'
import { LineProcess } from './line-process.ts'

interface Job {
  pid: number | undefined
  /** Nobody waits for it any more: it is killed as soon as its process is known. */
  isGivenUp: boolean
  done: (exitCode: number | undefined) => void
}

let shells = 0
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/

export class HelperShell {
  /** Of this process alone: what programs print is kept here until they have ended. */
  readonly #dir: string
  readonly #jobs = new Map<number, Job>()
  readonly #shell = new LineProcess({
    name: 'the helper shell',
    argv: ['sh'],
    isOutlived: true,
    heard: (line) => this.#told(line),
    ended: () => this.#lost(),
  })
  #last = 0

  /** `parent` is a folder of ours on a file system in memory. */
  constructor(parent: string) {
    shells += 1
    this.#dir = path.join(parent, `helper-${process.pid}-${shells}`)
  }

  /** Takes away what processes left that were killed. */
  static sweep(parent: string): void {
    for (const name of readdirSync(parent)) {
      const pid = /^helper-(\d+)-\d+$/.exec(name)?.[1]
      if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(path.join(parent, name), { recursive: true, force: true })
    }
  }

  /** As `exec`: resolves when `argv` ended with 0, else rejects with ExecError. `env` is all that the program gets beside PATH. */
  exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return this.#run(argv, argv.map(quoted).join(' '), options)
  }

  /** As `exec` of `sh -c text sh args`, without a shell more: each program costs a pod's start a millisecond. */
  script(text: string, args: readonly string[], options: Pick<ExecOptions, 'signal' | 'timeoutMs'> = {}): Promise<ExecResult> {
    return this.#run(['sh', '-c', text, 'sh', ...args], `(\nset -- ${args.map(quoted).join(' ')}\n${text}\n)`, options)
  }

  async #run(argv: readonly string[], command: string, options: ExecOptions): Promise<ExecResult> {
    const { signal, timeoutMs = 10_000 } = options
    signal?.throwIfAborted()
    if (!this.#shell.isRunning) mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
    this.#last += 1
    const number = this.#last
    const [out, err] = [path.join(this.#dir, `${number}.out`), path.join(this.#dir, `${number}.err`)]
    let timedOut = false
    const stop = (): void => this.#giveUp(number)
    const timer = setTimeout(() => {
      timedOut = true
      stop()
    }, timeoutMs)
    signal?.addEventListener('abort', stop, { once: true })
    try {
      const exitCode = await new Promise<number | undefined>((done) => {
        this.#jobs.set(number, { pid: undefined, isGivenUp: false, done })
        this.#shell.tell(jobText(number, command, { ...options, out, err }))
      })
      const [stdout, stderr] = [taken(out), taken(err)]
      if (exitCode !== 0) throw new ExecError(argv, { exitCode, stderr, timedOut, stdout })
      return { stdout, stderr }
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
  }

  close(): void {
    this.#shell.end()
    rmSync(this.#dir, { recursive: true, force: true })
  }

  /** Whatever its jobs go on to do, nobody will tell of them. */
  #lost(): void {
    for (const [number, job] of [...this.#jobs]) this.#ended(number, job, undefined)
  }

  /** `NUMBER pid PID` or `NUMBER EXITCODE`. */
  #told(line: string): void {
    const [number, word, pid] = line.split(' ')
    const job = this.#jobs.get(Number(number))
    // One that ended before its process was told of.
    if (job === undefined && word === 'pid') this.#reap(Number(pid))
    if (job === undefined) return
    if (word !== 'pid') this.#ended(Number(number), job, Number(word))
    else {
      job.pid = Number(pid)
      if (job.isGivenUp) this.#giveUp(Number(number))
    }
  }

  #giveUp(number: number): void {
    const job = this.#jobs.get(number)
    if (job === undefined) return
    job.isGivenUp = true
    job.done(undefined)
    if (job.pid === undefined) return
    killTree(job.pid)
    this.#ended(number, job, undefined)
  }

  #ended(number: number, job: Job, exitCode: number | undefined): void {
    this.#jobs.delete(number)
    job.done(exitCode)
    if (job.pid !== undefined) this.#reap(job.pid)
  }

  /** An ended child is reaped when it is asked for. */
  #reap(pid: number): void {
    if (this.#shell.isRunning) this.#shell.tell(`wait ${pid}\n`)
  }
}

/** What a job has printed; the file goes. Where they are in memory another thread would take longer. Empty where the job never began. */
function taken(file: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    unlinkSync(file)
    return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** The shell's text for one job; `command` is quoted already. Pure. */
export function jobText(number: number, command: string, job: ExecOptions & { out: string; err: string }): string {
  const names = Object.keys(job.env ?? {})
  const odd = names.find((name) => !identifier.test(name))
  if (odd !== undefined) throw new Error(`bad name of a variable: ${JSON.stringify(odd)}`)
  const variables = Object.entries(job.env ?? {}).map(([name, value]) => `${name}=${quoted(value ?? '')} `)
  const input = String(job.input ?? '')
  let end = 'END'
  while (input.includes(end)) end += '_'
  const redirections = `>${quoted(job.out)} 2>${quoted(job.err)}`
  const told = `${variables.join('')}${command} ${redirections}`
  const whole = input === '' ? `${told} </dev/null` : `${told} <<'${end}'\n${input}\n${end}\n`
  return `{ ${whole}\necho ${number} $?; } &\necho ${number} pid $!\n`
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Ends a process and all that it has started, from above: a shell whose program ends would go on to the next. */
export function killTree(pid: number): void {
  for (const each of treeOf(pid)) {
    try {
      process.kill(each, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

function treeOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter((word) => word.trim() !== '')
    return [pid, ...children.flatMap((child) => treeOf(Number(child)))]
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return []
    throw error
  }
}
