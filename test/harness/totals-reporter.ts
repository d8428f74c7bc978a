/**
 * A reporter of node:test, beside the usual one, that writes only what a summary over several runs needs, as one JSON line: counts, the time of each
 * file, what failed. On stdout it says when a file that took long has ended.
 */
import { relative } from 'node:path'

export interface Counts {
  tests: number
  suites: number
  passed: number
  failed: number
  cancelled: number
  skipped: number
  todo: number
}

export interface Totals {
  counts: Partial<Counts>
  files: { file: string; durationMs: number }[]
  /** Where each failed test is and what it is called, within which other. */
  failures: string[]
}

interface ReporterEvent {
  type: string
  data: {
    file?: string
    line?: number
    name?: string
    /** Name of the test or suite that it is a part of. */
    classname?: string
    details?: { error?: { failureType?: string } }
    counts?: Partial<Counts> & { topLevel?: number }
    duration_ms?: number
  }
}

const worthALineMs = 5000

/** What fails or is given up only as another test did. */
const consequences: readonly (string | undefined)[] = ['subtestsFailed', 'cancelledByParent']

function nameOf({ file = '', line, name = '', classname }: ReporterEvent['data']): string {
  const where = line === undefined ? file : `${file}:${line}`
  return `${where}  ${classname === undefined ? '' : `${classname} > `}${name}`
}

export default async function* totals(events: AsyncIterable<ReporterEvent>): AsyncGenerator<string> {
  const found: Totals = { counts: {}, files: [], failures: [] }
  for await (const { type, data } of events) {
    if (type === 'test:fail' && !consequences.includes(data.details?.error?.failureType)) found.failures.push(nameOf(data))
    if (type !== 'test:summary') continue
    const { file, counts = {}, duration_ms: durationMs = 0 } = data
    // A summary without a file is that of the whole run.
    if (file === undefined) yield `${JSON.stringify({ ...found, counts } satisfies Totals)}\n`
    else {
      found.files.push({ file, durationMs })
      const line = `── ${relative(process.cwd(), file)}: ${counts.tests} tests, ${(durationMs / 1000).toFixed(1)} s\n`
      if (durationMs >= worthALineMs) process.stdout.write(line)
    }
  }
}
