/** Carries a hijacked Docker connection to separate stdin, stdout and stderr streams, with back-pressure. */
import type { Duplex } from 'node:stream'
import type { ExecStreams } from './runtime.ts'

/** Waits until a stream takes more, or is gone. */
function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.removeListener('drain', done)
      stream.removeListener('close', done)
      stream.removeListener('error', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
    stream.on('error', done)
  })
}

async function deliver(stream: NodeJS.WritableStream | undefined, data: Buffer): Promise<void> {
  if (stream === undefined || !stream.writable || data.length === 0) return
  if (!stream.write(data)) await drained(stream)
}

/**
 * Parses Docker's multiplexed stream (one byte of kind, three of zero, a big-endian length, the data) as it comes; data of a frame is passed
 * on before the frame is complete. Feeding returns the pieces of one chunk.
 */
export class Demultiplexer {
  readonly #header = Buffer.alloc(8)
  #headerBytes = 0
  #left = 0

  feed(chunk: Buffer): { kind: number; data: Buffer }[] {
    const pieces: { kind: number; data: Buffer }[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#left === 0) {
        const taken = Math.min(8 - this.#headerBytes, chunk.length - at)
        chunk.copy(this.#header, this.#headerBytes, at, at + taken)
        this.#headerBytes += taken
        at += taken
        if (this.#headerBytes < 8) break
        this.#headerBytes = 0
        this.#left = this.#header.readUInt32BE(4)
        continue
      }
      const data = chunk.subarray(at, at + this.#left)
      pieces.push({ kind: this.#header[0] ?? 0, data })
      this.#left -= data.length
      at += data.length
    }
    return pieces
  }
}

/** An output that was held back: whose it is is known later. */
export interface HeldOutput {
  text: string
  release(): Promise<void>
}

/**
 * Resolves when Docker has ended the output. The end of stdin is passed on as a half-close. Output that is nothing but one piece with the
 * beginning that is among `holdBack` is not passed on but answered.
 */
export async function carry(socket: Duplex, streams: ExecStreams, holdBack: readonly string[] = []): Promise<HeldOutput | undefined> {
  let held: HeldOutput | undefined
  let pieces = 0
  const pass = async (stream: NodeJS.WritableStream | undefined, data: Buffer): Promise<void> => {
    const begins = (start: string): boolean => data.subarray(0, start.length).equals(Buffer.from(start))
    if (pieces++ === 0 && holdBack.some(begins)) {
      const text = data.toString('utf8')
      held = { text, release: () => deliver(stream, data) }
      return
    }
    await held?.release()
    held = undefined
    await deliver(stream, data)
  }
  if (streams.stdin !== undefined) {
    streams.stdin.pipe(socket)
  }
  socket.on('error', () => socket.destroy())
  try {
    const demultiplexer = new Demultiplexer()
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      if (streams.tty) {
        await pass(streams.stdout, chunk)
        continue
      }
      for (const { kind, data } of demultiplexer.feed(chunk)) await pass(kind === 2 ? streams.stderr : streams.stdout, data)
    }
  } catch (error) {
    // A connection cut by us (abort) or by a daemon that went away ends the session; the exit code is asked for afterwards.
    if (!socket.destroyed) throw error
  } finally {
    streams.stdin?.unpipe(socket)
    socket.destroy()
  }
  return held
}
