/** What makes a program a daemon: flags, logs, runnables started in order and stopped in reverse, and honest exit codes. */
import { flushCompileCache } from 'node:module'
import { sleep } from './clock.ts'
import { boolFlag, FlagError, type Flags, type FlagValues, intFlag, parseFlags, stringFlag, usage } from './flags.ts'
import { createLogger, type Logger } from './logging.ts'

export interface Runnable {
  name: string
  /** Runs until the signal aborts. Ending before that, with or without an error, ends the daemon with code 1. */
  run(signal: AbortSignal): Promise<void>
  /** Settles when the next runnable may start; a rejection ends the daemon. */
  started?: Promise<void>
  /** Feeds /readyz where the daemon serves it. */
  ready?(): boolean
}

/** Something the user can mend before the daemon starts: it is printed as one line, without a stack, and the process ends with code 1. */
export class StartupError extends Error {}

export interface Daemon<F extends Flags> {
  name: string
  version: string
  flags: F
  /** Reads what the flags name and lays out the work. May throw StartupError. */
  build(values: FlagValues<F>, log: Logger): Promise<readonly Runnable[]>
  /** Errors of `build` that are told as StartupErrors are. */
  startupErrors?: readonly (abstract new (
    ...args: never
  ) => Error)[]
  /** How long a runnable may take to stop. 30 s unless said. */
  stopTimeoutMs?: number
}

const commonFlags = {
  v: intFlag('Verbosity of the log; 2 and more is debug.', 0),
  'logging-format': stringFlag('Format of the log: text or json.', 'text'),
  version: boolFlag('Print the version and exit.'),
  help: boolFlag('Print this help and exit.'),
}

/** Runs the daemon to its end and exits the process: 0 after SIGTERM or SIGINT, 1 on failure, 2 on bad flags. */
export async function runDaemon<F extends Flags>(daemon: Daemon<F>, argv: readonly string[] = process.argv.slice(2)): Promise<never> {
  const flags = { ...commonFlags, ...daemon.flags }
  let values: FlagValues<F> & FlagValues<typeof commonFlags>
  try {
    values = parseFlags(flags, argv) as FlagValues<F> & FlagValues<typeof commonFlags>
    if (!['text', 'json'].includes(values['logging-format'])) throw new FlagError('--logging-format is text or json')
  } catch (error) {
    return exitWith(2, `${daemon.name}: ${(error as Error).message} (see ${daemon.name} --help)`)
  }
  if (values.help) return exitWith(0, usage(daemon.name, flags).trimEnd(), process.stdout)
  if (values.version) return exitWith(0, daemon.version, process.stdout)
  const log = createLogger({ name: daemon.name, verbosity: values.v, format: values['logging-format'] === 'json' ? 'json' : 'text' })
  process.on('uncaughtException', (error) => {
    log.error({ error, stack: error.stack }, 'uncaught exception')
    process.exit(1)
  })
  try {
    const runnables = await daemon.build(values, log)
    log.info({ version: daemon.version }, 'starting')
    process.exit(await runAll(daemon, runnables, log))
  } catch (error) {
    const forUser = [StartupError, ...(daemon.startupErrors ?? [])].some((each) => error instanceof each)
    if (forUser) return exitWith(1, `${daemon.name}: ${(error as Error).message}`)
    log.error({ error, stack: (error as Error).stack }, 'cannot start')
    process.exit(1)
  }
}

/** Node keeps compiled code (NODE_COMPILE_CACHE) only at an exit in good order; after a start that many functions have run. */
const compiledAfterMs = 5_000

interface Running {
  name: string
  stop: AbortController
  ended: Promise<void>
}

/** Starts all in order, waits for a signal or for one that ends, stops in reverse. Returns the exit code. */
async function runAll(
  { name: program, stopTimeoutMs = 30_000 }: { name: string; stopTimeoutMs?: number },
  runnables: readonly Runnable[],
  log: Logger,
): Promise<number> {
  const running: Running[] = []
  let code = 0
  const asked = new AbortController()
  const alive = setInterval(() => undefined, 1 << 30) // a runnable that only waits would not keep the process
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (asked.signal.aborted) process.exit(1) // asked twice: the user will not wait
      log.info({ signal: name }, 'stopping')
      asked.abort()
    })
  }
  const fail = (name: string, error: unknown): void => {
    if (asked.signal.aborted) return
    code = 1
    if (error instanceof StartupError) process.stderr.write(`${program}: ${error.message}\n`)
    else log.error({ runnable: name, error, stack: (error as Error | undefined)?.stack }, error ? 'failed' : 'ended unasked')
    asked.abort()
  }
  for (const runnable of runnables) {
    if (asked.signal.aborted) break
    const stop = new AbortController()
    const ended = runnable.run(stop.signal).then(
      () => (stop.signal.aborted ? undefined : fail(runnable.name, undefined)),
      (error) =>
        stop.signal.aborted ? log.error({ runnable: runnable.name, error }, 'failed while stopping') : fail(runnable.name, error),
    )
    running.push({ name: runnable.name, stop, ended })
    if (runnable.started) await Promise.race([runnable.started.catch((error) => fail(runnable.name, error)), aborted(asked.signal)])
  }
  const settled = setTimeout(flushCompileCache, compiledAfterMs).unref()
  await aborted(asked.signal)
  clearTimeout(settled)
  for (const { name, stop, ended } of running.reverse()) {
    stop.abort()
    const late = new AbortController()
    const outcome = await Promise.race([ended.then(() => 'ended' as const), sleep(stopTimeoutMs, late.signal).then(() => 'late' as const)])
    late.abort()
    if (outcome === 'late') {
      log.warn({ runnable: name, stopTimeoutMs }, 'did not stop in time')
      code = 1
    }
  }
  clearInterval(alive)
  return code
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function exitWith(code: number, line: string, stream: NodeJS.WriteStream = process.stderr): never {
  stream.write(`${line}\n`)
  process.exit(code)
}
