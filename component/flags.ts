/** Command-line flags of a daemon, declared once: `--name=value`, `--name value`, `--switch`, `--switch=false`, as upstream's pflag reads them. */

export interface Flag<T> {
  help: string
  fallback: T
  /** May stand without a value, meaning true. */
  isSwitch?: true
  /** Later occurrences add to earlier ones (lists and maps). */
  join?(earlier: T, later: T): T
  /** Throws an Error whose message says what is wrong with the text. */
  parse(text: string): T
}

export type Flags = Readonly<Record<string, Flag<unknown>>>
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never }

/** A line for the user about a flag; the process ends with code 2. */
export class FlagError extends Error {}

const list = (text: string): readonly string[] => (text === '' ? [] : text.split(',').map((part) => part.trim()))

export function stringFlag(help: string, fallback = ''): Flag<string> {
  return { help, fallback, parse: (text) => text }
}

export function boolFlag(help: string, fallback = false): Flag<boolean> {
  return { help, fallback, isSwitch: true, parse: parseBool }
}

export function intFlag(help: string, fallback = 0): Flag<number> {
  return {
    help,
    fallback,
    parse: (text) => {
      if (!/^-?\d+$/.test(text)) throw new Error(`"${text}" is not a whole number`)
      return Number(text)
    },
  }
}

/** A port to listen on; 0 is one that the kernel chooses, or none, as the flag says. */
export function portFlag(help: string, fallback: number): Flag<number> {
  const number = intFlag(help, fallback)
  return {
    ...number,
    parse: (text) => {
      const port = number.parse(text)
      if (port < 0 || port > 65_535) throw new Error(`${port} is not a port: it must be between 0 and 65535`)
      return port
    },
  }
}

/** Go's duration text (`1m30s`, `500ms`); the value is milliseconds. */
export function durationFlag(help: string, fallbackMs = 0): Flag<number> {
  return { help, fallback: fallbackMs, parse: parseDuration }
}

/** Comma separated, may be repeated. */
export function listFlag(help: string, fallback: readonly string[] = []): Flag<readonly string[]> {
  return { help, fallback, join: (earlier, later) => [...earlier, ...later], parse: list }
}

/** `key=value` pairs, comma separated, may be repeated. */
export function mapFlag(help: string): Flag<ReadonlyMap<string, string>> {
  return {
    help,
    fallback: new Map(),
    join: (earlier, later) => new Map([...earlier, ...later]),
    parse: (text) =>
      new Map(
        list(text).map((pair) => {
          const at = pair.indexOf('=')
          if (at < 1) throw new Error(`"${pair}" is not of the form key=value`)
          return [pair.slice(0, at), pair.slice(at + 1)] as const
        }),
      ),
  }
}

function parseBool(text: string): boolean {
  if (['true', 't', '1', 'TRUE', 'True', 'T'].includes(text)) return true
  if (['false', 'f', '0', 'FALSE', 'False', 'F'].includes(text)) return false
  throw new Error(`"${text}" is neither true nor false`)
}

const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds of a Go duration; throws for anything else. */
export function parseDuration(text: string): number {
  if (text === '0') return 0
  if (!/^-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) throw new Error(`"${text}" is not a duration such as 30s or 1m30s`)
  let ms = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) ms += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  return text.startsWith('-') ? -ms : ms
}

/** Reads `argv` (without node and script). Throws FlagError for an unknown flag, a bad value or a stray word. */
export function parseFlags<F extends Flags>(flags: F, argv: readonly string[]): FlagValues<F> {
  const values: Record<string, unknown> = {}
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? ''
    const match = /^--?([A-Za-z][\w-]*)(?:=([\s\S]*))?$/.exec(word)
    if (!match) throw new FlagError(`unexpected argument "${word}"`)
    const name = match[1] ?? ''
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
    if (!flag) throw new FlagError(`unknown flag: --${name}`)
    let text = match[2]
    if (text === undefined && flag.isSwitch) text = 'true'
    if (text === undefined) {
      text = argv[++i]
      if (text === undefined) throw new FlagError(`flag needs an argument: --${name}`)
    }
    const value = parsed(flag, name, text)
    values[name] = name in values && flag.join ? flag.join(values[name], value) : value
  }
  for (const [name, flag] of Object.entries(flags)) if (!Object.hasOwn(values, name)) values[name] = flag.fallback
  return values as FlagValues<F>
}

function parsed(flag: Flag<unknown>, name: string, text: string): unknown {
  try {
    return flag.parse(text)
  } catch (error) {
    throw new FlagError(`invalid argument for --${name}: ${(error as Error).message}`)
  }
}

/** The text of `--help`. */
export function usage(program: string, flags: Flags): string {
  const rows = Object.entries(flags)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, flag]) => `      --${name}\n            ${flag.help}`)
  return `Usage:\n  ${program} [flags]\n\nFlags:\n${rows.join('\n')}\n`
}
