/** /exec, /attach and /portForward: upgraded connections joined to the runtime. */
import type { ExecStreams } from '#kubelet/runtime/runtime.ts'
import { servePortForward } from '#streams/port-forward/server.ts'
import type { Outcome } from '#streams/remote-command/protocol.ts'
import { acceptRemoteCommand, type RemoteCommandSession, type Wanted } from '#streams/remote-command/server.ts'
import type { UpgradeRequest } from '#streams/upgrade.ts'
import { type ContainerPath, findRunning, findSandbox, ServerError, type ServerHost } from './host.ts'

const on = (query: URLSearchParams, ...names: readonly string[]): boolean =>
  names.some((name) => ['1', 'true'].includes(query.get(name) ?? ''))

/** Which streams are wanted. The API server says input, output, error; stdin, stdout, stderr are taken as well. Pure. */
export function wantedStreams(query: URLSearchParams): Wanted {
  const tty = on(query, 'tty')
  const wanted = {
    tty,
    stdin: on(query, 'input', 'stdin'),
    stdout: on(query, 'output', 'stdout'),
    // A terminal has one output.
    stderr: on(query, 'error', 'stderr') && !tty,
  }
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) throw new ServerError(400, 'you must specify at least 1 of stdin, stdout, stderr')
  return wanted
}

export async function serveExec(host: ServerHost, path: ContainerPath, upgrade: UpgradeRequest): Promise<void> {
  const query = new URL(upgrade.request.url ?? '/', 'http://localhost').searchParams
  const command = query.getAll('command')
  const wanted = wantedStreams(query)
  const { id } = await findRunning(host, path)
  if (command.length === 0) throw new ServerError(400, 'you must specify a command')
  await serve(upgrade, wanted, async (streams, signal) => await host.runtime.exec(id, command, streams, signal))
}

export async function serveAttach(host: ServerHost, path: ContainerPath, upgrade: UpgradeRequest): Promise<void> {
  const wanted = wantedStreams(new URL(upgrade.request.url ?? '/', 'http://localhost').searchParams)
  const { id } = await findRunning(host, path, `container ${path.container} not found in pod ${path.pod}_${path.namespace}`)
  await serve(upgrade, wanted, async (streams, signal) => {
    await host.runtime.attach(id, streams, signal)
    return { exitCode: 0 }
  })
}

async function serve(
  upgrade: UpgradeRequest,
  wanted: Wanted,
  run: (streams: ExecStreams, signal: AbortSignal) => Promise<{ exitCode: number }>,
): Promise<void> {
  const session = await acceptRemoteCommand(upgrade, wanted)
  await session.finish(await outcomeOf(session, wanted, run))
}

async function outcomeOf(
  session: RemoteCommandSession,
  wanted: Wanted,
  run: (streams: ExecStreams, signal: AbortSignal) => Promise<{ exitCode: number }>,
): Promise<Outcome> {
  const { stdin, stdout, stderr, resize } = session
  for (const output of [stdout, stderr]) output?.on('error', () => output.destroy())
  const streams = { ...(stdin ? { stdin } : {}), ...(stdout ? { stdout } : {}), ...(stderr ? { stderr } : {}), tty: wanted.tty, resize }
  try {
    return await run(streams, session.closed)
  } catch (error) {
    return { error: `error executing command in container: ${error instanceof Error ? error.message : String(error)}` }
  }
}

export async function serveForward(host: ServerHost, path: ContainerPath, upgrade: UpgradeRequest): Promise<void> {
  const sandbox = await findSandbox(host, path)
  await servePortForward(upgrade, {
    dial: (port) => host.runtime.portForward(sandbox.id, port),
    subject: `pod ${path.namespace}/${path.pod}, uid ${sandbox.podUid}`,
  })
}
