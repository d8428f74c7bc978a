/** Commands in containers and attaching to them, through Docker's exec and attach. */
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { type DockerApi, DockerError, runtimeError, unlessMissing } from './docker-api.ts'
import { carry, type HeldOutput } from './docker-streams.ts'
import { type ExecStreams, RuntimeError, type SyncResult } from './runtime.ts'

const probeOutputBytes = 10 * 1024
/** How long Docker may take to tell those who are attached that a container has ended. */
const lastWordsMs = 1000
/** Docker tells of a command that cannot be run in its output, and makes up an exit code. */
const startFailures = ['OCI runtime exec failed', 'cannot exec in a stopped state']

interface ExecInspect {
  Running: boolean
  ExitCode: number | null
  Pid: number
}

/** The beginning of what a command writes. */
function keeper(): { stream: Writable; text(): string } {
  const kept: Buffer[] = []
  let size = 0
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (size < probeOutputBytes) kept.push(chunk.subarray(0, probeOutputBytes - size))
      size += chunk.length
      done()
    },
  })
  return { stream, text: () => Buffer.concat(kept).toString('utf8') }
}

export class DockerExec {
  readonly #api: DockerApi

  constructor(api: DockerApi) {
    this.#api = api
  }

  async run(id: string, command: readonly string[], streams: ExecStreams, signal: AbortSignal): Promise<{ exitCode: number }> {
    const execId = await this.#create(id, command, streams, signal)
    const held = await this.#session(execId, streams, signal)
    const { ExitCode, Pid } = await this.#exited(execId, signal)
    // What never was a process cannot have written it.
    if (held && Pid === 0) throw notStarted(execId, held.text)
    await held?.release()
    return { exitCode: ExitCode }
  }

  async runSync(id: string, command: readonly string[], timeoutMs: number): Promise<SyncResult> {
    const [out, err] = [keeper(), keeper()]
    const said = () => ({ output: `${out.text()}${err.text()}`.slice(0, probeOutputBytes), stderr: err.text() })
    const streams = { stdout: out.stream, stderr: err.stream, tty: false }
    const late = AbortSignal.timeout(timeoutMs)
    let execId = ''
    try {
      execId = await this.#create(id, command, streams, late)
      const held = await this.#session(execId, streams, late)
      if (!late.aborted) {
        const { ExitCode, Pid } = await this.#exited(execId, late)
        if (held && Pid === 0) throw notStarted(execId, held.text)
        await held?.release()
        return { exitCode: ExitCode, ...said(), timedOut: false }
      }
    } catch (error) {
      if (!late.aborted) throw error
    }
    if (execId !== '') await this.#kill(execId)
    return { exitCode: -1, ...said(), timedOut: true }
  }

