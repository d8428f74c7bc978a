/** The part of `npm start|stop|down|load` that runs under the project's own Node: reads the flags and leads to the verb. */
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createProgress, type Progress } from '#deploy/bootstrap/progress.mjs'
import { maxNodes } from '#deploy/bootstrap/usage.mjs'
import { CommandError } from '#deploy/machine/exec.ts'
import { Journal } from '#deploy/machine/journal.ts'
import { StartFailure } from './failure.ts'
import { type Layout, layoutOf } from './layout.ts'
import { load } from './load.ts'
import { type Options, parseOptions, UsageError } from './options.ts'
import { mergeOptions, readRecord } from './record.ts'
import { down, stop } from './stop.ts'
import { checkStore } from './store.ts'
import { up } from './up.ts'

const checkout = dirname(dirname(import.meta.dirname))

interface Call {
  layout: Layout
  rest: readonly string[]
  /** What a cluster that was started from this state directory before was started with. */
  recorded: Options | undefined
  /** Name for an image made from a folder. */
  image?: string
}

async function readCall(argv: readonly string[], ending: boolean): Promise<Call> {
  const { options, rest, given, name } = parseOptions(argv, join(checkout, '.typernetes'))
  options.state = resolve(process.env['INIT_CWD'] ?? process.cwd(), options.state)
  const recorded = await readRecord(options.state)
  // How many nodes a cluster without a record had is not known: whoever looks for them looks for as many as there can be.
  if (recorded === undefined && ending) options.nodes = maxNodes
  return {
    layout: layoutOf(mergeOptions(options, given, recorded), checkout),
    rest,
    recorded,
    ...(name ? { image: name } : {}),
  }
}

function report(progress: Progress, error: unknown): void {
  if (error instanceof StartFailure) progress.fail(error)
  else if (error instanceof UsageError) progress.fail({ what: error.message, remedy: 'npm start -- --help' })
  else if (error instanceof CommandError) progress.fail({ what: 'a command failed', why: error.message, remedy: error.argv.join(' ') })
  else progress.fail({ what: 'something unforeseen', why: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}

function numberFrom(name: string, fallback: number): number {
  return Number(process.env[name] ?? fallback)
}

async function runUp(call: Call, progress: Progress): Promise<void> {
  checkStore(call.layout.options, call.recorded)
  let interrupted = false
  const journal = await Journal.open(call.layout.journal)
  const onSignal = () => {
    if (interrupted) return
    interrupted = true
    progress.stop()
    progress.line('\nInterrupted: ending what was started ...')
    journal.close()
    // What is being started at this moment gets there first, so that it is found.
    sleep(500)
      .then(() => stop(call.layout, () => undefined))
      .then(
        () => process.exit(130),
        (error: unknown) => {
          report(progress, error)
          process.exit(130)
        },
      )
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    const cluster = await up(call.layout, journal, progress)
    cluster.api.close()
  } catch (error) {
    // After an interrupt everything fails, because it is being ended: that is no news.
    if (interrupted) await new Promise(() => undefined)
    throw error
  }
}

async function runEnding(call: Call, progress: Progress, verb: 'stop' | 'down'): Promise<void> {
  const step = progress.step(verb === 'stop' ? 'Stop' : 'Remove everything that start made')
  const { state } = call.layout
  if (call.recorded === undefined && verb === 'stop') {
    step.done(`no cluster in ${state}`)
    return
  }
  const { ended, swept, left } = await (verb === 'stop' ? stop : down)(call.layout, step.update)
  if (left.length > 0) throw new StartFailure('not everything could be removed', left.join('\n'), `npm run ${verb}   (again)`)
  const nothing = call.recorded === undefined ? `no cluster in ${state}` : 'nothing was running'
  const said = [...(ended.length > 0 ? [`ended ${ended.join(', ')}`] : []), ...(swept.length > 0 ? [`removed ${swept.join(', ')}`] : [])]
  step.done(said.join('; ') || nothing)
  if (verb === 'stop') progress.line(`State is kept in ${state}: npm start brings it back, npm run down removes it.`)
}

async function main(): Promise<void> {
  const [verb = 'up', ...argv] = process.argv.slice(2)
  const ending = verb === 'stop' || verb === 'down'
  const progress = createProgress({
    first: numberFrom('TYPERNETES_FIRST_STEP', 1),
    total: ending
      ? 1
      : verb === 'load'
        ? Math.max(1, argv.filter((word) => !word.startsWith('--')).length)
        : numberFrom('TYPERNETES_STEPS', 3),
    startedAt: numberFrom('TYPERNETES_STARTED_AT', Date.now()),
  })
  try {
    const call = await readCall(argv, ending)
    // npm takes --flags for its own where no -- stands before them, and passes their values on.
    if (verb !== 'load' && call.rest.length > 0)
      throw new UsageError(`unexpected word "${call.rest[0]}" (flags follow a --: npm start -- --nodes 3)`)
    if (verb === 'up') await runUp(call, progress)
    else if (ending) await runEnding(call, progress, verb)
    else if (verb === 'load') await load(call.layout, { images: call.rest, ...(call.image ? { name: call.image } : {}) }, progress)
    else throw new UsageError(`unknown verb ${verb}`)
    progress.stop()
    // Connections that a daemon keeps open for a while must not keep the user waiting.
    process.exit(0)
  } catch (error) {
    report(progress, error)
    progress.stop()
    // Waits for others may still be under way: the first failure ends it.
    process.exit(error instanceof UsageError ? 2 : 1)
  }
}

await main()
