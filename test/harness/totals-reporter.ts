/** A reporter of node:test that writes only what a summary over several runs needs, as one JSON line: counts, the time of each file, what failed. */
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

export interface ReporterEvent {
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
    // A summary without a file is that of the whole run.
    if (data.file !== undefined) found.files.push({ file: data.file, durationMs: data.duration_ms ?? 0 })
    else yield `${JSON.stringify({ ...found, counts: data.counts ?? {} } satisfies Totals)}\n`
  }
}
