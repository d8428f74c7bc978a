/** One connection of a client, from its first bytes to its end: settings, pings, time-outs, and leaving in order (RFC 9113, 3.4, 6.5 to 6.8). */
import type { Socket } from 'node:net'
import * as errors from './errors.ts'
import * as frames from './frames.ts'
import { HeaderBlocks } from './header-blocks.ts'
import { Output } from './output.ts'
import type { ServerStream } from './server-stream.ts'
import {
  CONNECTION_WINDOW_BYTES,
  demandLength,
  HEADER_LIST_BYTES,
  MAX_STREAMS,
  ServerStreams,
  STREAM_WINDOW_BYTES,
} from './server-streams.ts'

const { ConnectionFault } = errors

/** A client that does not read its answers and pings is not read from either, once so much waits for it. */
const MAX_UNSENT_BYTES = 1024 * 1024
/** Without a request under way a connection is closed after a minute and a half (upstream's idle timeout). */
const IDLE_TICKS = 18
/** A client introduces itself at once. */
const GREETING_TICKS = 2
/** A socket that takes nothing for five minutes leads nowhere. */
const STUCK_TICKS = 60
/** For the last words to arrive before the socket is closed. */
const PARTING_MS = 1000

export interface ServerConnectionEvents {
  onStream(stream: ServerStream): void
  onClose(): void
}

export class ServerConnection {
  readonly #socket: Socket
  readonly #output: Output
  readonly #streams: ServerStreams
  readonly #frames = new frames.FrameReader()
  readonly #blocks = new HeaderBlocks()
  readonly #handle = (frame: frames.Frame): void => this.#take(frame)
  /** What is still to come of the client's first bytes. */
  #preface = frames.PREFACE
  #isGreeted = false
  #dependsOn: number | undefined
  #isOver = false
  #isPaused = false
  #idleTicks = 0
  #stuckTicks = 0
  #writes = 0

