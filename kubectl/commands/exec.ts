/** kubectl exec and attach: a command in a container, or its own input and output, over WebSocket. */
import type { Pod } from '#api/core/pod.ts'
import { resourcePath } from '#client/resource-path.ts'
import { type Ctx, command, ExitError, onOff, text, UsageError } from '#kubectl/command.ts'
import { asApiError } from '#kubectl/connection.ts'
import { podType } from '#kubectl/known-types.ts'
import { podsOf } from '#kubectl/pods-of.ts'
import { runRemoteCommand } from '#streams/remote-command/client.ts'
import type { TerminalSize } from '#streams/remote-command/protocol.ts'

const flags = {
  container: text('Name of the container.', { short: 'c' }),
  stdin: onOff('Pass standard input on.', { short: 'i' }),
  tty: onOff('Standard input is a terminal.', { short: 't' }),
  quiet: onOff('Only what the command itself prints.', { short: 'q' }),
} as const

interface Session {
  pod: Pod
  container: string
  subresource: 'exec' | 'attach'
  words: readonly string[]
  stdin: boolean
  tty: boolean
  ctx: Ctx
}

export const exec = command({
  name: 'exec',
  args: '(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  summary: 'Execute a command in a container',
  examples: ['kubectl exec web -- date', 'kubectl exec -it deploy/web -- sh'],
  flags,
  async run({ args, rest, flags: values, ctx }) {
    const [name, ...more] = args
    if (name === undefined) throw new UsageError('pod, type/name or --filename must be specified')
    if (more.length > 0) throw new UsageError('exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead')
    if (rest.length === 0) throw new UsageError('you must specify at least one command for the container')
    const { pod, container } = await chosen(name, values.container, { ctx, quiet: values.quiet })
    if (['Succeeded', 'Failed'].includes(pod.status.phase ?? ''))
      throw new UsageError(`cannot exec into a container in a completed pod; current phase is ${pod.status.phase}`)
    await converse({ pod, container, subresource: 'exec', words: rest, stdin: values.stdin, tty: values.tty, ctx })
  },
})

export const attach = command({
  name: 'attach',
  args: '(POD | TYPE/NAME) -c CONTAINER',
  summary: 'Attach to a running container',
  examples: ['kubectl attach web', 'kubectl attach -it web'],
  flags,
  async run({ args, flags: values, ctx }) {
    const [name, ...more] = args
    if (name === undefined || more.length > 0) throw new UsageError('exactly one POD or TYPE/NAME is required')
    const { pod, container } = await chosen(name, values.container, { ctx, quiet: values.quiet })
    if (values.tty && !values.quiet) ctx.io.err.write("If you don't see a command prompt, try pressing enter.\n")
    await converse({ pod, container, subresource: 'attach', words: [], stdin: values.stdin, tty: values.tty, ctx })
  },
})

async function chosen(
  word: string,
  container: string,
  { ctx, quiet }: { ctx: Ctx; quiet: boolean },
): Promise<{ pod: Pod; container: string }> {
  const [pod] = await podsOf({ word, selector: '', ctx })
  if (!pod) throw new UsageError(`no pods found for ${word}`)
  const names = [...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? []), ...(pod.spec.initContainers ?? [])].map((c) => c.name)
  if (container !== '') {
    if (!names.includes(container)) throw new UsageError(`container ${container} not found in pod ${pod.metadata.name}`)
    return { pod, container }
  }
  const fallback = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ?? names[0] ?? ''
  if (pod.spec.containers.length > 1 && !quiet) ctx.io.err.write(`Defaulted container "${fallback}" out of: ${names.join(', ')}\n`)
  return { pod, container: fallback }
}

async function converse(session: Session): Promise<void> {
  const { pod, container, subresource, words, stdin, ctx } = session
  const terminal = session.tty && Boolean(ctx.io.in.isTTY)
  if (session.tty && !terminal) ctx.io.err.write('Unable to use a TTY - input is not a terminal or the right kind of file\n')
  const { namespace, name = '' } = pod.metadata
  const path = resourcePath(podType, { namespace, name }, subresource, {
    command: words,
    container,
    stdin,
    stdout: true,
    stderr: !session.tty,
    tty: session.tty,
  })
  const { base, options } = ctx.connection()
  if (terminal) ctx.io.in.setRawMode(true)
  try {
    const outcome = await runRemoteCommand(`${base}${path}`, options, {
      stdout: ctx.io.out as NodeJS.WriteStream,
      stderr: ctx.io.err as NodeJS.WriteStream,
      ...(stdin ? { stdin: ctx.io.in } : {}),
      ...(terminal ? { resize: terminalSizes(ctx) } : {}),
    })
    if ('error' in outcome) throw new UsageError(outcome.error)
    if (outcome.exitCode !== 0) {
      ctx.io.err.write(`command terminated with exit code ${outcome.exitCode}\n`)
      throw new ExitError(outcome.exitCode)
    }
  } catch (error) {
    throw asApiError(error)
  } finally {
    if (terminal) ctx.io.in.setRawMode(false)
    ctx.io.in.destroy()
  }
}

async function* terminalSizes(ctx: Ctx): AsyncIterable<TerminalSize> {
  const { out } = ctx.io
  while (!ctx.signal.aborted) {
    yield { width: out.columns ?? 80, height: out.rows ?? 24 }
    await new Promise((resolve) => out.once('resize', resolve))
  }
}
