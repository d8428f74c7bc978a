/** Structured logs of all daemons, through pino. Messages are constant lower-case strings; what varies goes into the fields. */
import pino from 'pino'

export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Logger
}

export interface LoggingOptions {
  name: string
  /** klog's verbosity: 0 and 1 are info, 2 and more debug. */
  verbosity: number
  format: 'text' | 'json'
  destination?: { write(line: string): void }
}

const levelNames: Readonly<Record<number, string>> = { 10: 'T', 20: 'D', 30: 'I', 40: 'W', 50: 'E', 60: 'F' }

/** One line in klog's manner: `I 2026-11-21T15:04:05.678Z kubelet "message" key=value`. Exported for tests. */
export function textLine(record: Readonly<Record<string, unknown>>): string {
  const { level, time, name, msg, ...fields } = record
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${printed(value)}`)
  return `${levelNames[Number(level)] ?? 'I'} ${new Date(Number(time)).toISOString()} ${String(name)} ${JSON.stringify(msg)}${pairs.length > 0 ? ` ${pairs.join(' ')}` : ''}\n`
}

function printed(value: unknown): string {
  if (value !== null && typeof value === 'object' && 'stack' in value && 'message' in value) return JSON.stringify(value.message)
  return JSON.stringify(value) ?? 'undefined'
}

/** Errors here often repeat the message of what caused them; pino would append it once more for each cause. */
function told(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  let message = error.message
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    if (!message.includes(cause.message)) message += `: ${cause.message}`
  return { ...pino.stdSerializers.err(error), message }
}

export function createLogger(options: LoggingOptions): Logger {
  const sink = options.destination ?? pino.destination({ fd: 2, sync: true })
  const destination =
    options.format === 'json' ? sink : { write: (line: string) => void sink.write(textLine(JSON.parse(line) as Record<string, unknown>)) }
  return pino(
    {
      name: options.name,
      level: options.verbosity >= 2 ? 'debug' : 'info',
      base: { name: options.name },
      serializers: { error: told },
    },
    destination,
  )
}
