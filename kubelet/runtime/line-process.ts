/**
 * A program of the host that stays, is told lines and answers lines: to start one costs a pod's start more than what it then does. It is started when
 * it is first told something, and again after it has ended. It keeps this process here only while somebody waits for its answer.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

interface LineProcessOptions {
  /** Found in the PATH that this process has when it is started; that is also all of the environment that it gets. */
  argv: readonly [string, ...string[]]
  /** How errors call it. */
  name: string
  /** The line with which it says that it can be asked; without one it can be as soon as it runs. */
  greeting?: string
  /** It is killed where a request's answer takes it longer; 10 s unless said. The time of one begins when that of the one before it has ended. */
  answerMs?: number
  /** What it has started goes on with its output: it has ended when it is gone itself, and what it said last may be lost. */
  isOutlived?: boolean
  /** Told of each line that is nobody's answer. */
  heard?: (line: string) => void
  /** Told of the end of each process, after which another is started for the next. */
  ended?: () => void
}

/** A request that was not answered. */
export class LineProcessError extends Error {
  override name = 'LineProcessError'
  /** `notStarted`: it could never be asked, and nothing was done; `late`: it was killed; `ended`: it ended by itself. */
  readonly reason: 'notStarted' | 'late' | 'ended'
  /** Whether it was killed because it took too long; one that was not started may then be in time the next time. */
  readonly isLate: boolean
  /** Whether this was the oldest request, which it may have begun. */
  readonly isBegun: boolean
  /** What it had answered. */
  readonly lines: readonly string[]

  constructor(message: string, { reason, isLate, isBegun, lines }: Pick<LineProcessError, 'reason' | 'isLate' | 'isBegun' | 'lines'>) {
    super(message)
    this.reason = reason
    this.isLate = isLate
    this.isBegun = isBegun
    this.lines = lines
  }
}

const reasons = { notStarted: 'cannot be started', late: 'does not answer', ended: 'has ended' }
const basicPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const keptOfFaults = 1000

export class LineProcess {
  readonly #options: LineProcessOptions
  #run: Run | undefined

  constructor(options: LineProcessOptions) {
    this.#options = options
  }

  /**
   * Tells it `text`, whole lines, and resolves with its answer: the lines up to the one that `isLast`, which is the first unless said. Requests are
   * answered one after the other. Rejects with LineProcessError.
   */
  ask(text: string, isLast: (line: string) => boolean = () => true): Promise<readonly string[]> {
    return this.#running().ask(text, isLast)
  }

  /** Tells it `text`, whole lines, which it does not answer. */
  tell(text: string): void {
    this.#running().tell(text)
  }

  get isRunning(): boolean {
    return this.#run !== undefined
  }

  /** How many the process that runs now has been told. */
  get linesTold(): number {
    return this.#run?.linesTold ?? 0
  }

  /** Lets it end, once it has done all that it was told. Who asks after that asks another. */
  end(): void {
    this.#run?.end()
    this.#run = undefined
  }

  #running(): Run {
    this.#run ??= new Run(this.#options, (run) => {
      if (this.#run === run) this.#run = undefined
      this.#options.ended?.()
    })
    return this.#run
  }
}

interface Request {
  isLast: (line: string) => boolean
  lines: string[]
  done: (lines: readonly string[]) => void
  fail: (error: Error) => void
}

/** One process, from its start to its end. */
class Run {
  readonly #options: LineProcessOptions
  readonly #child: ChildProcessWithoutNullStreams
  readonly #over: (run: Run) => void
  readonly #waiting: Request[] = []
  #isReady: boolean
  #isOver = false
  #timer: NodeJS.Timeout | undefined
  #isLate = false
  /** The end of what it says of its own faults. */
  #faults = ''
  linesTold = 0

  /** `over` is called once, before those who wait are told. */
  constructor(options: LineProcessOptions, over: (run: Run) => void) {
    this.#options = options
    this.#over = over
    this.#isReady = options.greeting === undefined
    const [program, ...args] = options.argv
    const child = spawn(program, args, { env: { PATH: process.env['PATH'] ?? basicPath } })
    this.#child = child
    child.on('error', (error) => {
      this.#isReady = false
      this.#faults = error.message
      this.#ended()
    })
    child.on(options.isOutlived ? 'exit' : 'close', () => this.#ended())
    // What was not written is told by the end that follows.
    child.stdin.on('error', () => undefined)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#faults = `${this.#faults}${text}`.slice(-keptOfFaults)
    })
    let rest = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#said(line)
    })
    child.unref()
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref()
  }

  ask(text: string, isLast: (line: string) => boolean): Promise<readonly string[]> {
    return new Promise((done, fail) => {
      this.#waiting.push({ isLast, lines: [], done, fail })
      if (this.#timer === undefined) this.#watch()
      this.tell(text)
    })
  }

  tell(text: string): void {
    this.linesTold += text.split('\n').length - 1
    this.#child.stdin.write(text)
  }

  end(): void {
    this.#child.stdin.end()
  }

  /** It also keeps this process here until then. */
  #watch(): void {
    this.#timer = setTimeout(() => {
      this.#isLate = true
      this.#child.kill('SIGKILL')
      this.#child.ref()
    }, this.#options.answerMs ?? 10_000)
  }

  #watchNoMore(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #said(line: string): void {
    if (this.#isOver) return
    const [request] = this.#waiting
    if (!this.#isReady) this.#isReady = line === this.#options.greeting
    else if (request === undefined) this.#options.heard?.(line)
    else {
      request.lines.push(line)
      if (request.isLast(line)) this.#answered(request)
    }
  }

  #answered(request: Request): void {
    this.#waiting.shift()
    this.#watchNoMore()
    if (this.#waiting.length > 0) this.#watch()
    request.done(request.lines)
  }

  #ended(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#watchNoMore()
    this.#over(this)
    const reason = !this.#isReady ? 'notStarted' : this.#isLate ? 'late' : 'ended'
    const faults = this.#faults.trim()
    const why = `${this.#options.name} ${reasons[reason]}${faults && `: ${faults}`}`
    for (const [at, { fail, lines }] of this.#waiting.splice(0).entries()) {
      fail(new LineProcessError(why, { reason, isLate: this.#isLate, isBegun: at === 0, lines }))
    }
  }
}
