/** One line of a container's log in either format: Docker's json-file and upstream's own (CRI). Pure. */

export interface LogEntry {
  /** RFC 3339 as in the file. */
  time: string
  stream: string
  /** With its newline, unless it is the first part of a longer line. */
  text: string
}

/** Undefined for what is no entry, such as a line that a crash cut. */
export function parseDockerLine(line: string): LogEntry | undefined {
  try {
    const { log, stream, time } = JSON.parse(line) as { log?: unknown; stream?: unknown; time?: unknown }
    if (typeof time !== 'string') return undefined
    return { time, stream: typeof stream === 'string' ? stream : '', text: typeof log === 'string' ? log : '' }
  } catch {
    return undefined
  }
}

/** `2016-10-06T00:17:09.669794202Z stdout F text`; P instead of F marks a part whose line goes on. */
export function parseCriLine(line: string): LogEntry | undefined {
  const match = /^(\S+) (stdout|stderr) ([^ ]+) ?([\s\S]*)$/.exec(line)
  if (match === null) return undefined
  const [, time = '', stream = '', tags = '', text = ''] = match
  return { time, stream, text: tags.split(':')[0] === 'P' ? text : `${text}\n` }
}

export function criLine({ time, stream, text }: LogEntry): string {
  return text.endsWith('\n') ? `${fixedTime(time)} ${stream} F ${text}` : `${fixedTime(time)} ${stream} P ${text}\n`
}

/** The time with nine digits of fraction in UTC, as `kubectl logs --timestamps` prints it. */
export function fixedTime(time: string): string {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(time)
  if (match === null) return time
  const [, seconds = '', fraction = '', zone = 'Z'] = match
  const nanos = fraction.padEnd(9, '0')
  return zone === 'Z' ? `${seconds}.${nanos}Z` : `${new Date(`${seconds}${zone}`).toISOString().slice(0, 19)}.${nanos}Z`
}