  async attach(id: string, streams: ExecStreams, signal: AbortSignal): Promise<void> {
    const query = { stream: 1, stdin: streams.stdin === undefined ? 0 : 1, stdout: streams.stdout ? 1 : 0, stderr: streams.stderr ? 1 : 0 }
    const over = new AbortController()
    try {
      const socket = (await this.#api.hijack(`/containers/${id}/attach`, { query, signal })) as Socket
      const resizing = this.#follow(streams, (size) => this.#api.call('POST', `/containers/${id}/resize`, { query: size, signal }), signal)
      const late = this.#endIfLate(id, socket, AbortSignal.any([signal, over.signal]))
      await carry(socket, streams)
      over.abort()
      resizing()
      // The words of CRI runtimes: clients turn to the log.
      if (await late) throw new RuntimeError('conflict', 'container is in CONTAINER_EXITED state')
    } catch (error) {
      throw runtimeError(error)
    } finally {
      over.abort()
    }
  }

  /**
   * Docker lets who attaches to a container that has just ended wait for its next start. Answers whether that was so: then the container was seen to be
   * over, and neither a word nor an end came.
   */
  async #endIfLate(id: string, socket: Socket, signal: AbortSignal): Promise<boolean> {
    const hasBegun = socket.readableLength > 0
    const { bytesRead } = socket
    const timeoutMs = Number.POSITIVE_INFINITY
    try {
      await unlessMissing(this.#api.call('POST', `/containers/${id}/wait`, { query: { condition: 'not-running' }, timeoutMs, signal }))
      await delay(lastWordsMs, undefined, { signal })
    } catch {
      // The session is over, or Docker is not there any more, which ends it.
      return false
    }
    if (hasBegun || socket.bytesRead > bytesRead) return false
    socket.destroy()
    return true
  }

  async #create(id: string, command: readonly string[], streams: ExecStreams, signal: AbortSignal): Promise<string> {
    const body = {
      Cmd: command,
      Tty: streams.tty,
      AttachStdin: streams.stdin !== undefined,
      AttachStdout: streams.stdout !== undefined,
      AttachStderr: streams.stderr !== undefined,
    }
    try {
      return (await this.#api.call<{ Id: string }>('POST', `/containers/${id}/exec`, { body, signal })).Id
    } catch (error) {
      throw runtimeError(error)
    }
  }

  async #session(execId: string, streams: ExecStreams, signal: AbortSignal): Promise<HeldOutput | undefined> {
    try {
      const socket = await this.#api.hijack(`/exec/${execId}/start`, { body: { Detach: false, Tty: streams.tty }, signal })
      const stop = this.#follow(streams, (size) => this.#api.call('POST', `/exec/${execId}/resize`, { query: size, signal }), signal)
      const held = await carry(socket, streams, startFailures)
      stop()
      return held
    } catch (error) {
      throw startError(error)
    }
  }

  /** Passes terminal sizes on until stopped; a size that comes before the process is there is tried again until it is: it comes once. */
  #follow(streams: ExecStreams, resize: (size: { h: number; w: number }) => Promise<unknown>, signal: AbortSignal): () => void {
    const { resize: sizes } = streams
    if (sizes === undefined || !streams.tty) return () => undefined
    let stopped = false
    const follow = async () => {
      for await (const { width, height } of sizes) {
        for (let waitMs = 50; !stopped && !signal.aborted; waitMs = Math.min(waitMs * 2, 1000)) {
          try {
            await resize({ h: height, w: width })
            break
          } catch (error) {
            if (!(error instanceof DockerError)) throw error
            await delay(waitMs)
          }
        }
        if (stopped) return
      }
    }
    // The terminal's size is a courtesy: a session goes on without it.
    follow().catch(() => undefined)
    return () => {
      stopped = true
    }
  }

  /** The stream ends a moment before Docker has noted the exit. */
  async #exited(execId: string, signal: AbortSignal): Promise<{ ExitCode: number; Pid: number }> {
    for (let waitMs = 2; ; waitMs = Math.min(waitMs * 2, 200)) {
      signal.throwIfAborted()
      const inspect = await this.#inspect(execId)
      if (!inspect.Running) {
        if (inspect.ExitCode === null) throw new RuntimeError('startFailed', 'the command did not start')
        return { ExitCode: inspect.ExitCode, Pid: inspect.Pid }
      }
      await delay(waitMs)
    }
  }

  async #inspect(execId: string): Promise<ExecInspect> {
    try {
      return await this.#api.call<ExecInspect>('GET', `/exec/${execId}/json`, { timeoutMs: 15_000 })
    } catch (error) {
      throw runtimeError(error)
    }
  }

  /** Docker has no call to end an exec; its process is visible to the host. */
  async #kill(execId: string): Promise<void> {
    try {
      const { Running, Pid } = await this.#inspect(execId)
      if (Running && Pid > 0) process.kill(Pid, 'SIGKILL')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ESRCH' && code !== 'notFound' && code !== 'unavailable') throw error
    }
  }
}

/** The text is that of CRI runtimes, of which clients and event readers know it. */
function notStarted(execId: string, output: string): RuntimeError {
  return new RuntimeError('startFailed', `failed to exec in container: failed to start exec "${execId}": ${output.trim()}`)
}

function startError(error: unknown): RuntimeError {
  const mapped = runtimeError(error)
  return /OCI runtime exec failed|executable file not found/.test(mapped.message)
    ? new RuntimeError('startFailed', mapped.message, { cause: error })
    : mapped
}
