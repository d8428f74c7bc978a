/** Where watches write: an HTTP/1.1 or HTTP/2 response, or a WebSocket that takes one message per event. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { WatchSink } from '#apiserver/cache/watch-session.ts'
import type { RawResponse } from '#apiserver/endpoints/exchange.ts'
import type { ServerStream } from '#http2/server-stream.ts'
import type { StreamResponse } from '#http2/stream-response.ts'

/** Sends status and headers at once, so that the client knows that its watch stands. */
export function httpSink(response: RawResponse, headers: Readonly<Record<string, string>> = {}): WatchSink {
  const all = { 'content-type': 'application/json', 'cache-control': 'no-cache, private', ...headers }
  response.writeHead(200, all)
  if (isHttp2(response)) return streamSink(response.stream)
  response.socket?.setNoDelay(true)
  // A watch may be silent for long, and every write would wind the timer up again.
  response.socket?.setTimeout(0)
  response.flushHeaders()
  // An answer that waits for its turn on the connection has no socket yet.
  if (response.socket && response.chunkedEncoding) return chunkedSink(response, response.socket)
  return {
    write: (chunk) => (response.destroyed || response.writableEnded ? true : response.write(chunk)),
    pendingBytes: () => response.writableLength,
    onDrain: (listener) => void response.on('drain', listener),
    onClose: (listener) => void response.on('close', listener),
    end: () => void (response.writableEnded || response.end()),
  }
}

const streamSink = (stream: ServerStream): WatchSink => ({
  write: (chunk) => stream.write(chunk),
  pendingBytes: () => stream.pendingBytes,
  onDrain: (listener) => stream.onDrain(listener),
  onClose: (listener) => stream.onClose(listener),
  end: () => stream.end(),
})

/**
 * Chunks of HTTP/1.1 straight to the socket: the framing is the same for every watcher of a group, and Node would make it anew for each of them,
 * in four pieces.
 */
function chunkedSink(response: ServerResponse, socket: Socket): WatchSink {
  return {
    write: (chunk) => (socket.destroyed || response.writableEnded ? true : socket.write(framed(chunk))),
    pendingBytes: () => socket.writableLength,
    onDrain(listener) {
      socket.on('drain', listener)
      response.once('close', () => socket.off('drain', listener))
    },
    onClose: (listener) => void response.once('close', listener),
    end: () => void (response.writableEnded || response.end()),
  }
}

/** The chunk that was framed last: it goes to all watchers of a group before the next one comes. */
const latest: { chunk: Buffer | undefined; framed: Buffer } = { chunk: undefined, framed: Buffer.alloc(0) }

function framed(chunk: Buffer): Buffer {
  if (latest.chunk !== chunk) {
    latest.chunk = chunk
    const length = `${chunk.length.toString(16)}\r\n`
    const bytes = Buffer.allocUnsafeSlow(length.length + chunk.length + 2)
    chunk.copy(bytes, bytes.write(length, 'latin1'))
    bytes.write('\r\n', bytes.length - 2, 'latin1')
    latest.framed = bytes
  }
  return latest.framed
}

export const isHttp2 = (response: RawResponse): response is StreamResponse => 'stream' in response

/** The part of a `ws` socket that a watch needs. */
export interface MessageSocket {
  send(data: Buffer, options: { binary: boolean }, done: (error?: Error) => void): void
  close(code?: number): void
  readonly bufferedAmount: number
  on(event: 'close', listener: () => void): unknown
}

/** More than this unsent and the watch waits. */
const HIGH_WATER_BYTES = 64 * 1024

/** Binary events come with their length in four bytes, which a message does not need. */
export function webSocketSink(socket: MessageSocket, binary = false): WatchSink {
  let drain: (() => void) | undefined
  let isWaiting = false
  return {
    isMessageBased: true,
    write(chunk) {
      socket.send(binary ? chunk.subarray(4) : chunk, { binary }, () => {
        if (!isWaiting || socket.bufferedAmount > 0) return
        isWaiting = false
        drain?.()
      })
      isWaiting = socket.bufferedAmount > HIGH_WATER_BYTES
      return !isWaiting
    },
    pendingBytes: () => socket.bufferedAmount,
    onDrain: (listener) => {
      drain = listener
    },
    onClose: (listener) => void socket.on('close', listener),
    end: () => socket.close(1000),
  }
}
