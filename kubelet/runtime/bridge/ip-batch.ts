/**
 * One ip(8) that waits for commands: to start a program costs a pod's start more than what it then does. Commands are done in the order in which they are
 * given, and each is done whether or not one before it failed. `link show` is none for it: from then on it would show no more addresses.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

export interface IpReply {
  /** What the commands printed. */
  output: readonly string[]
  /** What ip says of those that failed, by the place of the command; by the number of all where it ended of one. */
  failed: ReadonlyMap<number, string>
}

interface Request {
  commands: readonly string[]
  done: (reply: IpReply) => void
  fail: (error: Error) => void
}

/** No command: ip says so with the number of its line, and that ends what it says to a request. */
const barrier = 'end'
/** It remembers each interface that it has been told of. */
const linesInAll = 20_000
const timeoutMs = 30_000
const basicPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export class IpBatch {
  #session: Session | undefined

  /** Rejects only where ip cannot be run or does not answer. */
  run(commands: readonly string[]): Promise<IpReply> {
    return new Promise((done, fail) => this.#send({ commands, done, fail }))
  }

  /** It takes an interface for the one that had the name before: after a change by others it has to be another process. */
  renew(): void {
    this.#session?.end()
    this.#session = undefined
  }

  #send(request: Request): void {
    if (this.#session !== undefined && this.#session.sent > linesInAll) this.renew()
    this.#session ??= new Session((session, behind) => {
      if (this.#session === session) this.#session = undefined
      for (const each of behind) this.#send(each)
    })
    this.#session.send(request)
  }
}

/** One process, from its start to its end. */
class Session {
  readonly #child: ChildProcessWithoutNullStreams
  /** By number of their first line, from 1. */
  readonly #waiting: (Request & { first: number; lines: string[] })[] = []
  #error: Error | undefined
  #timer: NodeJS.Timeout | undefined
  /** Lines so far. */
  sent = 0

  /** `over` is told what was not begun when the process ended. */
  constructor(over: (session: Session, behind: readonly Request[]) => void) {
    // Errors go where the output goes, so that their order tells whose they are.
    const child = spawn('sh', ['-c', 'exec ip -force -batch - 2>&1'], { env: { PATH: process.env['PATH'] ?? basicPath } })
    this.#child = child
    child.on('error', (error) => {
      this.#error = error
    })
    child.on('close', () => over(this, this.#ended()))
    // What was not written is told by the end that follows.
    child.stdin.on('error', () => undefined)
    let rest = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#told(line)
    })
    // It must not keep a process alive that has nothing else to do.
    child.unref()
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref()
  }

  send(request: Request): void {
    this.#waiting.push({ ...request, first: this.sent + 1, lines: [] })
    this.sent += request.commands.length + 1
    this.#child.stdin.write(`${[...request.commands, barrier].join('\n')}\n`)
    this.#watch()
  }

  /** Once it has done all that it was told. */
  end(): void {
    this.#child.stdin.end()
  }

  #watch(): void {
    this.#timer ??= setTimeout(() => {
      this.#error = new Error('ip does not answer')
      this.#child.kill('SIGKILL')
    }, timeoutMs).unref()
  }

  #unwatch(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #told(line: string): void {
    const request = this.#waiting[0]
    if (request === undefined) return
    request.lines.push(line)
    if (line !== `Command failed -:${request.first + request.commands.length}`) return
    this.#waiting.shift()
    this.#unwatch()
    if (this.#waiting.length > 0) this.#watch()
    // The last two are on the barrier.
    request.done(replyOf(request.lines.slice(0, -2), request))
  }

  /** It ends of an argument that it does not understand, such as a bridge that is not there; the requests behind that one it has not seen. */
  #ended(): readonly Request[] {
    this.#unwatch()
    const [request, ...behind] = this.#waiting.splice(0)
    if (this.#error !== undefined) for (const { fail } of [...(request === undefined ? [] : [request]), ...behind]) fail(this.#error)
    else request?.done(replyOf([...request.lines, `Command failed -:${request.first + request.commands.length}`], request))
    return this.#error === undefined ? behind : []
  }
}

/** `first` is the number of the request's first command. Pure. */
export function replyOf(lines: readonly string[], { first }: { first: number }): IpReply {
  const output: string[] = []
  const failed = new Map<number, string>()
  let said: string[] = []
  for (const line of lines) {
    const number = /^Command failed -:(\d+)$/.exec(line)?.[1]
    if (number === undefined) said.push(line)
    else {
      failed.set(Number(number) - first, said.map((text) => text.replace(/^(RTNETLINK answers|Error): /, '')).join('; ') || 'ip has ended')
      said = []
    }
    if (/^( |\d+: )/.test(line)) output.push(...said.splice(0))
  }
  return { output: [...output, ...said], failed }
}
