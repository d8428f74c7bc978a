/**
 * Connections to ports inside a network namespace: a helper process enters it, connects, and hands the connected socket over, so that no byte
 * passes through the helper. It stays for a while, for the connections that usually follow.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { connect, Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { RuntimeError } from './runtime.ts'

const program = fileURLToPath(new URL('./port-dialer-child.ts', import.meta.url))

interface Helper {
  process: ChildProcess
  waiting: Map<number, { resolve: (socket: Socket) => void; reject: (error: Error) => void }>
  idle: NodeJS.Timeout | undefined
}

/** A connection in the namespace of this process. */
export function dialLocal(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: 'localhost', port, allowHalfOpen: true })
    socket.once('connect', () => resolve(socket))
    socket.once('error', (error) => reject(new RuntimeError('other', error.message, { cause: error })))
  })
}

interface Answer {
  id: number
  port?: number
  error?: string
  code?: string
}

function notConnected({ error, code, port }: Answer): RuntimeError {
  if (code === 'ECONNREFUSED') return new RuntimeError('other', `failed to connect to localhost:${port}: connection refused`)
  return new RuntimeError('other', error ?? 'connection was not handed over')
}

export class PortDialer {
  readonly #helpers = new Map<string, Helper>()
  readonly #idleMs: number
  #serial = 0

  constructor(idleMs = 30_000) {
    this.#idleMs = idleMs
  }

  /** `netns` is the path of the namespace. Rejects with the connection's own error. */
  dial(netns: string, port: number): Promise<Socket> {
    const helper = this.#helpers.get(netns) ?? this.#start(netns)
    clearTimeout(helper.idle)
    this.#serial += 1
    const id = this.#serial
    return new Promise((resolve, reject) => {
      helper.waiting.set(id, { resolve, reject })
      helper.process.send({ id, port }, (error) => {
        if (error !== null) this.#settle(helper, id, () => reject(error))
      })
    })
  }

  close(): void {
    for (const helper of this.#helpers.values()) helper.process.kill('SIGKILL')
  }

  #start(netns: string): Helper {
    const child = spawn('nsenter', [`--net=${netns}`, process.execPath, program], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    const helper: Helper = { process: child, waiting: new Map(), idle: undefined }
    this.#helpers.set(netns, helper)
    child.on('message', (message: Answer, handle) => {
      const waiter = helper.waiting.get(message.id)
      this.#settle(helper, message.id, () => {
        if (waiter === undefined) (handle as Socket | undefined)?.destroy()
        else if (handle instanceof Socket) {
          handle.allowHalfOpen = true
          waiter.resolve(handle)
        } else waiter.reject(notConnected(message))
      })
    })
    const ended = () => {
      if (this.#helpers.get(netns) === helper) this.#helpers.delete(netns)
      clearTimeout(helper.idle)
      for (const { reject } of helper.waiting.values()) reject(new RuntimeError('notFound', `cannot enter network namespace ${netns}`))
      helper.waiting.clear()
    }
    child.on('error', ended)
    child.on('exit', ended)
    // The channel alone does not keep the kubelet from ending.
    child.unref()
    return helper
  }

  #settle(helper: Helper, id: number, how: () => void): void {
    helper.waiting.delete(id)
    how()
    if (helper.waiting.size > 0) return
    helper.idle = setTimeout(() => helper.process.kill('SIGKILL'), this.#idleMs)
    helper.idle.unref()
  }
}
