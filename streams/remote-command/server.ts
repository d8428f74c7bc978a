/** The server's end of exec and attach, over WebSocket channels or SPDY streams. */
import type { Readable, Writable } from 'node:stream'
import { ChannelSocket } from '#streams/channel-socket.ts'
import { SpdySession, type SpdyStream } from '#streams/spdy/session.ts'
import { acceptSpdy, acceptWebSocket, UpgradeError, type UpgradeRequest, wantsSpdy, wantsWebSocket } from '#streams/upgrade.ts'
import {
  canCloseChannels,
  channel,
  endingText,
  isBase64,
  type Outcome,
  parseSize,
  spdyProtocols,
  type TerminalSize,
  webSocketProtocols,
} from './protocol.ts'

/** The streams that the request asked for. */
export interface Wanted {
  stdin: boolean
  stdout: boolean
  stderr: boolean
  tty: boolean
}

export interface RemoteCommandSession {
  stdin?: Readable
  stdout?: Writable
  stderr?: Writable
  resize: AsyncIterable<TerminalSize>
  /** Aborts when the client is gone. */
  closed: AbortSignal
  /** Sends the outcome after all output and ends the connection. */
  finish(outcome: Outcome): Promise<void>
}

const streamsMs = 30_000

/** Answers the upgrade and waits for the client's streams. Throws UpgradeError before anything was answered. */
export async function acceptRemoteCommand(upgrade: UpgradeRequest, wanted: Wanted): Promise<RemoteCommandSession> {
  if (wantsWebSocket(upgrade.request)) return await overWebSocket(upgrade, wanted)
  if (wantsSpdy(upgrade.request)) return await overSpdy(upgrade, wanted)
  throw new UpgradeError(400, 'unable to upgrade: missing upgrade headers in request')
}

async function overWebSocket(upgrade: UpgradeRequest, wanted: Wanted): Promise<RemoteCommandSession> {
  const { socket, protocol } = await acceptWebSocket(upgrade, webSocketProtocols)
  const channels = new ChannelSocket(socket, isBase64(protocol))
  const stdout = wanted.stdout ? channels.output(channel.stdout) : undefined
  const stderr = wanted.stderr && !wanted.tty ? channels.output(channel.stderr) : undefined
  const session: RemoteCommandSession = {
    ...(wanted.stdin ? { stdin: channels.input(channel.stdin) } : {}),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    resize: sizesOf(channels.input(channel.resize)),
    closed: channels.closed,
    finish: async (outcome) => {
      if (channels.closed.aborted) return
      await Promise.all([flushed(stdout), flushed(stderr)])
      const text = endingText(outcome, protocol)
      // A client that has gone needs no answer.
      if (text !== '') await channels.send(channel.error, Buffer.from(text)).catch(() => undefined)
      channels.close()
    },
  }
  if (canCloseChannels(protocol)) channels.onClose = (closing) => channels.endInput(closing)
  // An empty message tells clients that wait for one that the session is there (upstream's habit).
  const first = wanted.stdout ? channel.stdout : wanted.stderr ? channel.stderr : channel.error
  // A client that has gone needs no answer.
  await channels.send(first, Buffer.alloc(0)).catch(() => undefined)
  return session
}

async function overSpdy(upgrade: UpgradeRequest, wanted: Wanted): Promise<RemoteCommandSession> {
  const { connection, protocol } = acceptSpdy(upgrade, spdyProtocols)
  const session = new SpdySession(connection, { server: true })
  const hasResize = wanted.tty && (protocol.startsWith('v4.') || protocol.startsWith('v3.'))
  const expected = [
    'error',
    ...(['stdin', 'stdout', 'stderr'] as const).filter((name) => wanted[name] && !(name === 'stderr' && wanted.tty)),
  ]
  if (hasResize) expected.push('resize')
  const streams = await awaitStreams(session, expected)
  const gone = new AbortController()
  session.closed.then(
    () => gone.abort(),
    () => gone.abort(),
  )
  const { error, stdin, stdout, stderr, resize } = streams
  for (const output of [error, stdout, stderr]) output?.resume()
  return {
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    resize: sizesOf(resize),
    closed: gone.signal,
    finish: async (outcome) => {
      if (gone.signal.aborted) return
      await Promise.all([ended(stdout), ended(stderr)])
      const text = endingText(outcome, protocol)
      if (text !== '') error?.write(text)
      await ended(error)
      await session.close()
    },
  }
}

/** The client opens its streams by name; the session begins when all are there. */
async function awaitStreams(session: SpdySession, expected: readonly string[]): Promise<Readonly<Record<string, SpdyStream | undefined>>> {
  const streams: Record<string, SpdyStream> = Object.create(null)
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new UpgradeError(408, 'timed out waiting for client to create streams')), streamsMs)
    const left = () => {
      clearTimeout(timer)
      reject(new UpgradeError(400, 'the client went away'))
    }
    session.closed.then(left, left)
  })
  const complete = new Promise<void>((resolve) => {
    session.onStream = (stream) => {
      stream.on('error', () => stream.destroy())
      streams[stream.headers['streamtype'] ?? ''] = stream
      if (expected.every((name) => streams[name] !== undefined)) resolve()
    }
  })
  try {
    await Promise.race([complete, late])
  } catch (error) {
    session.destroy()
    throw error
  }
  // The session was there in time: that it ends later is no refusal.
  late.catch(() => undefined)
  return streams
}

async function* sizesOf(input: Readable | undefined): AsyncGenerator<TerminalSize> {
  if (input === undefined) return
  let text = ''
  for await (const chunk of input as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8')
    // Each size is one JSON object, one after the other.
    for (let end = text.indexOf('}'); end !== -1; end = text.indexOf('}')) {
      const size = parseSize(text.slice(0, end + 1))
      text = text.slice(end + 1)
      if (size !== undefined) yield size
    }
    if (text.length > 1024) return
  }
}

/** Resolves when all that was written is out, or never will be. */
function flushed(stream: Writable | undefined): Promise<void> {
  if (stream === undefined || stream.destroyed || stream.writableEnded) return Promise.resolve()
  return ended(stream)
}

function ended(stream: Writable | undefined): Promise<void> {
  if (stream === undefined || stream.destroyed || stream.writableFinished) return Promise.resolve()
  return new Promise((resolve) => {
    stream.once('finish', resolve)
    stream.once('close', resolve)
    stream.once('error', () => resolve())
    if (!stream.writableEnded) stream.end()
  })
}
