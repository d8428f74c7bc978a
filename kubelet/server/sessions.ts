/** /exec, /attach and /portForward: upgraded connections joined to the runtime. */
import type { ExecStreams } from '#kubelet/runtime/runtime.ts'
import { servePortForward } from '#streams/port-forward/server.ts'
import type { Outcome } from '#streams/remote-command/protocol.ts'
import { acceptRemoteCommand, type RemoteCommandSession, type Wanted } from '#streams/remote-command/server.ts'
import type { UpgradeRequest } from '#streams/upgrade.ts'
import { type ContainerPath, findPod, findRunning, findSandbox, isMeant, ServerError, type ServerHost } from './host.ts'

/** What a request asks for is there and can be done; serves it once the connection has been given over. */
export type Session = (upgrade: UpgradeRequest) => Promise<void>
export type SessionVerb = 'exec' | 'attach' | 'portForward'

/** Which streams are wanted, in the words of the API server's requests. Pure. */
export function wantedStreams(query: URLSearchParams): Wanted {
  const on = (name: string): boolean => query.get(name) === '1'
  const tty = on('tty')
  // A terminal has one output.
  const wanted = { tty, stdin: on('input'), stdout: on('output'), stderr: on('error') && !tty }
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) throw new ServerError(400, 'you must specify at least 1 of stdin, stdout, stderr')
  return wanted
}

/** Throws ServerError, in upstream's order of checks, which does not need the connection. */
export const sessions: Readonly<Record<SessionVerb, (host: ServerHost, path: ContainerPath, query: URLSearchParams) => Promise<Session>>> =
  {
    exec: async (host, path, query) => {
      const wanted = wantedStreams(query)
      const { id } = await findRunning(host, path)
      const command = query.getAll('command')
      return async (upgrade) => {
        if (command.length === 0) throw new ServerError(400, 'you must specify a command')
        await serve(upgrade, wanted, 'executing command in', (streams, signal) => host.runtime.exec(id, command, streams, signal))
      }
    },
    attach: async (host, path, query) => {
      const wanted = wantedStreams(query)
      const { id } = await findRunning(host, path, `container ${path.container} not found in pod ${path.pod}_${path.namespace}`)
      const pod = findPod(host, path)
      if (pod === undefined || !isMeant(pod, path)) throw new ServerError(500, `pod ${path.pod}_${path.namespace} not found`)
      return (upgrade) =>
        serve(upgrade, wanted, 'attaching to', async (streams, signal) => {
          await host.runtime.attach(id, streams, signal)
          return { exitCode: 0 }
        })
    },
    portForward: async (host, path) => {
      const sandbox = await findSandbox(host, path)
      const subject = `pod ${path.namespace}/${path.pod}, uid ${sandbox.podUid}`
      return (upgrade) => servePortForward(upgrade, { dial: (port) => host.runtime.portForward(sandbox.id, port), subject })
    },
  }

async function serve(
  upgrade: UpgradeRequest,
  wanted: Wanted,
  doing: string,
  run: (streams: ExecStreams, signal: AbortSignal) => Promise<{ exitCode: number }>,
): Promise<void> {
  const session = await acceptRemoteCommand(upgrade, wanted)
  const outcome = await run(streamsOf(session, wanted), session.closed).catch((error: unknown): Outcome => {
    return { error: `error ${doing} container: ${error instanceof Error ? error.message : String(error)}` }
  })
  await session.finish(outcome)
}

function streamsOf({ stdin, stdout, stderr, resize }: RemoteCommandSession, { tty }: Wanted): ExecStreams {
  for (const output of [stdout, stderr]) output?.on('error', () => output.destroy())
  return { ...(stdin ? { stdin } : {}), ...(stdout ? { stdout } : {}), ...(stderr ? { stderr } : {}), tty, resize }
}
