/** Turns commands into a command line: the only file that knows commander, exit codes and how errors are printed. */
import { CommanderError, Option, Command as Program } from 'commander'
import { type Command, type Flag, type Flags, type Io, list, onOff, text } from './command.ts'
import { tell } from './failure.ts'
import { escapeTerminal } from './print/escape-terminal.ts'
import { type GlobalValues, session } from './session.ts'

/** Flags that every command takes. */
const globalFlags = {
  kubeconfig: text('Path of the kubeconfig file.'),
  context: text('Context of the kubeconfig to use.'),
  cluster: text('Cluster of the kubeconfig to use.'),
  user: text('User of the kubeconfig to use.'),
  namespace: text('Namespace of this request.', { short: 'n' }),
  server: text('Address and port of the API server.', { short: 's' }),
  token: text('Bearer token.'),
  as: text('User to act as.'),
  'as-group': list('Group to act as; may be repeated.'),
  'certificate-authority': text("File with the certificate of the server's authority."),
  'client-certificate': text('File with the client certificate.'),
  'client-key': text('File with the key of the client certificate.'),
  'insecure-skip-tls-verify': onOff("Do not check the server's certificate."),
  'tls-server-name': text("Name to expect in the server's certificate."),
  'request-timeout': text('How long one request may take, such as 30s; 0 waits for ever.', { fallback: '0' }),
  v: text('Verbosity of the log.', { fallback: '0' }),
  'warnings-as-errors': onOff('Exit with an error after a warning of the server.'),
} as const satisfies Flags

interface Parsed {
  args: readonly string[]
  rest: readonly string[]
  values: Readonly<Record<string, unknown>>
  command: Command
}

/** Commands by name; each is loaded when it is asked for, since start time is a feature. */
export type CommandTable = Readonly<Record<string, () => Promise<Command>>>

/** Runs one command line (without node and script). Resolves with the exit code. */
export async function runCli(table: CommandTable, argv: readonly string[], io: Io): Promise<number> {
  let parsed: Parsed | undefined
  const end = argv.indexOf('--')
  const words = end < 0 ? argv : argv.slice(0, end)
  const rest = end < 0 ? [] : argv.slice(end + 1)
  const name = commandName(words, Object.keys(table))
  const load = name === undefined ? Object.values(table) : [table[name] ?? (() => Promise.reject(new Error(name)))]
  const commands = await Promise.all(load.map((one) => one()))
  const program = build(commands, io, (found) => (parsed = found))
  try {
    await program.parseAsync(normalized(words, commands), { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return usageFailure(error, io)
    throw error
  }
  return parsed ? execute({ ...parsed, rest }, io) : 0
}

function usageFailure(error: CommanderError, io: Io): number {
  if (error.exitCode === 0) return 0
  const message = error.message
    .replace(/^error: /, '')
    .replace(/unknown option '(--?[^']*)'/, 'unknown flag: $1')
    .replace(/^unknown command '(.*)'/, 'unknown command "$1" for "kubectl"')
  io.err.write(`error: ${message}\nSee 'kubectl --help' for usage.\n`)
  return 1
}

async function execute({ command, args, rest, values }: Parsed, io: Io): Promise<number> {
  const stop = new AbortController()
  const interrupted = (): void => stop.abort()
  process.once('SIGINT', interrupted)
  let warnings = 0
  let ctx: ReturnType<typeof session> | undefined
  try {
    ctx = session(values as unknown as GlobalValues, {
      io,
      signal: stop.signal,
      warn: (line) => {
        warnings++
        io.err.write(`Warning: ${escapeTerminal(line)}\n`)
      },
    })
    await command.run({ args, rest, flags: values as never, ctx })
    if (warnings > 0 && values['warnings-as-errors'] === true) {
      io.err.write(`error: ${warnings} warning${warnings > 1 ? 's' : ''} received\n`)
      return 1
    }
    return 0
  } catch (error) {
    if (stop.signal.aborted) return 130
    const told = tell(error, { server: ctx?.server() ?? '' })
    for (const line of told.lines) io.err.write(`${escapeTerminal(line)}\n`)
    return told.code
  } finally {
    process.removeListener('SIGINT', interrupted)
    ctx?.close()
  }
}

function build(commands: readonly Command[], io: Io, found: (parsed: Parsed) => void): Program {
  const program = new Program('kubectl').description('Controls a Kubernetes cluster.').helpCommand(false)
  const groups = new Map<string, Program>()
  const quiet = (made: Program): Program =>
    made
      .exitOverride()
      .configureOutput({ writeOut: (s) => io.out.write(s), writeErr: () => undefined })
      .helpOption('-h, --help', 'Show help.')
  quiet(program)
  for (const command of commands) {
    const words = command.name.split(' ')
    const last = words.pop() ?? ''
    let parent = program
    for (const word of words) {
      const group = groups.get(word) ?? quiet(new Program(word).description(`Commands of ${word}.`).helpCommand(false))
      if (!groups.has(word)) parent.addCommand(group)
      groups.set(word, group)
      parent = group
    }
    const made = quiet(new Program(last)).usage(`${command.args} [flags]`).summary(command.summary).argument('[words...]')
    made.description(`${command.summary}\n\nExamples:\n${command.examples.map((e) => `  ${e}`).join('\n')}`)
    const flags: Flags = { ...globalFlags, ...command.flags }
    for (const [name, flag] of Object.entries(flags)) made.addOption(optionOf(name, flag))
    made.action((args: string[]) => found({ args, rest: [], command, values: valuesOf(flags, made.opts()) }))
    parent.addCommand(made)
  }
  return program
}

function optionOf(name: string, flag: Flag<unknown>): Option {
  const head = flag.short ? `-${flag.short}, ` : name.length === 1 ? '-' : ''
  const dashes = name.length === 1 ? '' : '--'
  const value = flag.kind === 'switch' || flag.bare !== undefined ? ' [value]' : ' <value>'
  const option = new Option(`${head}${dashes}${name}${value}`, flag.help)
  option.negate = false // --no-headers is a flag of its own, not the opposite of --headers
  if (flag.kind === 'list') option.argParser((more: string, before: string[] | undefined) => [...(before ?? []), ...more.split(',')])
  return option
}

/** Commander's camel-cased options as the typed values that commands read. */
function valuesOf(flags: Flags, options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  for (const [name, flag] of Object.entries(flags)) {
    const raw = options[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())]
    values[name] = raw === undefined ? flag.fallback : converted(name, flag, raw)
  }
  return values
}