  constructor(socket: Socket, { onStream, onClose }: ServerConnectionEvents) {
    this.#socket = socket
    this.#output = new Output(socket, () => this.#resume())
    this.#streams = new ServerStreams(socket, this.#output, {
      onStream: (stream) => {
        this.#idleTicks = 0
        onStream(stream)
      },
      failed: (code, message) => this.#fail(code, message),
      emptied: () => this.#streams.isClosing && this.#part(),
    })
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      this.#isOver = true
      this.#streams.closeAll()
      onClose()
    })
    this.#greet()
  }

  /** To be called every `TICK_MS`. */
  tick(): void {
    if (this.#isStuck()) this.#socket.destroy()
    if (this.#isOver) return
    this.#streams.tick()
    this.#idleTicks = this.#streams.count > 0 ? 0 : this.#idleTicks + 1
    if (this.#idleTicks > (this.#isGreeted ? IDLE_TICKS : GREETING_TICKS)) this.leave()
  }

  #isStuck(): boolean {
    const { unsentBytes, writes } = this.#output
    this.#stuckTicks = unsentBytes === 0 || writes !== this.#writes ? 0 : this.#stuckTicks + 1
    this.#writes = writes
    return this.#stuckTicks > STUCK_TICKS
  }

  /** Takes no more requests; those under way come to their end, and then the connection. */
  leave(): void {
    if (this.#isOver || this.#streams.isClosing) return
    this.#streams.isClosing = true
    this.#sayGoodbye(errors.NO_ERROR, '')
    this.#streams.endAnswered()
    if (this.#streams.count === 0) this.#part()
  }

  #greet(): void {
    const settings = frames.settingsOf([
      [frames.MAX_CONCURRENT_STREAMS, MAX_STREAMS],
      [frames.INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES],
      [frames.MAX_HEADER_LIST_SIZE, HEADER_LIST_BYTES],
    ])
    this.#output.send(frames.SETTINGS, 0, 0, settings)
    this.#output.send(frames.WINDOW_UPDATE, 0, 0, frames.words(CONNECTION_WINDOW_BYTES - frames.DEFAULT_WINDOW_BYTES))
  }

  #read(chunk: Buffer): void {
    if (this.#isOver) return
    try {
      const bytes = this.#preface.length === 0 ? chunk : this.#withoutPreface(chunk)
      this.#frames.take(bytes, this.#handle)
    } catch (error) {
      if (error instanceof ConnectionFault) this.#fail(error.code, error.message)
      else this.#fail(errors.INTERNAL_ERROR, String(error))
    }
    if (!this.#output.isFull || this.#output.unsentBytes < MAX_UNSENT_BYTES || this.#isOver) return
    this.#isPaused = true
    this.#socket.pause()
  }

  #resume(): void {
    this.#streams.resume()
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#socket.resume()
  }

  #withoutPreface(chunk: Buffer): Buffer {
    const known = Math.min(chunk.length, this.#preface.length)
    if (chunk.compare(this.#preface, 0, known, 0, known) !== 0) throw new ConnectionFault(errors.PROTOCOL_ERROR, 'no preface of HTTP/2')
    this.#preface = this.#preface.subarray(known)
    return chunk.subarray(known)
  }

  #take(frame: frames.Frame): void {
    if (this.#isOver) return
    const { type, stream } = frame
    if (!this.#isGreeted && (type !== frames.SETTINGS || (frame.flags & frames.ACK) !== 0))
      throw new ConnectionFault(errors.PROTOCOL_ERROR, 'settings come first')
    this.#blocks.check(frame)
    const place = places[type]
    if (place !== undefined && place !== (stream === 0 ? 'connection' : 'stream') && place !== 'both')
      throw new ConnectionFault(errors.PROTOCOL_ERROR, `a frame of type ${type} on stream ${stream}`)
    this.#dispatch(frame)
  }

  #dispatch(frame: frames.Frame): void {
    if (frame.type === frames.HEADERS || frame.type === frames.CONTINUATION) this.#takeHeaders(frame)
    else if (frame.type === frames.DATA) this.#streams.takeData(frame)
    else if (frame.type === frames.WINDOW_UPDATE) this.#streams.takeWindowUpdate(frame)
    else if (frame.type === frames.RST_STREAM) this.#streams.takeReset(frame)
    else if (frame.type === frames.PRIORITY) this.#streams.takePriority(frame)
    else if (frame.type === frames.SETTINGS) this.#takeSettings(frame)
    else if (frame.type === frames.PING) this.#takePing(frame)
    else if (frame.type === frames.PUSH_PROMISE) throw new ConnectionFault(errors.PROTOCOL_ERROR, 'clients do not push')
    // GOAWAY: a client that goes ends its streams by itself. Types that nobody knows are to be ignored.
    else this.#streams.countIdleFrame()
  }

  #takeHeaders(frame: frames.Frame): void {
    if (frame.type === frames.HEADERS) this.#dependsOn = frames.dependencyOf(frame)
    const block = this.#blocks.take(frame)
    if (block !== undefined) this.#streams.takeHeaders(block, this.#dependsOn)
  }

  #takeSettings({ flags, payload }: frames.Frame): void {
    this.#streams.countIdleFrame()
    if ((flags & frames.ACK) !== 0) {
      if (payload.length > 0) throw new ConnectionFault(errors.FRAME_SIZE_ERROR, 'an acknowledgement says more')
      return
    }
    this.#isGreeted = true
    let firstWindow: number | undefined
    for (const [id, value] of frames.settingsIn(payload)) {
      if (id === frames.INITIAL_WINDOW_SIZE) {
        if (value > frames.MAX_WINDOW_BYTES) throw new ConnectionFault(errors.FLOW_CONTROL_ERROR, 'the window is too large')
        firstWindow = value
      } else checkSetting(id, value)
      if (id === frames.MAX_FRAME_SIZE) this.#streams.limitFrames(value)
    }
    this.#output.send(frames.SETTINGS, frames.ACK, 0, '')
    // The last one counts, so that one frame costs one walk over the streams.
    if (firstWindow !== undefined) this.#streams.setFirstWindow(firstWindow)
  }

  #takePing({ flags, payload }: frames.Frame): void {
    demandLength(payload, 8)
    this.#streams.countIdleFrame()
    if ((flags & frames.ACK) === 0) this.#output.send(frames.PING, frames.ACK, 0, payload)
  }

  #fail(code: number, message: string): void {
    if (this.#isOver) return
    this.#sayGoodbye(code, message)
    this.#part()
    this.#streams.closeAll()
  }

  #sayGoodbye(code: number, message: string): void {
    const reason = Buffer.concat([frames.words(this.#streams.lastId, code), Buffer.from(message)])
    this.#output.send(frames.GOAWAY, 0, 0, reason)
  }

  /** What comes now is read and dropped: a socket that is closed with bytes unread takes back what it said last. */
  #part(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#socket.once('finish', () => setTimeout(() => this.#socket.destroy(), PARTING_MS).unref())
    this.#output.close()
    this.#socket.resume()
  }
}

/** Where frames of each type belong. */
const places: readonly ('stream' | 'connection' | 'both')[] = [
  'stream',
  'stream',
  'stream',
  'stream',
  'connection',
  'stream',
  'connection',
  'connection',
  'both',
  'stream',
]

function checkSetting(id: number, value: number): void {
  const isWrong =
    (id === frames.ENABLE_PUSH && value > 1) || (id === frames.MAX_FRAME_SIZE && (value < frames.DEFAULT_FRAME_BYTES || value > 0xffffff))
  if (isWrong) throw new ConnectionFault(errors.PROTOCOL_ERROR, `setting ${id} cannot be ${value}`)
}
