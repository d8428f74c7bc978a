/** What a command is: a name, flags and a function. Commands are data; cli.ts turns them into a command line. */
import type { Client } from '#client/rest.ts'
import type { Connection } from './connection.ts'
import type { ServedTypes } from './served-types.ts'

export interface Flag<T> {
  kind: 'switch' | 'text' | 'number' | 'list'
  short?: string
  help: string
  fallback: T
  /** What the flag means when it stands without a value. */
  bare?: string
}

export type Flags = Readonly<Record<string, Flag<unknown>>>
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never }

type Short = { short?: string }

export const onOff = (help: string, more: Short & { fallback?: boolean } = {}): Flag<boolean> => ({
  kind: 'switch',
  help,
  fallback: false,
  ...more,
})
export const text = (help: string, more: Short & { fallback?: string; bare?: string } = {}): Flag<string> => ({
  kind: 'text',
  help,
  fallback: '',
  ...more,
})
export const number = (help: string, more: Short & { fallback?: number } = {}): Flag<number | undefined> => ({
  kind: 'number',
  help,
  fallback: undefined,
  ...more,
})
export const list = (help: string, more: Short = {}): Flag<readonly string[]> => ({ kind: 'list', help, fallback: [], ...more })

export interface Io {
  in: NodeJS.ReadStream
  out: NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number }
  err: NodeJS.WritableStream
}

/** What every command is given. Expensive parts are functions, so that `--help` touches nothing. */
export interface Ctx {
  io: Io
  client(): Client
  types(): Promise<ServedTypes>
  /** For streams (exec, attach, port-forward). */
  connection(): Connection
  /** The namespace of -n or of the context; `default` where neither says one. */
  namespace: string
  /** -n was given. */
  namespaceGiven: boolean
  kubeconfig: { path: string | undefined; context: string | undefined }
  /** Where the server is, for messages. */
  server(): string
  now(): Date
  /** Aborts on Ctrl-C. */
  signal: AbortSignal
  warn(text: string): void
}

export interface Command<F extends Flags = Flags> {
  /** `get`, or `rollout status` for one below a group. */
  name: string
  /** How the arguments look in the usage line. */
  args: string
  summary: string
  examples: readonly string[]
  flags: F
  /** Words after `--` come in `rest`. */
  run(input: { args: readonly string[]; rest: readonly string[]; flags: FlagValues<F>; ctx: Ctx }): Promise<void>
}

/** Lets TypeScript infer the flags of a command. */
export function command<F extends Flags>(definition: Command<F>): Command {
  return definition as unknown as Command
}

/** A mistake in how the command was called; printed as `error: …`, exit code 1. */
export class UsageError extends Error {}

/** Ends the program with a code and without a word: the remote command's own exit code. */
export class ExitError extends Error {
  readonly code: number
  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}
