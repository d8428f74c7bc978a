/** The client's end of exec and attach, over WebSocket channels (v5, v4). */
import type { Readable, Writable } from 'node:stream'
import { ChannelSocket } from '#streams/channel-socket.ts'
import { type ConnectOptions, connectWebSocket } from '#streams/websocket-client.ts'
import { canCloseChannels, channel, type Outcome, outcomeOf, sizeText, type TerminalSize } from './protocol.ts'

export interface RemoteCommandStreams {
  stdin?: Readable
  stdout?: Writable
  stderr?: Writable
  resize?: AsyncIterable<TerminalSize>
}

/** Runs a session to its end. `url` is wss://…/exec?command=… or …/attach?…; rejects with UpgradeRefused when the server does not switch. */
export async function runRemoteCommand(url: string, options: ConnectOptions, streams: RemoteCommandStreams): Promise<Outcome> {
  const { socket, protocol } = await connectWebSocket(url, ['v5.channel.k8s.io', 'v4.channel.k8s.io'], options)
  const channels = new ChannelSocket(socket, false)
  let ending = ''
  channels.input(channel.error).on('data', (data: Buffer) => {
    ending += data.toString('utf8')
  })
  const outputs = [deliver(channels.input(channel.stdout), streams.stdout), deliver(channels.input(channel.stderr), streams.stderr)]
  const { stdin } = streams
  stdin?.on('data', (data: Buffer) => {
    stdin.pause()
    channels.send(channel.stdin, data).then(
      () => stdin.resume(),
      () => stdin.destroy(),
    )
  })
  stdin?.on('end', () => {
    // Before version 5 there was no way to say it: the command waits for more.
    if (canCloseChannels(protocol)) channels.send(channel.close, Buffer.from([channel.stdin])).catch(() => undefined)
  })
  // What cannot be sent any more is told by the end of the channels, which is waited for below.
  if (streams.resize !== undefined) sendSizes(channels, streams.resize).catch(() => undefined)
  await new Promise((resolve) => channels.closed.addEventListener('abort', resolve, { once: true }))
  await Promise.all(outputs)
  return ending === '' ? { error: 'the connection was closed before the command ended' } : outcomeOf(ending)
}

async function deliver(from: Readable, to: Writable | undefined): Promise<void> {
  for await (const data of from as AsyncIterable<Buffer>) {
    if (to !== undefined && !to.write(data)) await new Promise((resolve) => to.once('drain', resolve))
  }
}

async function sendSizes(channels: ChannelSocket, sizes: AsyncIterable<TerminalSize>): Promise<void> {
  for await (const size of sizes) await channels.send(channel.resize, Buffer.from(sizeText(size)))
}
