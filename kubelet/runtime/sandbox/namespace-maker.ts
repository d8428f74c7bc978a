/**
 * Makes namespaces, pins them and takes them away, by system calls of one small process that stays: unshare(1), mount(8) and ip(8) do the same, but to
 * start them costs a pod's start ten times what they then do. JavaScript cannot call the kernel, and a thread that could would be as large as a process;
 * perl is part of every Debian, and where it is not there those programs are used.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { NetlinkRequest } from '#kubelet/runtime/bridge/pod-messages.ts'

export interface NewNamespaces {
  /** Where the shared memory is mounted, and where the namespaces are pinned; each empty where there is to be none. */
  shm: string
  net: string
  ipc: string
  /** For the new network namespace. */
  messages: readonly NetlinkRequest[]
  /** Path below /proc/sys, and value; written inside. */
  sysctls: readonly (readonly [string, string])[]
}

/** The kernel's numbers of unshare, setns, mount and umount2. */
const callNumbers: Readonly<Partial<Record<NodeJS.Architecture, readonly number[]>>> = {
  x64: [272, 308, 165, 166],
  arm64: [97, 268, 40, 39],
}

const program = fileURLToPath(new URL('namespaces.pl', import.meta.url))

const timeoutMs = 10_000

interface Request {
  done: () => void
  fail: (error: Error) => void
  timer: NodeJS.Timeout
}

export class NamespaceMaker {
  #session: Session | undefined
  #isThere = callNumbers[process.arch] !== undefined

  /** Undone by the caller if it rejects, whatever of it is there. Answers false where nothing was done because this machine has not what it takes. */
  async make({ shm, net, ipc, messages, sysctls }: NewNamespaces): Promise<boolean> {
    const told = Buffer.concat(messages.map(({ bytes }) => bytes))
    try {
      return await this.#ask('make', [shm, net, ipc, told, String(messages.length), ...sysctls.flat()])
    } catch (error) {
      const [, number, why] = /^netlink (\d+): (.*)$/.exec((error as Error).message) ?? []
      throw number === undefined ? error : new Error(`ip ${messages[Number(number) - 1]?.what}: ${why}`, { cause: error })
    }
  }

  /** From all that see them, now or when nobody uses them any more. No error for those that are no mount points. Answers as `make`. */
  unmount(paths: readonly string[]): Promise<boolean> {
    return this.#ask('unmount', paths)
  }

  close(): void {
    this.#session?.end()
    this.#session = undefined
  }

  async #ask(what: string, words: readonly (string | Buffer)[]): Promise<boolean> {
    if (!this.#isThere) return false
    this.#session ??= new Session(callNumbers[process.arch] ?? [], (session) => {
      if (this.#session === session) this.#session = undefined
    })
    const session = this.#session
    // Whether it can be used is known once.
    if (!(await session.ready)) {
      this.#isThere = false
      return false
    }
    await session.ask([what, ...words].map((word) => Buffer.from(word).toString('hex') || '-').join(' '))
    return true
  }
}

/** One process, from its start to its end. It does one thing after the other. */
class Session {
  readonly ready: Promise<boolean>
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting: Request[] = []
  #setReady: (isReady: boolean) => void = () => undefined

  constructor(numbers: readonly number[], over: (session: Session) => void) {
    this.ready = new Promise((resolve) => {
      this.#setReady = resolve
    })
    const child = spawn('perl', [program, ...numbers.map(String)], { env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' } })
    this.#child = child
    // It also keeps this process here until then.
    const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    void this.ready.then(() => clearTimeout(late))
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-1000)
    })
    const ended = (): void => {
      over(this)
      this.#setReady(false)
      for (const { fail, timer } of this.#waiting.splice(0)) {
        clearTimeout(timer)
        fail(new Error(`the process that makes namespaces has ended: ${said.trim()}`))
      }
    }
    child.on('error', ended).on('close', ended)
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

  ask(line: string): Promise<void> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs)
      this.#waiting.push({ done, fail, timer })
      this.#child.stdin.write(`${line}\n`)
    })
  }

  /** Once it has done all that it was told. */
  end(): void {
    this.#child.stdin.end()
  }

  #told(line: string): void {
    if (line === 'ready') this.#setReady(true)
    const request = line === 'ready' ? undefined : this.#waiting.shift()
    if (request === undefined) return
    clearTimeout(request.timer)
    const [, why] = line.split(' ')
    if (line === 'done') request.done()
    else
      request.fail(
        new Error(
          Buffer.from(why ?? '', 'hex')
            .toString()
            .trim(),
        ),
      )
  }
}