function converted(name: string, flag: Flag<unknown>, raw: unknown): unknown {
  if (flag.kind === 'list') return raw
  const word = String(raw)
  if (flag.kind === 'text') return word
  if (flag.kind === 'number') {
    if (!/^-?\d+$/.test(word)) throw new CommanderError(1, 'flag', `invalid argument "${word}" for "--${name}" flag: not a whole number`)
    return Number(word)
  }
  if (!['true', 'false'].includes(word))
    throw new CommanderError(1, 'flag', `invalid argument "${word}" for "--${name}" flag: neither true nor false`)
  return word === 'true'
}

/**
 * Writes flags the way commander reads them without guessing: a flag that may stand alone always gets its value by `=`, so that it never takes
 * the next word, and `-o=json`, `-ojson`, `-it` become what pflag makes of them.
 */
function normalized(words: readonly string[], commands: readonly Command[]): string[] {
  const flags: Flags = { ...globalFlags, ...(commands.length === 1 ? commands[0]?.flags : {}) }
  const shorts = new Map(
    Object.entries(flags).flatMap(([name, flag]) =>
      flag.short ? [[flag.short, name] as const] : name.length === 1 ? [[name, name] as const] : [],
    ),
  )
  const alone = (name: string): string | undefined => {
    const flag = flags[name]
    return flag?.kind === 'switch' ? 'true' : flag?.bare
  }
  const [plain, flagged]: [string[], string[]] = [[], []]
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    const long = /^--([^=]+)(=[\s\S]*)?$/.exec(word)
    const short = /^-([A-Za-z])/.exec(word)
    const expanded = long ? [word] : short && shorts.has(short[1] ?? '') ? expandShort(word.slice(1), shorts, alone) : undefined
    if (!expanded) {
      ;(word.startsWith('-') && word !== '-' ? flagged : plain).push(word)
      continue
    }
    const last = expanded.pop() ?? ''
    flagged.push(...expanded)
    const name = /^--?([^=]+)$/.exec(last)?.[1] ?? ''
    const value = alone(name)
    if (!Object.hasOwn(flags, name) || (last.length > 2 && !last.startsWith('--'))) flagged.push(last)
    else if (value !== undefined) flagged.push(`${last}=${value}`)
    else flagged.push(last, ...words.slice(++i, i + 1))
  }
  return [...plain, ...flagged]
}

/** `it` → both switches; `ojson` and `o=json` → the flag with its value; a value that follows as a word is the caller's to add. */
function expandShort(letters: string, shorts: ReadonlyMap<string, string>, alone: (name: string) => string | undefined): string[] {
  const name = shorts.get(letters[0] ?? '') ?? ''
  const dash = name.length === 1 ? '-' : '--'
  const glue = (value: string): string => (dash === '-' ? `-${name}${value}` : `--${name}=${value}`)
  const more = letters.slice(1)
  if (more.startsWith('=')) return [glue(more.slice(1))]
  if (more === '') return [`${dash}${name}`]
  const value = alone(name)
  if (value === undefined) return [glue(more)]
  return [glue(value), ...expandShort(more, shorts, alone)]
}

/** The command that a line means: what stands first behind the flags that every command takes. Undefined where it means none or a group. */
export function commandName(words: readonly string[], names: readonly string[]): string | undefined {
  let at = 0
  while (words[at]?.startsWith('-')) at += takesNextWord(words[at] ?? '') ? 2 : 1
  const [first = '', ...others] = words.slice(at)
  if (names.includes(first)) return first
  const second = others.find((word) => names.includes(`${first} ${word}`))
  return second === undefined ? undefined : `${first} ${second}`
}

function takesNextWord(word: string): boolean {
  const name = word.replace(/^--?/, '')
  const flags: Flags = globalFlags
  const flag = Object.entries(flags).find(([long, { short }]) => long === name || short === name)?.[1]
  return flag !== undefined && flag.kind !== 'switch' && flag.bare === undefined
}
